package io.tycostream.domain.upstream;

import java.time.Instant;

/** What is to be done about the connection to a database. */
public sealed interface UpstreamEffect {

  /**
   * Open a stream.
   *
   * @param endpoint the index of the server
   * @param fresh with a snapshot; else from where the last one ended
   */
  record OpenStream(int endpoint, boolean fresh) implements UpstreamEffect {}

  /** Give up the stream that is being opened; whatever comes of it later is not told. */
  record AbortOpening() implements UpstreamEffect {}

  /** Close the stream there is. */
  record CloseStream() implements UpstreamEffect {}

  /**
   * Look how an endpoint is, and tell it with {@link UpstreamEvent.EndpointProbed}.
   *
   * @param endpoint its index
   */
  record ProbeEndpoint(int endpoint) implements UpstreamEffect {}

  /**
   * Tell the operator that the database is away for long, or again and again.
   *
   * @param since no stream has lasted
   */
  record RaiseAlert(Instant since) implements UpstreamEffect {}

  /**
   * Tell the operator, after an alert, that a stream has lasted.
   *
   * @param since no stream had
   */
  record ClearAlert(Instant since) implements UpstreamEffect {}
}
