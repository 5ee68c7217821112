package io.tycostream.simulation;

import io.tycostream.domain.Step;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.replica.ReplicaEffect;
import io.tycostream.domain.replica.ReplicaEvent;
import io.tycostream.domain.replica.ReplicaMachine;
import io.tycostream.domain.replica.ReplicaSettings;
import io.tycostream.domain.replica.ReplicaState;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A client: performs what the real machine decides, and feeds the real tables. */
final class SimClient {

  private final World world;
  private final SimDatabase database;
  private final String name;
  private final Shape shape;
  private final Network network;
  private final List<SimGateway> gateways;
  private final ReplicaMachine machine = new ReplicaMachine(ReplicaSettings.DEFAULT);
  private final Map<String, SimSubscription> byRef = new LinkedHashMap<>();
  private final Map<Integer, SimSubscription> byFeed = new TreeMap<>();
  private final Map<String, Integer> refusals = new TreeMap<>();

  private ReplicaState state = machine.initial();
  private Instant wakeAt = Instant.MAX;
  private @Nullable Link link;
  private int gateway;
  private int life;
  private long readEvery;
  private long stalledUntil;
  private boolean reading;
  private boolean partial;

  SimClient(
      World world,
      SimDatabase database,
      String name,
      Shape shape,
      Network network,
      List<SimGateway> gateways) {
    this.world = world;
    this.database = database;
    this.name = name;
    this.shape = shape;
    this.network = network;
    this.gateways = gateways;
    this.gateway = world.below(gateways.size());
    for (String table : database.tables()) {
      if (byRef.isEmpty() || world.chance(0.6)) {
        String ref = "r" + byRef.size();
        byRef.put(ref, new SimSubscription(world, database, name, ref, table));
      }
    }
  }

  String name() {
    return name;
  }

  /** Begins with nothing, a while from now. */
  void startAfter(long micros) {
    int planned = life;
    world.after(
        micros,
        () -> {
          if (life == planned) {
            step(new ReplicaEvent.Started());
          }
        });
  }

  Optional<Socket> socket() {
    return Optional.ofNullable(link).map(each -> each.socket);
  }

  /** From now on it takes one message in so many microseconds. */
  void readsOneEvery(long micros) {
    readEvery = micros;
  }

  void stall(long micros) {
    stalledUntil = world.now() + micros;
  }

  void heal() {
    readEvery = 0;
    stalledUntil = 0;
    planRead();
  }

  /** The program is killed and started again later. */
  void die(long awayMicros, boolean withWhatWasStored) {
    Link there = link;
    link = null;
    if (there != null) {
      there.socket.clientDied();
    }
    life++;
    state = machine.initial();
    wakeAt = Instant.MAX;
    partial = false;
    int next = life;
    world.after(
        awayMicros,
        () -> {
          if (life == next) {
            byRef.values().forEach(each -> each.restart(withWhatWasStored));
            step(new ReplicaEvent.Started());
          }
        });
  }

  /** Goes to another gateway. */
  void move() {
    if (link != null && gateways.size() > 1) {
      world.rare(Rare.MOVED);
      gateway = (gateway + 1) % gateways.size();
      Link there = link;
      there.socket.closeByClient(1000, "moving");
      there.gone(1006, "moving");
    }
  }

  /** What is missing for it to have everything there is; nothing when it has. */
  Optional<String> whyNotSettled() {
    if (!(state instanceof ReplicaState.Open)) {
      return Optional.of(name + " is " + state);
    }
    return byRef.values().stream()
        .filter(each -> !each.watch().position().equals(head(each)))
        .map(each ->
            name
                + " "
                + each.source()
                + " is at "
                + each.watch().position()
                + ", not at "
                + head(each))
        .findFirst();
  }

  private Optional<Position> head(SimSubscription subscription) {
    return Optional.of(database.head(subscription.source()));
  }

  /** The one door through which the state changes. */
  private void step(ReplicaEvent event) {
    ReplicaState before = state;
    Step<ReplicaState, ReplicaEffect> step = machine.step(before, event, world.instant());
    state = step.state();
    if (before.getClass() != state.getClass()) {
      world.say(name, state.getClass().getSimpleName() + " after " + event);
    }
    step.effects().forEach(this::perform);
    planDeadline();
  }

