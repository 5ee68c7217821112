package io.tycostream.client;

import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Pressure;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.SourceStatus;

/**
 * What happens to a subscription, told in order by the client's own thread.
 *
 * <p>A method may block: its client then reads no further than a bound, and the gateway sees a slow
 * client. What it throws is logged and changes nothing: the batch counts as delivered.
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
  default void onSourceState(Subscription subscription, SourceStatus status) {}

  /** The client is falling behind at this subscription, or has caught up. */
  default void onPressure(Subscription subscription, Pressure pressure) {}

  /**
   * The gateway refused to subscribe. A retryable refusal is tried again by itself; any other one
   * ended the subscription.
   */
  default void onError(Subscription subscription, Refused error) {}

  /** The subscription has ended, and not because the program closed it or its client. */
  default void onEnded(Subscription subscription, String reason) {}
}
