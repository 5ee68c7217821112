package io.tycostream.client;

import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.replica.Outcome;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All subscriptions of a client: which feed of the present connection is whose, and which ones the
 * gateway refused for now. Owned by the client's own thread.
 */
final class Subscriptions {

  private static final System.Logger LOG = System.getLogger(Subscriptions.class.getName());

  /** When to subscribe again after how many refusals. */
  private record Retry(int refusals, Instant at) {}

  private final Backoff backoff;
  private final Consumer<ClientMessage> out;
  private final Map<String, LiveSubscription> byRef = new LinkedHashMap<>();
  private final Map<Integer, LiveSubscription> byFeed = new HashMap<>();
  private final Map<String, Retry> retries = new HashMap<>();

  /**
   * @param out sends when there is a connection, and does nothing otherwise
   */
  Subscriptions(Backoff backoff, Consumer<ClientMessage> out) {
    this.backoff = backoff;
    this.out = out;
  }

  void add(LiveSubscription subscription) {
    byRef.put(subscription.ref(), subscription);
    subscribe(subscription);
  }

  void remove(LiveSubscription subscription) {
    if (byRef.containsKey(subscription.ref())) {
      forget(subscription);
      out.accept(
          new ClientMessage.Unsubscribe(Optional.of(subscription.ref()), OptionalInt.empty()));
    }
  }

  /** Subscribes everything on a new connection, each from where it is. */
  void greet() {
    byFeed.clear();
    retries.clear();
    byRef.values().forEach(this::subscribe);
  }

  /** Ends all of them. */
  void end(String reason) {
    List<LiveSubscription> all = List.copyOf(byRef.values());
    byRef.clear();
    byFeed.clear();
    all.forEach(subscription -> subscription.end(reason));
  }

  /** When {@link #retry} is due. */
  Optional<Instant> deadline() {
    return retries.isEmpty()
        ? Optional.empty()
        : retries.values().stream().map(Retry::at).min(Instant::compareTo);
  }

  /** Subscribes again what was refused long enough ago. */
  void retry(Instant now) {
    for (Map.Entry<String, Retry> each : retries.entrySet()) {
      LiveSubscription subscription = byRef.get(each.getKey());
      Retry retry = each.getValue();
      if (subscription != null && !now.isBefore(retry.at())) {
        // Until its answer has come it is not due again.
        each.setValue(new Retry(retry.refusals(), Instant.MAX));
        subscribe(subscription);
      }
    }
  }

  /** A message of a feed could not be read. */
  void suspect(int feed) {
    LiveSubscription subscription = byFeed.get(feed);
    if (subscription != null) {
      subscription.suspect(false);
    }
  }

  /**
   * Takes a message about a subscription.
   *
   * @param chance in [0, 1), for the wait after a refusal
   * @return why the connection cannot be trusted any more
   */
  Optional<String> take(ServerMessage message, Instant now, double chance) {
    switch (message) {
      case Subscribed m -> {
        LiveSubscription subscription = byRef.get(m.ref());
        if (subscription != null) {
          byFeed.values().remove(subscription);
          byFeed.put(m.feed(), subscription);
          retries.remove(m.ref());
          return apply(subscription, m);
        }
      }
      case ServerMessage.SnapshotPart m -> {
        return apply(byFeed.get(m.feed()), m);
      }
      case ServerMessage.BatchPart m -> {
        return apply(byFeed.get(m.feed()), m);
      }
      case ServerMessage.Progress m -> {
        return apply(byFeed.get(m.feed()), m);
      }
      case ServerMessage.Gap m -> {
        return apply(byFeed.get(m.feed()), m);
      }
      case ServerMessage.SourceStatus m ->
          find(m.ref(), m.feed()).ifPresent(s -> s.tell(SubscriptionListener::onSourceState, m));
      case ServerMessage.Pressure m ->
          find(Optional.empty(), OptionalInt.of(m.feed()))
              .ifPresent(s -> s.tell(SubscriptionListener::onPressure, m));
      case ServerMessage.Unsubscribed m ->
          find(Optional.of(m.ref()), m.feed())
              .ifPresent(s -> end(s, m.reason().orElse("the gateway ended the subscription")));
      case Refused m -> refused(m, now, chance);
      case ServerMessage.Welcome m -> {}
      case ServerMessage.Pong m -> {}
      case ServerMessage.Bye m -> {}
    }
    return Optional.empty();
  }

  private Optional<String> apply(@Nullable LiveSubscription subscription, ServerMessage message) {
    if (subscription == null) {
      return Optional.empty(); // closed by the program, and the gateway does not know it yet
    }
    return switch (subscription.take(message)) {
      case Outcome.Broken(String reason, boolean rowsWrong) ->
          Optional.of("subscription to " + subscription.source() + ": " + reason);
      case Outcome.Unusable(String reason) -> {
        remove(subscription);
        subscription.end(reason);
        yield Optional.empty();
      }
      case Outcome.Staged staged -> Optional.empty();
      case Outcome.Replaced replaced -> Optional.empty();
      case Outcome.Applied applied -> Optional.empty();
      case Outcome.Advanced advanced -> Optional.empty();
    };
  }

  private void refused(Refused refusal, Instant now, double chance) {
    LiveSubscription subscription = refusal.ref().map(byRef::get).orElse(null);
    if (subscription == null) {
      LOG.log(Level.WARNING, "the gateway refused a request: " + describe(refusal));
      return;
    }
    if (refusal.code().equals(ErrorCode.BAD_POSITION.wire())
        && subscription.position().isPresent()) {
      LOG.log(Level.WARNING, "beginning with a snapshot again: " + describe(refusal));
      subscription.forgetPosition();
      subscribe(subscription);
      return;
    }
    subscription.tell(SubscriptionListener::onError, refusal);
    if (refusal.retryable()) {
      Retry last = retries.get(subscription.ref());
      int refusals = last == null ? 0 : last.refusals();
      retries.put(
          subscription.ref(), new Retry(refusals + 1, now.plus(backoff.delay(refusals, chance))));
    } else {
      end(subscription, describe(refusal));
    }
  }

  private void end(LiveSubscription subscription, String reason) {
    forget(subscription);
    subscription.end(reason);
  }

  private void forget(LiveSubscription subscription) {
    byRef.remove(subscription.ref());
    byFeed.values().remove(subscription);
    retries.remove(subscription.ref());
  }

  private void subscribe(LiveSubscription subscription) {
    out.accept(
        new ClientMessage.Subscribe(
            subscription.ref(), subscription.source(), subscription.position()));
  }

  private Optional<LiveSubscription> find(Optional<String> ref, OptionalInt feed) {
    LiveSubscription found = feed.isPresent() ? byFeed.get(feed.getAsInt()) : null;
    return Optional.ofNullable(found).or(() -> ref.map(byRef::get));
  }

  private static String describe(Refused refusal) {
    return refusal.message() + " (" + refusal.code() + ")";
  }
}
