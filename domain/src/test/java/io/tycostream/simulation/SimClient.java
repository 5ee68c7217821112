package io.tycostream.simulation;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.replica.CheckedReplica;
import io.tycostream.domain.replica.ClientEffect;
import io.tycostream.domain.replica.ClientEvent;
import io.tycostream.domain.replica.Receipt;
import io.tycostream.domain.replica.Replica;
import io.tycostream.domain.replica.ReplicaState;
import io.tycostream.domain.replica.Told;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private final SimProgram program;

  private final Optional<ClientMessage.BufferRequest> buffer;

  private CheckedReplica replica;
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
    this.program = new SimProgram(world, database, name, wishes);
    this.replica = born();
  }

  private CheckedReplica born() {
    return new CheckedReplica(
        new Replica(
            shape.client(),
            new ClientMessage.Hello(
                Optional.empty(), Optional.of(name), Optional.empty(), Map.of(), true, buffer),
            1));
  }

  String name() {
    return name;
  }

  /** What it sees depends on this from now on. */
  void permit(Permissions permissions) {
    program.permit(permissions);
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
            for (SimSubscription each : program.subscriptions()) {
              each.restart(withWhatWasStored);
              happen(each.beginning());
              each.restoreInto(replica.table(each.terms().ref()).orElseThrow());
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

  /** For a while the program asks whether the gateway is there, more often than it may. */
  void askGreedily(long micros) {
    askGreedilyUntil(world.now() + micros, life);
  }

  private void askGreedilyUntil(long until, int asking) {
    if (life == asking && world.now() < until) {
      if (replica.state() instanceof ReplicaState.Open) {
        send(new ClientMessage.Ping(Optional.empty()));
      }
      world.after(
          World.SECOND / (3L * shape.requestsPerSecond()), () -> askGreedilyUntil(until, asking));
    }
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
    return program.whyNotSettled();
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
      case ClientEffect.Tell(Told told) -> {
        program.isTold(told, replica).ifPresent(this::process);
        if (told instanceof Told.Ended(String ref, String why)) {
          askLater(ref);
        }
      }
    }
  }

  /** A while after something was forbidden the program asks for it again. */
  private void askLater(String ref) {
    int ended = life;
    world.after(
        world.around(3 * World.SECOND),
        () -> {
          if (life == ended && replica.table(ref).isEmpty()) {
            program
                .barred(ref)
                .ifPresent(barred -> {
                  world.rare(Rare.ASKED_AGAIN);
                  barred.restart(!barred.keepsRows() && world.chance(0.7));
                  happen(barred.beginning());
                });
          }
        });
  }

  /** It takes the program a while, in which the connection may be another one. */
  private void process(Receipt receipt) {
    int told = life;
    world.after(
        world.around(World.SECOND / 4),
        () -> {
          if (life == told) {
            happen(new ClientEvent.Processed(receipt));
          }
        });
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
    program.sends(message);
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
    partial = isPartial(message, partial);
    program.receives(message, from.to);
    List<ClientEffect> effects = happen(new ClientEvent.MessageReceived(message, world.unit()));
    for (ClientEffect effect : effects) {
      if (effect instanceof ClientEffect.CloseSocket close
          && !(message instanceof ServerMessage.Bye)) {
        throw new Violation(
            name + " cannot take " + Wording.describe(message) + ": " + close.reason());
      }
    }
  }

  private static boolean isPartial(ServerMessage message, boolean before) {
    return switch (message) {
      case ServerMessage.SnapshotPart part -> part.more();
      case ServerMessage.BatchPart part -> part.more();
      default -> before;
    };
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
