package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.replica.ClientEffect;
import io.tycostream.domain.replica.ClientEvent;
import io.tycostream.domain.replica.Replica;
import io.tycostream.domain.replica.ReplicaState;
import io.tycostream.domain.replica.ReplicaTable;
import io.tycostream.domain.replica.Told;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A program with a client in it: does what the real {@link Replica} says, and watches over what it
 * holds. It can be slow, stall, move, and be killed and started again.
 */
final class SimClient {

  private final World world;
  private final String name;
  private final Shape shape;
  private final Network network;
  private final List<SimGateway> gateways;
  private final Map<String, SimSubscription> byRef = new LinkedHashMap<>();
  private final Map<Integer, SimSubscription> byFeed = new TreeMap<>();

  private final Optional<ClientMessage.BufferRequest> buffer;

  private Replica replica;
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
    this.name = name;
    this.shape = shape;
    this.network = network;
    this.gateways = gateways;
    this.gateway = world.below(gateways.size());
    Wishes wishes = new Wishes(world);
    this.buffer = wishes.connection();
    for (String table : database.tables()) {
      for (int left = byRef.isEmpty() ? 1 : world.below(3); left > 0; left--) {
        String ref = "r" + byRef.size();
        ClientMessage.Subscribe terms = wishes.subscription(ref, table);
        Truth truth = new Truth(database, table, new Lens(terms.where(), terms.columns()));
        byRef.put(ref, new SimSubscription(world, terms, new Watch(world, truth, name, terms)));
        world.say(name, "wants " + terms);
      }
    }
    this.replica = born();
  }

  private Replica born() {
    Replica fresh =
        new Replica(
            shape.client(),
            new ClientMessage.Hello(
                Optional.empty(), Optional.of(name), Optional.empty(), Map.of(), true, buffer),
            1);
    return fresh;
  }

  String name() {
    return name;
  }

  /** What it sees depends on this from now on. */
  void permit(Permissions permissions) {
    for (SimSubscription each : byRef.values()) {
      Filter where = permissions.effective(name, each.terms().where());
      each.watch().truth().permit(new Lens(where, each.terms().columns()));
    }
  }

  /** Begins with nothing, a while from now. */
  void startAfter(long micros) {
    startAfter(micros, false);
  }

  private void startAfter(long micros, boolean withWhatWasStored) {
    int planned = life;
    world.after(
        micros,
        () -> {
          if (life == planned) {
            for (SimSubscription each : byRef.values()) {
              each.restart(withWhatWasStored);
              happen(new ClientEvent.SubscribeRequested(each.beginning()));
              each.restoreInto(table(each.terms().ref()));
            }
            happen(new ClientEvent.Started());
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
    wakeAt = Instant.MAX;
    partial = false;
    replica = born();
    startAfter(awayMicros, withWhatWasStored);
  }

  /** Goes to another gateway. */
  void move() {
    Link there = link;
    if (there != null && gateways.size() > 1) {
      world.rare(Rare.MOVED);
      gateway = (gateway + 1) % gateways.size();
      there.socket.closeByClient(1000, "moving");
      there.gone(1006, "moving");
    }
  }

  /** What is missing for it to have everything there is; nothing when it has. */
  Optional<String> whyNotSettled() {
    if (!(replica.state() instanceof ReplicaState.Open)) {
      return Optional.of(name + " is " + replica.state());
    }
    return byRef.values().stream()
        .map(SimSubscription::watch)
        .filter(each -> each.position().filter(each.truth()::isPresent).isEmpty())
        .map(each -> each + ", which is not where the database is")
        .findFirst();
  }

  private ReplicaTable table(String ref) {
    return replica
        .table(ref)
        .orElseThrow(() -> new Violation(name + " has no subscription " + ref + " any more"));
  }

  /** The one door through which the client is told something. */
  private List<ClientEffect> happen(ClientEvent event) {
    ReplicaState before = replica.state();
    List<ClientEffect> effects = replica.on(event, world.instant());
    if (before.getClass() != replica.state().getClass()) {
      world.say(name, replica.state().getClass().getSimpleName() + " after " + event);
    }
    effects.forEach(this::perform);
    planDeadline();
    return effects;
  }

  private void perform(ClientEffect effect) {
    switch (effect) {
      case ClientEffect.OpenSocket open -> openSocket();
      case ClientEffect.Send(ClientMessage message) -> send(message);
      case ClientEffect.CloseSocket(int code, String reason) -> {
        Link leaving = link;
        link = null;
        partial = false;
        if (leaving != null) {
          if (reason.startsWith("nothing was heard")) {
            world.rare(Rare.SILENT_GATEWAY);
          }
          leaving.socket.closeByClient(code, reason);
        }
      }
      case ClientEffect.AskForCredentials ask -> {
        int asked = life;
        world.after(
            world.around(World.SECOND),
            () -> {
              if (life == asked) {
                happen(new ClientEvent.CredentialsRenewed("renewed", world.unit()));
              }
            });
      }
      case ClientEffect.Tell(Told told) -> hear(told);
    }
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
            if (next.stands()) {
              happen(new ClientEvent.SocketOpened());
            } else {
              next.gone(1006, "connection refused");
            }
          }
        });
  }

  private void send(ClientMessage message) {
    switch (message) {
      case ClientMessage.Hello hello -> {
        byFeed.clear();
        byRef.values().forEach(each -> each.watch().connects());
        if (hello.resume().isPresent()) {
          byRef.forEach((ref, each) -> each.watch().asks(hello.positions().get(ref)));
        }
      }
      case ClientMessage.Subscribe subscribe -> {
        world.say(
            name,
            "subscribes "
                + subscribe.source()
                + subscribe.after().map(p -> " after " + p).orElse(""));
        known(subscribe.ref()).watch().asks(subscribe.after().orElse(null));
      }
      case ClientMessage.Unsubscribe unsubscribe ->
          known(unsubscribe.ref().orElse("")).watch().leaves();
      case ClientMessage.Ack ack -> {}
      case ClientMessage.Ping ping -> {}
    }
    Link there = link;
    if (there != null) {
      there.socket.sendToGateway(new Frame.FromClient(message));
    }
  }

  /** What the program is told. */
  private void hear(Told told) {
    switch (told) {
      case Told.Snapshot(String ref, String position) -> stands(ref, position, -1);
      case Told.Batch(String ref, String position, var changes, boolean exact) -> {
        stands(ref, position, exact ? 1 : -1);
        known(ref).mayStore(table(ref));
      }
      case Told.Progress(String ref, String position) -> {
        if (known(ref).isState()) {
          stands(ref, position, 0);
        } else {
          known(ref).watch().advances(parse(position));
        }
      }
      case Told.Rows(String ref, String position, var rows) ->
          known(ref).watch().beginsWith(parse(position), rows);
      case Told.Changes(String ref, String position, var changes, boolean exact) -> {
        known(ref).watch().passes(parse(position), changes, exact);
        known(ref).mayStore(table(ref));
        world.rare(Rare.EVENTS);
      }
      case Told.Gap gap -> {}
      case Told.SourceState source -> {
        world.say(name, "hears that " + source.ref() + " is " + source.status().state());
        if (source.status().state().equals(SourceCondition.STALLED.wire())) {
          world.rare(Rare.STALLED);
        }
      }
      case Told.Refused refused -> {
        world.say(name, "is refused: " + refused.refusal().code());
        world.rare(Rare.REFUSED);
        if (refused.refusal().code().equals(ErrorCode.DUPLICATE_SUBSCRIPTION.wire())) {
          world.rare(Rare.DUPLICATE);
          byRef.remove(refused.ref());
        } else if (!refused.refusal().retryable()) {
          throw new Violation(name + " is refused for good: " + refused);
        }
      }
      case Told.Looping looping -> {
        world.say(name, "leaves " + looping.ref() + " alone: " + looping.reason());
        world.rare(Rare.LOOPING);
      }
      case Told.Pressure pressure -> world.rare(Rare.PRESSURE);
      case Told.Ended ended -> {
        if (byRef.containsKey(ended.ref())) {
          throw new Violation(name + " " + ended);
        }
      }
      case Told.Remarked remarked -> {
        // An ack of a feed that was reset while it was on its way.
        if (!remarked.refusal().code().equals(ErrorCode.UNKNOWN_FEED.wire())) {
          throw new Violation(name + " " + remarked);
        }
      }
    }
  }

  private void stands(String ref, String position, int moments) {
    known(ref).watch().stands(parse(position), table(ref).rows(), moments);
    mayAck(known(ref), position);
  }

  private void mayAck(SimSubscription subscription, String position) {
    if (world.chance(0.05)) {
      byFeed.forEach((feed, each) -> {
        if (each == subscription) {
          send(new ClientMessage.Ack(feed, position));
        }
      });
    }
  }

  private Position parse(String position) {
    return Position.parse(position)
        .orElseThrow(() -> new Violation(name + " is at no position: " + position));
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
      case Frame.FromGateway(ServerMessage message) -> receive(message, from);
      case Frame.Ping ping -> {
        from.socket.sendToGateway(new Frame.Pong());
        happen(new ClientEvent.Pinged());
      }
      case Frame.Close(int code, String reason) -> from.gone(code, reason);
      case Frame.FromClient impossible -> throw new IllegalStateException("our own: " + frame);
      case Frame.Pong impossible -> throw new IllegalStateException("we sent no ping");
    }
  }

  private void receive(ServerMessage message, Link from) {
    if (!(message instanceof ServerMessage.Progress)) {
      world.say(name, "takes " + Wording.describe(message));
    }
    watch(message, from);
    List<ClientEffect> effects = happen(new ClientEvent.MessageReceived(message, world.unit()));
    for (ClientEffect effect : effects) {
      if (effect instanceof ClientEffect.CloseSocket close
          && !(message instanceof ServerMessage.Bye)) {
        throw new Violation(
            name + " cannot take " + Wording.describe(message) + ": " + close.reason());
      }
    }
  }

  private void watch(ServerMessage message, Link from) {
    OptionalInt feed =
        switch (message) {
          case ServerMessage.Subscribed subscribed -> {
            SimSubscription subscription = known(subscribed.ref());
            byFeed.values().remove(subscription);
            byFeed.put(subscribed.feed(), subscription);
            yield OptionalInt.of(subscribed.feed());
          }
          case ServerMessage.SnapshotPart part -> {
            partial = part.more();
            yield OptionalInt.of(part.feed());
          }
          case ServerMessage.BatchPart part -> {
            partial = part.more();
            yield OptionalInt.of(part.feed());
          }
          case ServerMessage.Progress progress -> OptionalInt.of(progress.feed());
          case ServerMessage.Gap gap -> OptionalInt.of(gap.feed());
          case ServerMessage.Unsubscribed unsubscribed -> {
            known(unsubscribed.ref()).watch().hasLeft();
            yield OptionalInt.empty();
          }
          case ServerMessage.Refused refused -> {
            if (refused.code().equals(ErrorCode.UNKNOWN_FEED.wire()) && refused.ref().isPresent()) {
              known(refused.ref().get()).watch().hasLeft();
            }
            yield OptionalInt.empty();
          }
          default -> OptionalInt.empty();
        };
    if (feed.isPresent()) {
      SimSubscription subscription = byFeed.get(feed.getAsInt());
      if (subscription == null) {
        throw new Violation(name + " hears of a feed that it does not have: " + message);
      }
      subscription.watch().hears(message, from.to);
    }
  }

  private SimSubscription known(String ref) {
    SimSubscription subscription = byRef.get(ref);
    if (subscription == null) {
      throw new Violation(name + " hears of a subscription that it does not have: " + ref);
    }
    return subscription;
  }

  private void planDeadline() {
    replica
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
    if (replica.deadline().filter(deadline -> !world.instant().isBefore(deadline)).isPresent()) {
      happen(new ClientEvent.DeadlineReached(world.unit()));
    } else {
      planDeadline();
    }
  }

  /** The client's end of one socket. */
  private final class Link implements Socket.End {
    private final SimGateway to;
    private final Socket socket;

    Link(SimGateway to) {
      this.to = to;
      this.socket =
          new Socket(world, name + "–" + to.name(), network, shape.socketMessages(), this);
    }

    /** Whether somebody is there. */
    boolean stands() {
      return to.accept(socket).map(socket::stands).isPresent();
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
        happen(new ClientEvent.SocketEnded(code, reason, world.unit()));
      }
    }
  }
}
