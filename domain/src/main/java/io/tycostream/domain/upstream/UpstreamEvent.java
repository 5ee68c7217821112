package io.tycostream.domain.upstream;

/** What happened to the connection to a database. */
public sealed interface UpstreamEvent {

  /** The gateway wants the database to be followed. */
  record Started() implements UpstreamEvent {}

  /** The stream that is being opened started to read all rows. */
  record SnapshotStarted() implements UpstreamEvent {}

  /** The stream stands: rows flow from now on. */
  record StreamOpened() implements UpstreamEvent {}

  /** A sign of life from the stream itself. */
  record Heard() implements UpstreamEvent {}

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
