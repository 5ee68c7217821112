package io.tycostream.client;

import java.lang.System.Logger.Level;

/**
 * What happens to a subscription, told in order, one call at a time, by a thread of its own.
 *
 * <p>A method may block: the client goes on, keeps its connection alive and its rows right, and
 * what comes meanwhile waits, up to the client's bound; behind that the gateway sees a slow client.
 * What a method throws is logged, and the batch counts as delivered; that of a {@linkplain
 * TableQuery#durable durable} subscription is told again until it is taken.
 */
public interface SubscriptionListener {

  /** All rows are new, at the beginning or because changes could not be told one by one. */
  default void onSnapshot(Subscription subscription, TableState state) {}

  /** Rows changed. */
  default void onBatch(Subscription subscription, TableBatch batch) {}

  /** Nothing else changed up to here; about once a second, and when it has caught up. */
  default void onProgress(Subscription subscription, String position) {}

  /** Single changes are not going to be told; what follows makes the rows right again. */
  default void onGap(Subscription subscription, Gap gap) {}

  /** How the gateway's own connection to the database stands. */
  default void onSourceState(Subscription subscription, SourceState state) {}

  /**
   * The client's connection stands like this now: at first as it is when the subscription begins,
   * then each change, but for the end that the program itself makes with {@code close}. Meanwhile
   * the rows stay as they are.
   */
  default void onConnectionState(Subscription subscription, ConnectionState state) {}

  /** The client is falling behind at this subscription, or has caught up. */
  default void onPressure(Subscription subscription, Pressure pressure) {}

  /**
   * The gateway refused to subscribe: the source is unknown, another subscription of the client
   * follows the same, and so on. A retryable refusal is tried again by itself; behind any other one
   * {@link #onEnded} is called. A listener that does not care has it in the log, as a warning.
   */
  default void onError(Subscription subscription, Refusal refusal) {
    System.getLogger(SubscriptionListener.class.getName())
        .log(
            Level.WARNING,
            "the gateway refused to follow " + subscription.source() + ": " + refusal.message());
  }

  /**
   * The subscription has ended, and not because the program closed it or its client: it was refused
   * for good, the gateway ended it, or the client was not let back. A listener that does not care
   * has it in the log, as a warning.
   */
  default void onEnded(Subscription subscription, String reason) {
    System.getLogger(SubscriptionListener.class.getName())
        .log(Level.WARNING, subscription.source() + " is not followed any more: " + reason);
  }
}
