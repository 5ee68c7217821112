package io.tycostream.app.upstream;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.Margin;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Watches one stream of a database. Told by the stream's driver; any thread may ask. */
public final class StreamWatch implements UpstreamObserver {

  private final String database;
  private final ChangeSource changes;
  private final InstantSource clock;
  private volatile Seen seen;

  /**
   * @param database its name in the configuration
   */
  public StreamWatch(String database, ChangeSource changes, InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.clock = clock;
    this.seen = Seen.nothing(Endpoints.of(changes.endpoints()));
  }

  /** The name of the database; several streams may be of the same one. */
  public String database() {
    return database;
  }

  public Seen seen() {
    return seen;
  }

  /** See {@link ChangeSource#margin}. */
  public Optional<Margin> margin() {
    return changes.margin();
  }

  /** See {@link ChangeSource#moment}. */
  Optional<Instant> moment(long time) {
    return changes.moment(time);
  }

  @Override
  public void stepped(
      String stream,
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step) {
    seen = seen.after(from, event, step, clock.instant());
  }

  @Override
  public void sourceFailed(String stream, String source, Failure failure) {
    seen = seen.afterSourceFailed(failure.kind());
  }
}
