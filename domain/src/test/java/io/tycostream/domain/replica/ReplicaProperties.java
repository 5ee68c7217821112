package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;

/**
 * A whole client against a naive gateway, with connections cut anywhere, sessions that come back or
 * do not, refusals, and messages lost, repeated and out of order.
 */
@Domain(Choices.Domain.class)
@Domain(DomainContext.Global.class)
final class ReplicaProperties {

  private static final int STEPS = 60;

  /** One client, its gateway, and the time. */
  private static final class World {

    final Choices choices;
    final ModelGateway gateway;
    final Map<String, ScriptedFeed> feeds = new HashMap<>();
    final CheckedReplica replica =
        new CheckedReplica(
            new Replica(
                ReplicaSettings.DEFAULT,
                new ClientMessage.Hello(
                    Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), true),
                2));

    /** Those of programs that keep their rows themselves, which the replica only passes on. */
    final Map<String, OwnRows> own = new HashMap<>();

    /** What the program may hand back, as late as it likes. */
    final List<Receipt> receipts = new ArrayList<>();

    final ArrayDeque<Instant> subscribes = new ArrayDeque<>();
    Instant now = Instant.EPOCH;
    boolean opening;
    int loops;
    int ended;

    World(Choices choices, boolean sessions) {
      this.choices = choices;
      this.gateway = new ModelGateway(choices, sessions);
      for (ScriptedFeed.Kind kind : ScriptedFeed.Kind.values()) {
        ScriptedFeed feed = new ScriptedFeed(choices, kind);
        feeds.put(kind.name(), feed);
        gateway.source(kind.name(), feed);
      }
      for (ScriptedFeed.Kind kind : List.of(ScriptedFeed.Kind.KEYED, ScriptedFeed.Kind.KEYLESS)) {
        String ref = "OWN " + kind;
        ScriptedFeed feed = new ScriptedFeed(choices, kind);
        feeds.put(ref, feed);
        gateway.source(ref, feed);
        own.put(ref, new OwnRows(kind == ScriptedFeed.Kind.KEYED));
      }
      tell(new ClientEvent.Started());
    }

    void tell(ClientEvent event) {
      for (ClientEffect effect : replica.on(event, now)) {
        switch (effect) {
          case ClientEffect.OpenSocket open -> opening = true;
          case ClientEffect.Send(ClientMessage message) -> {
            if (message instanceof ClientMessage.Subscribe) {
              subscribes.add(now);
            }
            gateway.receive(message);
          }
          case ClientEffect.CloseSocket close -> gone();
          case ClientEffect.AskForCredentials ask -> {}
          case ClientEffect.Tell(Told.Looping m) -> loops++;
          case ClientEffect.Tell(Told.Ended m) -> ended++;
          case ClientEffect.Tell(Told.Rows m) -> {
            ownRows(m.ref()).replace(m.rows());
            replica.receipt(m.ref()).ifPresent(receipts::add);
          }
          case ClientEffect.Tell(Told.Changes m) -> {
            ownRows(m.ref()).apply(m.changes());
            replica.receipt(m.ref()).ifPresent(receipts::add);
          }
          case ClientEffect.Tell(Told told) -> replica.receipt(told.ref()).ifPresent(receipts::add);
        }
      }
      assertRight();
    }

    void process() {
      if (!receipts.isEmpty()) {
        tell(new ClientEvent.Processed(choices.of(receipts)));
      }
    }

    OwnRows ownRows(String ref) {
      OwnRows rows = own.get(ref);
      if (rows == null) {
        throw new AssertionError("the replica keeps the rows of " + ref);
      }
      return rows;
    }

    /** The rows of a subscription, wherever they are. */
    Map<Row, Integer> rows(String ref, ReplicaTable table) {
      return own.containsKey(ref) ? ownRows(ref).counts() : CheckedReplica.counts(table);
    }

    void gone() {
      opening = false;
      gateway.cut();
    }

