package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.log.ChangeLog;
import java.time.Instant;

/**
 * A source for as long as its columns and key stay the same: clients go on with their rows through
 * anything that happens within it, and begin anew with the next one.
 */
public final class Generation {

  private final Relation shape;
  private final ChangeLog log;
  private volatile Progress progress;

  /**
   * How far the source is complete.
   *
   * @param index of the last entry that is included
   * @param at when the gateway knew
   */
  public record Progress(long index, Position position, Instant at) {}

  Generation(Relation shape, Position start, SourceLimits limits, Instant now) {
    this.shape = shape;
    this.log = new ChangeLog(limits.history(), start);
    this.progress = new Progress(0, start, now);
  }

  /** Its columns and key. The identity is the one that it began with. */
  public Relation shape() {
    return shape;
  }

  public ChangeLog log() {
    return log;
  }

  public Progress progress() {
    return progress;
  }

  void advance(Position position, Instant now) {
    progress = new Progress(log.head(), position, now);
  }
}
