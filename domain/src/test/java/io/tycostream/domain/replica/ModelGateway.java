package io.tycostream.domain.replica;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A naive gateway for one client: what it says waits in a queue until somebody delivers it. It
 * fails when it is asked for what already stands.
 */
final class ModelGateway {

  private final Choices choices;
  private final boolean sessions;
  private final Map<String, ScriptedFeed> sources = new HashMap<>();
  private final Map<String, Integer> standing = new LinkedHashMap<>();

  /** Brought back from the session, and not yet heard of: to be replaced without a word. */
  private final Set<String> restored = new HashSet<>();

  private final Set<String> session = new HashSet<>();
  private Optional<String> token = Optional.empty();
  private final List<ServerMessage> queue = new ArrayList<>();
  private int feeds;
  private int tokens;
  private boolean calm;
  private boolean greeted;

  ModelGateway(Choices choices, boolean sessions) {
    this.choices = choices;
    this.sessions = sessions;
  }

  /** From now on it refuses nothing and forgets nothing. */
  void calm() {
    calm = true;
  }

  void source(String name, ScriptedFeed feed) {
    sources.put(name, feed);
  }

  /** What waits to be delivered, in order. */
  List<ServerMessage> queue() {
    return queue;
  }

  Set<String> standing() {
    return Set.copyOf(standing.keySet());
  }

  /** The socket is gone; the session stays for a while. */
  void cut() {
    if (!greeted) {
      return;
    }
    greeted = false;
    session.clear();
    session.addAll(standing.keySet());
    standing.clear();
    restored.clear();
    queue.clear();
    if (!calm && choices.oneIn(4)) {
      token = Optional.empty();
    }
  }

  void forgetSession() {
    token = Optional.empty();
  }

  void receive(ClientMessage message) {
    switch (message) {
      case ClientMessage.Hello hello -> welcome(hello);
      case ClientMessage.Subscribe subscribe -> subscribe(subscribe);
      case ClientMessage.Unsubscribe unsubscribe -> unsubscribe(unsubscribe.ref().orElseThrow());
      case ClientMessage.Ping ping -> queue.add(new ServerMessage.Pong(ping.nonce()));
      case ClientMessage.Ack ack -> {}
    }
  }

  /** Something happens at the source of a subscription that stands. */
  void work() {
    if (standing.isEmpty()) {
      return;
    }
    ScriptedFeed feed = named(choices.of(List.copyOf(standing.keySet())));
    queue.addAll(calm ? feed.plain() : feed.next());
    if (choices.oneIn(2) || calm) {
      queue.add(feed.progress());
    }
  }

  /** Something changes at every source, and is told. */
  void change() {
    for (String ref : standing.keySet()) {
      ScriptedFeed feed = named(ref);
      feed.change();
      queue.addAll(feed.plain());
    }
  }

  private void welcome(ClientMessage.Hello hello) {
    greeted = true;
    feeds = choices.below(3); // numbers of another connection come again
    boolean resumed = hello.resume().isPresent() && hello.resume().equals(token);
    token = sessions ? Optional.of("T" + tokens++) : Optional.empty();
    queue.add(
        new Welcome(
            "s",
            token,
            resumed,
            Duration.ofSeconds(15),
            Duration.ofMinutes(5),
            "n",
            new Limits(1, 1, 1, 1)));
    if (resumed) {
      for (String ref : session) {
        restored.add(ref);
        begin(ref, Optional.ofNullable(hello.positions().get(ref)));
      }
    }
  }

  private void subscribe(ClientMessage.Subscribe wanted) {
    String ref = wanted.ref();
    if (restored.remove(ref)) {
      int feed = standing.remove(ref);
      queue.removeIf(message -> feedOf(message) == feed);
    }
    if (standing.containsKey(ref)) {
      throw new AssertionError("duplicate-ref " + ref);
    }
    if (!calm && choices.oneIn(8)) {
      queue.add(refusal(ref, ErrorCode.SOURCE_NOT_READY));
    } else if (!calm && wanted.after().isPresent() && choices.oneIn(16)) {
      queue.add(refusal(ref, ErrorCode.BAD_POSITION));
    } else {
      begin(ref, wanted.after());
    }
  }

  private void begin(String ref, Optional<String> after) {
    int feed = ++feeds;
    standing.put(ref, feed);
    ScriptedFeed source = named(ref);
    queue.addAll(source.subscribe(after, !calm && choices.oneIn(4)));
    queue.add(source.progress());
  }

  private void unsubscribe(String ref) {
    Integer feed = standing.remove(ref);
    restored.remove(ref);
    queue.add(
        feed == null
            ? refusal(ref, ErrorCode.UNKNOWN_FEED)
            : new Unsubscribed(ref, OptionalInt.of(feed), Optional.empty()));
  }

  private ScriptedFeed named(String ref) {
    ScriptedFeed feed = sources.get(ref);
    if (feed == null) {
      throw new AssertionError("no source for " + ref);
    }
    feed.named(ref, standing.getOrDefault(ref, -1));
    return feed;
  }

  private static Refused refusal(String ref, ErrorCode code) {
    return new Refused(Optional.of(ref), OptionalInt.empty(), code.wire(), "no", code.retryable());
  }

  private static int feedOf(ServerMessage message) {
    return switch (message) {
      case Subscribed m -> m.feed();
      case ServerMessage.SnapshotPart m -> m.feed();
      case ServerMessage.BatchPart m -> m.feed();
      case ServerMessage.Progress m -> m.feed();
      case ServerMessage.Gap m -> m.feed();
      default -> -1;
    };
  }
}
