package io.tycostream.adapters.ws;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.session.BufferTerms;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.SessionLimits;
import io.tycostream.domain.session.SessionSettings;
import io.tycostream.domain.session.WaitingRoom;
import java.time.Duration;

/**
 * What clients may do, and how long is waited for them.
 *
 * @param maxConnections open at the same time; as many sessions may be without a connection
 * @param maxSubscriptions on one connection
 * @param maxRequest bytes of a message from a client
 * @param maxMessage bytes of a message to a client; only a single row may exceed it
 * @param requestsPerSecond on one connection, in the long run; acks are free
 * @param maxWaiting subscriptions of all connections that wait for sources which have no rows yet
 * @param requestPatience how long a subscription waits for a source that is not ready
 * @param buffers what may wait for a connection, and what it may ask for
 * @param sustainedFor how long a socket may take too little for a full buffer
 * @param times how long is waited for clients, and how long sessions outlive connections
 */
public record ClientLimits(
    int maxConnections,
    int maxSubscriptions,
    int maxRequest,
    int maxMessage,
    int requestsPerSecond,
    int maxWaiting,
    Duration requestPatience,
    BufferTerms buffers,
    Duration sustainedFor,
    SessionSettings times) {

  /** The defaults of the configuration. */
  public static final ClientLimits DEFAULT =
      new ClientLimits(
          10_000,
          100,
          64 << 10,
          256 << 10,
          50,
          1_000,
          Duration.ofSeconds(30),
          new BufferTerms(Buffer.DEFAULT, 1_000_000, Duration.ofMinutes(10)),
          Duration.ofSeconds(30),
          SessionSettings.DEFAULT);

  /** Requests at once that a client may have pipelined behind its subscriptions. */
  private static final int BURST_BESIDES_SUBSCRIPTIONS = 50;

  /** 1 MiB: ten KiB for each of 100 subscriptions, where one with a filter or two takes one. */
  private static final long MAX_DEFINITION_BYTES = 1 << 20;

  /** When a client that found the gateway full comes back. */
  private static final Duration FULL_RETRY = Duration.ofSeconds(5);

  /** So many requests may come at once after a silence. */
  int requestBurst() {
    return maxSubscriptions + BURST_BESIDES_SUBSCRIPTIONS;
  }

  SessionLimits sessions() {
    return new SessionLimits(
        maxConnections,
        maxConnections,
        SessionLimits.MAX_DETACHED_BYTES,
        maxSubscriptions,
        FULL_RETRY);
  }

  Conversation.Limits conversation(WaitingRoom room) {
    return new Conversation.Limits(
        maxSubscriptions, MAX_DEFINITION_BYTES, room, requestPatience, buffers, sustainedFor);
  }
}
