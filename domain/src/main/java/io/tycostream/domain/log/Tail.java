package io.tycostream.domain.log;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Relation;
import java.util.List;

/**
 * A reader's hold on what leaves a log behind one of its entries, merged: for readers who are still
 * busy with something large that lies before it, so that a slow one advances with every round
 * instead of starting over.
 *
 * <p>Shared by all who are busy with the same; kept by the log as long as one of them is. Guarded
 * as the log's writer is.
 */
public final class Tail {

  private final long from;

  /** What left behind this tail and not behind the next one. */
  private final Conflation segment;

  private int holders;
  private boolean resync;
  private boolean broken;

  Tail(Relation shape, long from) {
    this.from = from;
    this.segment = new Conflation(shape);
  }

  /** The entry that it begins behind. */
  public long from() {
    return from;
  }

  /**
   * What has left the log behind a tail.
   *
   * @param parts what follows each other, each merged for itself; none when it is broken
   * @param resync whether single changes are not known: a difference is among them
   * @param broken whether it is not known, because it grew over the log's limit
   */
  public record Net(List<List<Change>> parts, boolean resync, boolean broken) {}

  boolean resync() {
    return resync;
  }

  boolean broken() {
    return broken;
  }

  List<Change> changes() {
    return segment.changes();
  }

  void take(List<Change> changes, boolean isResync) {
    resync |= isResync;
    if (!broken) {
      segment.add(changes);
    }
  }

  void breakOff() {
    broken = true;
    segment.clear();
  }

  long bytes() {
    return segment.bytes();
  }

  void hold() {
    holders++;
  }

  /** One holder less; whether there is none left. */
  boolean letGo() {
    return --holders == 0;
  }
}