    void cut() {
      if (replica.hasSocket()) {
        gone();
        tell(new ClientEvent.SocketEnded(1006, "cut", choices.chance()));
      }
    }

    void open() {
      if (opening) {
        opening = false;
        tell(new ClientEvent.SocketOpened());
      }
    }

    void deliver() {
      if (replica.hasSocket() && !opening && !gateway.queue().isEmpty()) {
        tell(new ClientEvent.MessageReceived(gateway.queue().removeFirst(), choices.chance()));
      }
    }

    void deadline() {
      replica.deadline().filter(now::isBefore).ifPresent(at -> now = at);
      tell(new ClientEvent.DeadlineReached(choices.chance()));
    }

    void subscribe(String ref) {
      if (replica.table(ref).isEmpty()) {
        own.computeIfPresent(ref, (same, rows) -> new OwnRows(ref.endsWith("KEYED")));
        boolean keepsRows = !own.containsKey(ref);
        tell(new ClientEvent.SubscribeRequested(terms(ref, "DELTA".equals(ref)), keepsRows));
      }
    }

    void dismiss(int code, boolean resumable) {
      if (replica.hasSocket() && !opening) {
        if (!resumable || code == 4409) {
          gateway.forgetSession();
        }
        Optional<Duration> in =
            choices.oneIn(2)
                ? Optional.of(Duration.ofMillis(choices.below(9_000)))
                : Optional.empty();
        tell(
            new ClientEvent.MessageReceived(new Bye(code, "bye", in, resumable), choices.chance()));
      }
    }

    void assertRight() {
      for (String ref : replica.refs()) {
        replica
            .table(ref)
            .filter(table -> table.position().isPresent())
            .ifPresent(table ->
                assertEquals(
                    feed(ref).rowsAt(table.position().get()),
                    rows(ref, table),
                    () -> ref + " at " + table.position()));
      }
    }

    ScriptedFeed feed(String ref) {
      ScriptedFeed feed = feeds.get(ref);
      if (feed == null) {
        throw new AssertionError("no feed " + ref);
      }
      return feed;
    }

