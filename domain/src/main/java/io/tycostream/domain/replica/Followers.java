package io.tycostream.domain.replica;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The subscriptions of a client by their ref, and which feed of the present connection is whose.
 *
 * <p>What the gateway says of a ref before it has answered that ref's {@code unsubscribe} is of a
 * subscription that is over, also when the ref is in use again.
 */
final class Followers {

  private final Map<String, Follower> byRef = new LinkedHashMap<>();
  private final Map<Integer, Follower> byFeed = new HashMap<>();

  /** How many times {@code unsubscribe} was sent for a ref and not answered. */
  private final Map<String, Integer> unanswered = new HashMap<>();

  /** Refs that are over, and that the session may still have. */
  private final Set<String> departed = new LinkedHashSet<>();

  /**
   * @throws IllegalArgumentException when there is one with its ref
   */
  void add(Follower follower) {
    if (byRef.putIfAbsent(follower.ref(), follower) != null) {
      throw new IllegalArgumentException("there is a subscription " + follower.ref());
    }
  }

  Collection<Follower> all() {
    return List.copyOf(byRef.values());
  }

  Optional<Follower> of(String ref) {
    return Optional.ofNullable(byRef.get(ref));
  }

  /** The one that a message is about, unless it is about one that is over. */
  Optional<Follower> hearing(String ref) {
    return unanswered.containsKey(ref)
        ? Optional.empty()
        : of(ref).filter(f -> f.standing() == Follower.Standing.ASKED);
  }

  Optional<Follower> hearing(OptionalInt feed) {
    return feed.isPresent() ? Optional.ofNullable(byFeed.get(feed.getAsInt())) : Optional.empty();
  }

  void feed(int feed, Follower follower) {
    mute(follower);
    Follower before = byFeed.put(feed, follower);
    if (before != null) {
      before.heardOn(OptionalInt.empty());
    }
    follower.heardOn(OptionalInt.of(feed));
  }

  /** Nothing more is heard of it on its feed. */
  void mute(Follower follower) {
    follower.feed().ifPresent(byFeed::remove);
    follower.heardOn(OptionalInt.empty());
  }

  void remove(Follower follower) {
    byRef.remove(follower.ref());
    mute(follower);
  }

  /** {@code unsubscribe} is sent. */
  void unsubscribing(String ref) {
    unanswered.merge(ref, 1, Integer::sum);
  }

  /** The session may still have it. */
  void depart(String ref) {
    departed.add(ref);
  }

  /** Whether it is over, and the session may still have it. */
  boolean isDeparted(String ref) {
    return departed.contains(ref);
  }

  /** The ref is asked for again. */
  void rejoin(String ref) {
    departed.remove(ref);
  }

  /** An answer to {@code unsubscribe}; {@code false} when none is due. */
  boolean unsubscribed(String ref) {
    Integer count = unanswered.get(ref);
    if (count == null) {
      return false;
    }
    if (count > 1) {
      unanswered.put(ref, count - 1);
    } else {
      unanswered.remove(ref);
      departed.remove(ref);
    }
    return true;
  }

  boolean isUnanswered(String ref) {
    return unanswered.containsKey(ref);
  }

  /** What the session may still have, though nobody wants it. */
  List<String> departed() {
    return List.copyOf(departed);
  }

  void connectionLost(boolean sessionToo) {
    List.copyOf(byFeed.values()).forEach(this::mute);
    departed.addAll(unanswered.keySet());
    unanswered.clear();
    byRef.values().forEach(follower -> follower.connectionLost(sessionToo));
    if (sessionToo) {
      departed.clear();
    }
  }

  /** The gateway does not have the session any more. */
  void sessionLost() {
    departed.clear();
    byRef.values().forEach(Follower::dropped);
  }

  void clear() {
    byRef.clear();
    byFeed.clear();
    unanswered.clear();
    departed.clear();
  }

  /** When the first of them is to be asked again. */
  Optional<Instant> deadline() {
    return byRef.values().stream()
        .flatMap(follower -> follower.again().stream())
        .min(Instant::compareTo);
  }

  @Override
  public String toString() {
    return byRef.values() + ", unanswered " + unanswered + ", departed " + departed;
  }
}