  private void perform(ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.OpenSocket open -> openSocket();
      case ReplicaEffect.Greet greet -> {
        send(
            new ClientMessage.Hello(
                Optional.empty(), Optional.of(name), Optional.empty(), Map.of(), false));
        byFeed.clear();
        refusals.clear();
        byRef.values().forEach(this::subscribe);
      }
      case ReplicaEffect.SendPing ping -> send(new ClientMessage.Ping(Optional.empty()));
      case ReplicaEffect.CloseSocket(int code, String reason) -> {
        Link leaving = link;
        link = null;
        if (leaving != null) {
          if (state instanceof ReplicaState.Waiting && reason.startsWith("nothing was heard")) {
            world.rare(Rare.SILENT_GATEWAY);
          }
          leaving.socket.closeByClient(code, reason);
        }
      }
    }
  }

  private void subscribe(SimSubscription subscription) {
    Optional<String> after = subscription.table().position();
    subscription.watch().asks(after);
    world.say(
        name, "subscribes " + subscription.source() + after.map(p -> " after " + p).orElse(""));
    send(new ClientMessage.Subscribe(subscription.ref(), subscription.source(), after));
  }

  private void openSocket() {
    if (world.chance(0.3)) {
      gateway = world.below(gateways.size());
    }
    SimGateway to = gateways.get(gateway);
    Link next = new Link(to);
    link = next;
    world.after(
        network.delay(),
        () -> {
          if (link == next) {
            if (to.accept(next.socket, next.gatewayEnd)) {
              step(new ReplicaEvent.SocketOpened());
            } else {
              next.gone(1006, "connection refused");
            }
          }
        });
  }

  private void send(ClientMessage message) {
    Link there = link;
    if (there != null) {
      there.socket.sendToGateway(new Frame.FromClient(message));
    }
  }

  private void planRead() {
    Link there = link;
    if (!reading && there != null && !there.socket.toClient().isEmpty()) {
      reading = true;
      long wait =
          Math.max(stalledUntil - world.now(), readEvery == 0 ? 0 : world.around(readEvery));
      world.after(wait, this::read);
    }
  }

  private void read() {
    reading = false;
    if (world.now() < stalledUntil) {
      planRead();
      return;
    }
    Link there = link;
    if (there != null) {
      there.socket.takeAtClient().ifPresent(frame -> take(there, frame));
      planRead();
    }
  }

  private void take(Link from, Frame frame) {
    switch (frame) {
      case Frame.FromGateway(ServerMessage message) -> {
        step(new ReplicaEvent.Heard());
        take(from, message);
      }
      case Frame.Ping ping -> {
        from.socket.sendToGateway(new Frame.Pong());
        step(new ReplicaEvent.Heard());
      }
      case Frame.Close(int code, String reason) -> from.gone(code, reason);
      case Frame.FromClient impossible -> throw new IllegalStateException("our own: " + frame);
      case Frame.Pong impossible -> throw new IllegalStateException("we sent no ping");
    }
  }

  private void take(Link from, ServerMessage message) {
    switch (message) {
      case ServerMessage.Welcome welcome -> step(new ReplicaEvent.Welcomed(welcome.heartbeat()));
      case ServerMessage.Bye bye ->
          step(new ReplicaEvent.Dismissed(bye.code(), bye.reason(), bye.retryIn(), world.unit()));
      case ServerMessage.Subscribed subscribed -> {
        SimSubscription subscription = known(byRef.get(subscribed.ref()), message);
        byFeed.values().remove(subscription);
        byFeed.put(subscribed.feed(), subscription);
        refusals.remove(subscribed.ref());
        apply(subscription, message, from.to);
      }
      case ServerMessage.SnapshotPart part -> {
        partial = part.more();
        apply(known(byFeed.get(part.feed()), message), message, from.to);
      }
      case ServerMessage.BatchPart part -> {
        partial = part.more();
        apply(known(byFeed.get(part.feed()), message), message, from.to);
      }
      case ServerMessage.Progress progress ->
          apply(known(byFeed.get(progress.feed()), message), message, from.to);
      case ServerMessage.Gap gap -> apply(known(byFeed.get(gap.feed()), message), message, from.to);
      case ServerMessage.Refused refused -> refused(refused);
      case ServerMessage.SourceStatus status ->
          world.say(name, "hears that the source is " + status.state());
      case ServerMessage.Pressure pressure -> {}
      case ServerMessage.Unsubscribed unsubscribed -> {}
      case ServerMessage.Pong pong -> {}
    }
  }

  private void apply(SimSubscription subscription, ServerMessage message, SimGateway teller) {
    if (!(message instanceof ServerMessage.Progress)) {
      world.say(name, "takes " + Wording.describe(message));
    }
    subscription.take(message, teller);
  }

  private void refused(ServerMessage.Refused refused) {
    world.say(name, "is refused: " + refused.code());
    world.rare(Rare.REFUSED);
    SimSubscription subscription = known(byRef.get(refused.ref().orElse("")), refused);
    if (!refused.retryable()) {
      throw new Violation(name + " is refused for good: " + refused);
    }
    int before = refusals.merge(subscription.ref(), 1, Integer::sum) - 1;
    Link asked = link;
    world.after(
        Backoff.CLIENT.delay(before, world.unit()).toNanos() / 1_000,
        () -> {
          if (link != null && link == asked) {
            subscribe(subscription);
          }
        });
  }

  private SimSubscription known(@Nullable SimSubscription subscription, ServerMessage message) {
    if (subscription == null) {
      throw new Violation(name + " hears of a subscription that it does not have: " + message);
    }
    return subscription;
  }

  private void planDeadline() {
    state
        .deadline()
        .filter(deadline -> deadline.isBefore(wakeAt))
        .ifPresent(deadline -> {
          wakeAt = deadline;
          int planned = life;
          world.at(
              deadline,
              () -> {
                if (life == planned && deadline.equals(wakeAt)) {
                  reach();
                }
              });
        });
  }

  private void reach() {
    wakeAt = Instant.MAX;
    if (state.deadline().filter(deadline -> !world.instant().isBefore(deadline)).isPresent()) {
      step(new ReplicaEvent.DeadlineReached(world.unit()));
    } else {
      planDeadline();
    }
  }

  /** The client's end of one socket. */
  private final class Link implements Socket.End {
    private final SimGateway to;
    private final GatewayConnection gatewayEnd;
    private final Socket socket;

    Link(SimGateway to) {
      this.to = to;
      this.gatewayEnd = new GatewayConnection(world, to, shape, name);
      this.socket =
          new Socket(
              world, name + "–" + to.name(), network, shape.socketMessages(), this, gatewayEnd);
    }

    @Override
    public void arrived() {
      if (link == this) {
        planRead();
      }
    }

    @Override
    public void room() {}

    @Override
    public void gone(int code, String reason) {
      if (link == this) {
        link = null;
        if (partial) {
          partial = false;
          world.rare(Rare.CUT_INSIDE_PARTS);
        }
        step(new ReplicaEvent.SocketClosed(code, reason, world.unit()));
      }
    }
  }
}
