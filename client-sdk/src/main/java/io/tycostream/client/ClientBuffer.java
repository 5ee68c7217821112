package io.tycostream.client;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How many row changes may wait in the gateway for a program that takes less than there is, and
 * what becomes of what is more. Immutable: each method gives another one.
 *
 * <p>Of a {@linkplain TycostreamClient.Builder#buffer client} it is for all that it follows, of a
 * {@linkplain TableQuery#buffer query} for one subscription, and only narrows the client's: a
 * smaller size, a shorter age, a coarser sample. Whatever a policy drops is told as a {@link Gap},
 * with how much it was; the rows of a subscription that has some are right all the same.
 *
 * <p>The gateway refuses what goes beyond its limits, and a policy that does not go with what is
 * followed: {@link SubscriptionListener#onError}, {@link SubscriptionListener#onEnded}.
 */
public final class ClientBuffer {

  private final BufferRequest request;

  private ClientBuffer(BufferRequest request) {
    this.request = request;
  }

  private static ClientBuffer of(DropPolicy policy, Optional<Duration> maxAge, OptionalInt sample) {
    return new ClientBuffer(
        new BufferRequest(
            OptionalLong.empty(),
            Optional.of(policy),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            maxAge,
            sample));
  }

  private static ClientBuffer of(DropPolicy policy) {
    return of(policy, Optional.empty(), OptionalInt.empty());
  }

  /**
   * The oldest give way until half of the buffer is left: rows are told their net change, events
   * are lost. What a gateway does when it is told nothing else.
   */
  public static ClientBuffer dropOldest() {
    return of(DropPolicy.DROP_OLDEST);
  }

  /** What waits is delivered, and what came since is lost up to the newest. For events only. */
  public static ClientBuffer dropNewest() {
    return of(DropPolicy.DROP_NEWEST);
  }

  /**
   * What waits is merged by key as soon as it is more than one batch, which is no loss and makes no
   * gap. Not for events.
   */
  public static ClientBuffer conflate() {
    return of(DropPolicy.CONFLATE);
  }

  /**
   * What has waited for longer gives way, and what is over the size.
   *
   * @param maxAge whole milliseconds; at most ten minutes, and the client's where that is of this
   *     policy
   * @throws IllegalArgumentException unless it is at least a millisecond
   */
  public static ClientBuffer byAge(Duration maxAge) {
    if (maxAge.toMillis() < 1) {
      throw new IllegalArgumentException("an age is at least a millisecond, not " + maxAge);
    }
    return of(DropPolicy.BY_AGE, Optional.of(maxAge), OptionalInt.empty());
  }

  /**
   * Of a client: what it follows with the lowest {@linkplain TableQuery#priority priority} gives
   * way first.
   */
  public static ClientBuffer byPriority() {
    return of(DropPolicy.BY_PRIORITY);
  }

  /**
   * From a full buffer one batch of so many is delivered, until half of it is free. For events
   * only.
   *
   * @throws IllegalArgumentException unless it is at least 1
   */
  public static ClientBuffer sample(int oneOf) {
    if (oneOf < 1) {
      throw new IllegalArgumentException("a sample is one of at least 1, not of " + oneOf);
    }
    return of(DropPolicy.SAMPLE, Optional.empty(), OptionalInt.of(oneOf));
  }

  /**
   * With room for so many row changes; 16,600 unless the gateway is configured otherwise. A batch
   * that alone is larger is delivered.
   *
   * @throws IllegalArgumentException unless it is at least 1
   */
  public ClientBuffer maxSize(long changes) {
    if (changes < 1) {
      throw new IllegalArgumentException("a buffer has room for at least 1 change: " + changes);
    }
    return withSize(changes);
  }

  /** With room for as much as the gateway has history of. */
  public ClientBuffer asLargeAsTheHistory() {
    return withSize(Buffer.AUTO);
  }

  private ClientBuffer withSize(long size) {
    return new ClientBuffer(
        new BufferRequest(
            OptionalLong.of(size),
            request.dropPolicy(),
            request.warnThreshold(),
            request.disconnectThreshold(),
            request.maxAge(),
            request.sample()));
  }

  BufferRequest request() {
    return request;
  }
}