    /** No more faults: after a bounded time everything is where its source is. */
    void settle() {
      gateway.calm();
      for (int i = 0; i < 40; i++) {
        open();
        gateway.change();
        while (!gateway.queue().isEmpty() && replica.hasSocket() && !opening) {
          deliver();
        }
        if (i < 39) {
          deadline();
        }
      }
      for (String ref : replica.refs()) {
        assertTrue(gateway.standing().contains(ref), () -> ref + " is not followed: " + replica);
        Map<Row, Integer> rows = rows(ref, replica.table(ref).orElseThrow());
        assertEquals(feed(ref).rowsNow(), rows, ref);
      }
    }
  }

  @Property(tries = 150)
  void everyLegalStreamIsAcceptedAndAllComesRightThroughCutsAndSessions(
      @ForAll Choices choices, @ForAll boolean sessions) {
    World world = new World(choices, sessions);
    for (int i = 0; i < STEPS; i++) {
      switch (choices.below(16)) {
        case 0, 1 -> world.subscribe(choices.of(List.copyOf(world.feeds.keySet())));
        case 2 ->
            world.tell(
                new ClientEvent.UnsubscribeRequested(
                    choices.of(List.copyOf(world.feeds.keySet()))));
        case 3 -> world.cut();
        case 4 -> world.dismiss(choices.of(List.of(1001, 4408, 4409, 4429)), choices.oneIn(2));
        case 5 -> world.deadline();
        case 6, 7 -> world.gateway.work();
        case 8 -> world.now = world.now.plusMillis(choices.below(60_000));
        case 9 -> world.open();
        default -> {
          for (int n = choices.below(6); n >= 0; n--) {
            world.open();
            world.deliver();
            world.process();
          }
        }
      }
      assertEquals(0, world.ended);
      assertTrue(
          !(world.replica.state() instanceof ReplicaState.Waiting waiting)
              || !waiting.reason().startsWith("subscription to"),
          () -> "taken for illegal: " + world.replica.state());
    }
    world.settle();
  }

  @Property(tries = 150)
  void whateverIsLostOrRepeatedOrOutOfOrderNoTableIsEverWrongAndAllComesRight(
      @ForAll Choices choices, @ForAll boolean sessions) {
    World world = new World(choices, sessions);
    world.feeds.keySet().forEach(world::subscribe);
    for (int i = 0; i < STEPS; i++) {
      switch (choices.below(10)) {
        case 0 -> maim(world.gateway.queue(), choices);
        case 1 -> world.cut();
        case 2 -> world.deadline();
        case 3, 4 -> world.gateway.work();
        case 5 ->
            world.tell(
                new ClientEvent.GarbageReceived(
                    "noise", OptionalInt.of(choices.below(9)), choices.chance()));
        default -> {
          for (int n = choices.below(6); n >= 0; n--) {
            world.open();
            world.deliver();
          }
        }
      }
    }
    world.settle();
  }

  /** Loses, repeats or misplaces one part of what waits, and all progress, which has no seq. */
  private static void maim(List<ServerMessage> queue, Choices choices) {
    queue.removeIf(ServerMessage.Progress.class::isInstance);
    if (queue.isEmpty()) {
      return;
    }
    int at = choices.below(queue.size());
    // A lost part 0 or two snapshots run into each other are a mixture that nobody could tell.
    boolean part =
        queue.get(at) instanceof BatchPart
            || (queue.get(at) instanceof SnapshotPart snapshot && snapshot.part() > 0);
    if (!part) {
      return;
    }
    switch (choices.below(3)) {
      case 0 -> queue.remove(at);
      case 1 -> queue.add(at, queue.get(at));
      default -> {
        if (at > 0 && !(queue.get(at - 1) instanceof SnapshotPart)) {
          queue.add(at - 1, queue.remove(at));
        }
      }
    }
  }

  @Property(tries = 30)
  void aGatewayThatAlwaysExpiresIsNotHammered(@ForAll Choices choices, @ForAll boolean cuts) {
    World world = new World(choices, false);
    world.gateway.calm();
    world.subscribe("KEYED");
    int most = 0;
    for (int i = 0; i < 300; i++) {
      world.open();
      while (!world.gateway.queue().isEmpty() && world.replica.hasSocket() && !world.opening) {
        ServerMessage message = world.gateway.queue().getFirst();
        // Whatever it has, it is answered with a snapshot.
        if (message instanceof ServerMessage.Subscribed subscribed
            && subscribed.start() != ServerMessage.Start.SNAPSHOT) {
          world.gateway.queue().clear();
          ScriptedFeed feed = world.feed("KEYED");
          feed.named("KEYED", subscribed.feed());
          world.gateway.queue().addAll(feed.subscribe(Optional.of("e.0.p"), true));
          continue;
        }
        world.deliver();
      }
      if (cuts) {
        world.cut();
      } else if (world.gateway.standing().contains("KEYED")) {
        ScriptedFeed feed = world.feed("KEYED");
        feed.change();
        world.gateway.queue().addAll(feed.gapAndSnapshot());
        continue;
      }
      world.deadline();
      Instant from = world.now.minus(LoopLimits.DEFAULT.window());
      most = Math.max(most, (int) world.subscribes.stream().filter(at -> at.isAfter(from)).count());
    }
    assertTrue(most <= 13, most + " subscribes in one window");
    assertTrue(world.loops > 0);
  }

  static ClientMessage.Subscribe terms(String ref, boolean delta) {
    ClientMessage.Subscribe plain = new ClientMessage.Subscribe(ref, "t", Optional.empty());
    return new ClientMessage.Subscribe(
        ref,
        plain.source(),
        plain.where(),
        plain.columns(),
        plain.after(),
        true,
        OnGap.SNAPSHOT,
        delta,
        plain.buffer(),
        plain.maxRate(),
        plain.priority());
  }
}
