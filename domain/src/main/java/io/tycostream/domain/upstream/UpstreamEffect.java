package io.tycostream.domain.upstream;

import java.time.Instant;

/** What is to be done about the connection to a database. */
public sealed interface UpstreamEffect {

  /**
   * Open a stream.
   *
   * @param fresh with a snapshot; else from where the last one ended
   */
  record OpenStream(boolean fresh) implements UpstreamEffect {}

  /** Close the stream there is. */
  record CloseStream() implements UpstreamEffect {}

  /** Tell the operator that the database is away for long. */
  record RaiseAlert(Instant downSince) implements UpstreamEffect {}

  /** Tell the operator that it is back after an alert. */
  record ClearAlert(Instant downSince) implements UpstreamEffect {}
}
