package io.tycostream.domain.session;

import io.tycostream.domain.feed.Definition;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The subscriptions of one connection, in the order in which they came: each by the client's name,
 * by a number of its own, and, once it has begun, by its feed.
 *
 * <p>Owned by the connection's courier.
 */
final class Subscriptions {

  private final Map<String, Subscription> byRef = new LinkedHashMap<>();
  private final Map<Integer, Subscription> byNumber = new HashMap<>();
  private final Map<Integer, Subscription> byFeed = new HashMap<>();

  /** About how much memory their definitions take. */
  private long definitionBytes;

  void add(Subscription subscription) {
    byRef.put(subscription.ref(), subscription);
    byNumber.put(subscription.number(), subscription);
    definitionBytes += subscription.wanted().bytes();
  }

  void remove(Subscription subscription) {
    byRef.remove(subscription.ref());
    byNumber.remove(subscription.number());
    subscription.feedNumber().ifPresent(byFeed::remove);
    definitionBytes -= subscription.wanted().bytes();
  }

  /** It turns out to be this feed, which nobody else of them is. */
  void follows(Subscription subscription, int feed) {
    subscription.feedNumber().ifPresent(byFeed::remove);
    subscription.follows(feed);
    byFeed.put(feed, subscription);
  }

  /** A view. */
  Collection<Subscription> all() {
    return Collections.unmodifiableCollection(byRef.values());
  }

  /** As they are now. */
  List<Subscription> copy() {
    return List.copyOf(byRef.values());
  }

  int size() {
    return byRef.size();
  }

  Optional<Subscription> of(String ref) {
    return Optional.ofNullable(byRef.get(ref));
  }

  Optional<Subscription> ofFeed(int feed) {
    return Optional.ofNullable(byFeed.get(feed));
  }

  Optional<Subscription> ofNumber(OptionalInt number) {
    return number.isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(byNumber.get(number.getAsInt()));
  }

  /** Who asked for the same in the same words; another wording of it is noticed when it begins. */
  Optional<Subscription> twin(String source, Definition definition) {
    return byRef.values().stream()
        .filter(each ->
            each.source().equals(source) && each.cursor().terms().definition().equals(definition))
        .findFirst();
  }

  /** Row changes that wait for all of them together. */
  long buffered() {
    long sum = 0;
    for (Subscription each : byRef.values()) {
      sum += each.buffered();
    }
    return sum;
  }

  /** About how much memory is kept for them alone, in bytes. */
  long bytes() {
    long sum = definitionBytes;
    for (Subscription each : byRef.values()) {
      sum += each.cursor().mergedBytes();
    }
    return sum;
  }

  long definitionBytes() {
    return definitionBytes;
  }
}
