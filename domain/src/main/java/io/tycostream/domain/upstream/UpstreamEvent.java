package io.tycostream.domain.upstream;

import java.util.Optional;

/** What happened to the connection to a database. */
public sealed interface UpstreamEvent {

  /** The gateway wants the database to be followed. */
  record Started() implements UpstreamEvent {}

  /** The stream that is being opened started to read all rows. */
  record SnapshotStarted() implements UpstreamEvent {}

  /**
   * The stream goes on behind what was complete, and has yet to tell what happened until it was
   * opened.
   */
  record CatchUpStarted() implements UpstreamEvent {}

  /** More of the snapshot was read, or more of what there is to catch up with. */
  record OpeningProgressed() implements UpstreamEvent {}

  /** The stream has come to where the database was when it was opened: rows flow from now on. */
  record StreamOpened() implements UpstreamEvent {}

  /** A sign of life from the stream itself; the database's time may stand still. */
  record Heard() implements UpstreamEvent {}

  /** A sign of life from the stream itself, with which the database's time moved on. */
  record FrontierMoved() implements UpstreamEvent {}

  /**
   * The stream tells nothing, and the database itself says that it does not get on: its time stands
   * still where the stream is. That explains the silence, for as long again as the stream may be
   * silent; it is no sign of life, and no stall before it has lasted.
   */
  record FrontierStoodStill() implements UpstreamEvent {}

  /**
   * An endpoint was looked at.
   *
   * @param endpoint its index
   * @param present its history and how far it is; nothing when it cannot be followed
   * @param complete what we have; nothing before the first snapshot
   */
  record EndpointProbed(int endpoint, Optional<Checkpoint> present, Optional<Checkpoint> complete)
      implements UpstreamEvent {

    /** Whether we could go on there without a break: the same history, and not behind us. */
    boolean isHealthy() {
      return present
          .filter(there -> complete.filter(ours -> there.reaches(ours)).isPresent())
          .isPresent();
    }
  }

  /**
   * The stream broke, or could not be opened.
   *
   * @param chance in [0, 1), for the jitter of the wait
   */
  record StreamFailed(Failure failure, double chance) implements UpstreamEvent {}

  /**
   * The state's deadline may have come.
   *
   * @param chance in [0, 1), for the jitter of the wait
   */
  record DeadlineReached(double chance) implements UpstreamEvent {}

  /** Somebody asks to try a failed connection again now. */
  record RetryRequested() implements UpstreamEvent {}

  /** The gateway does not want the database to be followed any more. */
  record StopRequested() implements UpstreamEvent {}
}
