package io.tycostream.client;

import io.tycostream.domain.Step;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.replica.ReplicaEffect;
import io.tycostream.domain.replica.ReplicaEvent;
import io.tycostream.domain.replica.ReplicaMachine;
import io.tycostream.domain.replica.ReplicaState;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client's own thread: takes what comes from the mailbox, asks the machine, does what it says.
 *
 * <p>What came from the socket is taken before a deadline is looked at, so that a listener which
 * blocked for long is not mistaken for a silent gateway.
 */
final class ClientLoop implements Runnable {

  private static final System.Logger LOG = System.getLogger(ClientLoop.class.getName());
  private static final Duration FOREVER = Duration.ofDays(365);
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final ClientSettings settings;
  private final Mailbox mailbox;
  private final ReplicaMachine machine;
  private final Subscriptions subscriptions;
  private final SteadyClock clock = new SteadyClock();
  private ReplicaState state;
  private ServerMessageReader reader = new ServerMessageReader();
  private @Nullable GatewaySocket socket;

  /** The last one that was closed from this side. */
  private Optional<GatewaySocket> left = Optional.empty();

  private URI endpoint;
  private int opened;

  ClientLoop(ClientSettings settings, Mailbox mailbox) {
    this.settings = settings;
    this.mailbox = mailbox;
    this.machine = new ReplicaMachine(settings.connection());
    this.state = machine.initial();
    this.subscriptions = new Subscriptions(settings.connection().backoff(), this::send);
    this.endpoint = settings.endpoints().getFirst();
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  @Override
  public void run() {
    try {
      step(new ReplicaEvent.Started());
      while (!(state instanceof ReplicaState.Closed)) {
        turn();
      }
    } finally {
      mailbox.abandon();
      left.ifPresent(socket -> socket.awaitEnd(FAREWELL));
    }
  }

  /** The program does not want to be connected any more. */
  void close() {
    step(new ReplicaEvent.CloseRequested());
  }

  private void turn() {
    try {
      Optional<Instant> deadline =
          Stream.of(state.deadline(), subscriptions.deadline())
              .flatMap(Optional::stream)
              .min(Instant::compareTo);
      Duration wait = deadline.map(at -> Duration.between(clock.now(), at)).orElse(FOREVER);
      mailbox.poll(wait.compareTo(FOREVER) < 0 ? wait : FOREVER).ifPresent(this::take);
    } catch (InterruptedException e) {
      // Nobody but a listener can have done this, and it is not the listener's thread to end.
      LOG.log(Level.DEBUG, "the interrupt of a listener is dropped", e);
    }
    Instant now = clock.now();
    if (state.deadline().filter(at -> !now.isBefore(at)).isPresent()) {
      step(new ReplicaEvent.DeadlineReached(chance()));
    }
    subscriptions.retry(now);
  }

  private void take(Input input) {
    switch (input) {
      case Input.Opened(GatewaySocket from) -> {
        if (from == socket) {
          step(new ReplicaEvent.SocketOpened());
        }
      }
      case Input.Pinged(GatewaySocket from) -> {
        if (from == socket) {
          step(new ReplicaEvent.Heard());
        }
      }
      case Input.Ended(GatewaySocket from, int code, String reason) -> {
        if (from == socket) {
          socket = null;
          step(new ReplicaEvent.SocketClosed(code, reason, chance()));
        }
      }
      case Input.Received(GatewaySocket from, byte[] text) -> {
        if (from == socket) {
          step(new ReplicaEvent.Heard());
          read(text);
        }
      }
      case Input.Request(Runnable action) -> action.run();
    }
  }

  private void read(byte[] text) {
    try {
      reader.read(text).ifPresent(this::take);
    } catch (MalformedMessageException e) {
      LOG.log(Level.WARNING, endpoint + ": " + e.getMessage());
      e.feed().ifPresent(subscriptions::suspect);
      step(new ReplicaEvent.SequenceBroken(String.valueOf(e.getMessage()), chance()));
    }
  }

  private void take(ServerMessage message) {
    switch (message) {
      case ServerMessage.Welcome welcome -> {
        step(new ReplicaEvent.Welcomed(welcome.heartbeat()));
        tell(listener -> listener.onOpen(endpoint, welcome));
      }
      case ServerMessage.Bye(int code, String reason, var retryIn, boolean resumable) ->
          step(new ReplicaEvent.Dismissed(code, reason, retryIn, chance()));
      default ->
          subscriptions
              .take(message, clock.now(), chance())
              .ifPresent(why -> step(new ReplicaEvent.SequenceBroken(why, chance())));
    }
  }

  /** The one door through which the state changes. */
  private void step(ReplicaEvent event) {
    ReplicaState before = state;
    Step<ReplicaState, ReplicaEffect> step = machine.step(before, event, clock.now());
    state = step.state();
    step.effects().forEach(this::perform);
    if (before.getClass() == state.getClass()) {
      return;
    }
    LOG.log(Level.DEBUG, () -> endpoint + ": " + before + " → " + state + " after " + event);
    switch (state) {
      case ReplicaState.Connecting c -> tell(l -> l.onConnecting(endpoint, c.attempt()));
      case ReplicaState.Waiting w -> tell(l -> l.onWaiting(w.until(), w.reason()));
      case ReplicaState.Closed c -> {
        if (c.code() != CloseCode.NORMAL.code()) { // the program knows what it closed itself
          subscriptions.end("the client has ended: " + c.reason());
        }
        tell(l -> l.onClosed(c.code(), c.reason()));
      }
      case ReplicaState.Idle idle -> {}
      case ReplicaState.Greeting greeting -> {}
      case ReplicaState.Open open -> {} // told with the welcome
    }
  }

  private void perform(ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.OpenSocket open -> openSocket();
      case ReplicaEffect.Greet greet -> {
        send(
            new ClientMessage.Hello(
                settings.token(), settings.clientId(), Optional.empty(), Map.of(), false));
        subscriptions.greet();
      }
      case ReplicaEffect.SendPing ping -> send(new ClientMessage.Ping(Optional.empty()));
      case ReplicaEffect.CloseSocket(int code, String reason) -> {
        GatewaySocket leaving = socket;
        socket = null;
        if (leaving != null) {
          leaving.close(code, reason);
          left = Optional.of(leaving);
        }
      }
    }
  }

  private void openSocket() {
    endpoint = settings.endpoints().get(opened++ % settings.endpoints().size());
    reader = new ServerMessageReader();
    GatewaySocket next =
        new GatewaySocket(endpoint, settings.connection().connectTimeout(), mailbox);
    socket = next;
    next.open();
  }

  private void send(ClientMessage message) {
    GatewaySocket to = socket;
    boolean greeted = state instanceof ReplicaState.Greeting || state instanceof ReplicaState.Open;
    if (to != null && greeted) {
      to.send(ClientMessageWriter.write(message));
    }
  }

  private void tell(Consumer<ConnectionListener> telling) {
    try {
      telling.accept(settings.listener());
    } catch (Throwable thrown) { // whatever a listener does, its client lives on
      LOG.log(Level.ERROR, "the connection listener threw", thrown);
    }
  }

  private static double chance() {
    return ThreadLocalRandom.current().nextDouble();
  }
}
