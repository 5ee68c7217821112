package io.tycostream.client;

import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.replica.ClientEffect;
import io.tycostream.domain.replica.ClientEvent;
import io.tycostream.domain.replica.Receipt;
import io.tycostream.domain.replica.Replica;
import io.tycostream.domain.replica.ReplicaState;
import io.tycostream.domain.replica.Told;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A client's own thread: takes what comes from the mailbox, tells the replica, does what it says.
 * It waits for nobody: listeners are called on {@linkplain Lane lanes}.
 */
final class ClientLoop implements Runnable {

  private static final System.Logger LOG = System.getLogger(ClientLoop.class.getName());
  private static final Duration FOREVER = Duration.ofDays(365);
  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final ClientSettings settings;
  private final Mailbox mailbox;
  private final Replica replica;

  /** Held while the replica works, so that other threads see whole states of its tables. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<String, LiveSubscription> subscriptions = new HashMap<>();
  private final SteadyClock clock = new SteadyClock();
  private final Counters counters;
  private final Lane connection = new Lane("tycostream-connection", lane -> {});

  /** Of messages being read; what the program asked for is of no weight. */
  private Mailbox.Load load;

  private volatile ConnectionState told;
  private ServerMessageReader reader = new ServerMessageReader();
  private @Nullable GatewaySocket socket;

  /** The last one that was closed from this side. */
  private Optional<GatewaySocket> left = Optional.empty();

  private URI endpoint;

  /** Asks the program for credentials, or has done so. */
  private Optional<TokenRequest> asking = Optional.empty();

  /** What went wrong in here, which ends the client. */
  private Optional<String> failure = Optional.empty();

  ClientLoop(ClientSettings settings, Mailbox mailbox, Counters counters) {
    this.settings = settings;
    this.mailbox = mailbox;
    this.counters = counters;
    this.load = mailbox.new Load(0);
    Hello hello =
        new Hello(
            settings.token(),
            settings.clientId(),
            Optional.empty(),
            Map.of(),
            true,
            settings.buffer());
    this.replica = new Replica(settings.connection(), hello, settings.endpoints().size());
    this.endpoint = settings.endpoints().getFirst();
    this.told = new ConnectionState.Connecting(endpoint, 0);
  }

  /** Where the listener of the connection is called. */
  Lane connection() {
    return connection;
  }

  /** How the connection stands; asked by any thread. */
  ConnectionState state() {
    return told;
  }

  /** What guards the rows of its subscriptions. */
  ReentrantLock lock() {
    return lock;
  }

  @Override
  public void run() {
    try {
      start();
      while (!(replica.state() instanceof ReplicaState.Closed)) {
        turn();
      }
    } catch (Throwable thrown) { // a mistake of ours, which must not look like a quiet source
      fail(thrown);
    } finally {
      mailbox.abandon().forEach(this::answer); // who came too late hears that it has ended
      asking.ifPresent(TokenRequest::end);
      left.ifPresent(socket -> socket.awaitEnd(FAREWELL));
    }
  }

  private void fail(Throwable thrown) {
    LOG.log(Level.ERROR, "the client of " + endpoint + " failed, and ends", thrown);
    String reason = "the client failed: " + thrown;
    failure = Optional.of(reason);
    leave(CloseCode.NORMAL.code(), "");
    tell(new ConnectionState.Closed(ConnectionState.Closed.FAILED, reason));
    subscriptions.values().forEach(each -> end(each, reason));
    subscriptions.clear();
  }

  private void end(LiveSubscription subscription, String reason) {
    subscription.tell(new Told.Ended(subscription.ref(), reason), load, Optional.empty());
  }

  private void answer(Input.Request late) {
    try {
      late.action().run();
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "what came late could not be answered", e);
    }
  }

  private void start() {
    if (settings.tokens().isPresent()) {
      ask(settings.tokens().get());
    } else {
      tell(new ClientEvent.Started());
    }
  }

  /** Goes on when the program has said which credentials it has. */
  private void ask(TokenProvider provider) {
    TokenRequest request =
        new TokenRequest(
            provider,
            settings.connection().backoff(),
            answer -> mailbox.put(new Input.Request(() -> answered(answer))));
    asking = Optional.of(request);
    request.start();
  }

  private void answered(Optional<String> token) {
    tell(
        token.isPresent()
            ? new ClientEvent.CredentialsRenewed(token.get(), chance())
            : new ClientEvent.CredentialsDenied());
    tell(new ClientEvent.Started()); // says nothing to one that has started, or is over
  }

  /** The program wants to follow something. */
  void add(LiveSubscription subscription) {
    String ref = subscription.ref();
    subscriptions.put(ref, subscription);
    subscription.tell(told);
    failure.ifPresent(reason -> end(subscription, reason));
    tell(new ClientEvent.SubscribeRequested(subscription.terms(), subscription.keepsRows()));
    replica.table(ref).ifPresent(subscription::begin);
  }

  /** The program does not want to follow it any more. */
  void remove(LiveSubscription subscription) {
    subscriptions.remove(subscription.ref());
    tell(new ClientEvent.UnsubscribeRequested(subscription.ref()));
  }

  /** The program does not want to be connected any more. */
  void close() {
    tell(new ClientEvent.CloseRequested());
  }

  /** The program has processed what it was told. */
  void processed(Receipt receipt) {
    tell(new ClientEvent.Processed(receipt));
  }

  private void turn() {
    try {
      Duration wait =
          replica.deadline().map(at -> Duration.between(clock.now(), at)).orElse(FOREVER);
      mailbox.poll(wait.compareTo(FOREVER) < 0 ? wait : FOREVER).ifPresent(this::take);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
    Instant now = clock.now();
    if (replica.deadline().filter(at -> !now.isBefore(at)).isPresent()) {
      tell(new ClientEvent.DeadlineReached(chance()));
    }
  }

  private void take(Input input) {
    switch (input) {
      case Input.Opened(GatewaySocket from) -> {
        if (from == socket) {
          tell(new ClientEvent.SocketOpened());
        }
      }
      case Input.Pinged(GatewaySocket from) -> {
        if (from == socket) {
          tell(new ClientEvent.Pinged());
        }
      }
      case Input.Ended(GatewaySocket from, int code, String reason) -> {
        if (from == socket) {
          socket = null;
          tell(new ClientEvent.SocketEnded(code, reason, chance()));
        }
      }
      case Input.Received(GatewaySocket from, byte[] text, Mailbox.Load ofIt) -> {
        load = ofIt;
        if (from == socket) {
          read(text);
        }
        ofIt.release();
        load = mailbox.new Load(0);
      }
      case Input.Request(Runnable action) -> action.run();
    }
  }

  private void read(byte[] text) {
    counters.receivedBytes.add(text.length);
    try {
      Optional<ServerMessage> message = reader.read(text);
      if (message.isEmpty()) {
        tell(new ClientEvent.Pinged()); // of a later version, but a sign of life
        return;
      }
      tell(new ClientEvent.MessageReceived(message.get(), chance()));
      if (message.get() instanceof ServerMessage.Welcome welcome) {
        welcomed(welcome);
      }
    } catch (MalformedMessageException e) {
      String reason = String.valueOf(e.getMessage());
      LOG.log(Level.WARNING, endpoint + ": " + reason);
      tell(new ClientEvent.GarbageReceived(reason, e.feed(), chance()));
    }
  }

  /** Also when credentials were renewed, and nothing else changed. */
  private void welcomed(ServerMessage.Welcome welcome) {
    if (!(told instanceof ConnectionState.Open)) {
      counters.connections.increment();
      if (welcome.resumed()) {
        counters.resumes.increment();
      }
      tell(new ConnectionState.Open(endpoint, welcome.node(), welcome.resumed()));
    }
  }

  /** The one door to the replica. */
  private void tell(ClientEvent event) {
    if (failure.isPresent()) {
      return;
    }
    ReplicaState before = replica.state();
    List<ClientEffect> effects;
    lock.lock();
    try {
      effects = replica.on(event, clock.now());
    } finally {
      lock.unlock();
    }
    ReplicaState after = replica.state();
    if (after instanceof ReplicaState.Closed(int code, String reason)
        && !(before instanceof ReplicaState.Closed)) {
      tell(new ConnectionState.Closed(code, reason)); // before subscriptions hear that they ended
    }
    effects.forEach(this::perform);
    if (before.getClass() == after.getClass()) {
      return;
    }
    LOG.log(Level.DEBUG, () -> endpoint + ": " + before + " → " + after + " after " + event);
    switch (after) {
      case ReplicaState.Connecting c -> tell(new ConnectionState.Connecting(endpoint, c.attempt()));
      case ReplicaState.Waiting w -> tell(new ConnectionState.Waiting(w.until(), w.reason()));
      case ReplicaState.Closed closed -> {} // told before
      case ReplicaState.Unauthorized u ->
          tell(new ConnectionState.Unauthorized(u.code(), u.reason()));
      case ReplicaState.Idle idle -> {}
      case ReplicaState.Greeting greeting -> {}
      case ReplicaState.Open open -> {} // told with the welcome
    }
  }

  private void perform(ClientEffect effect) {
    switch (effect) {
      case ClientEffect.OpenSocket(int number) -> openSocket(settings.endpoints().get(number));
      case ClientEffect.Send(var message) -> {
        GatewaySocket to = socket;
        if (to != null) {
          to.send(ClientMessageWriter.write(message));
        }
      }
      case ClientEffect.CloseSocket(int code, String reason) -> leave(code, reason);
      case ClientEffect.AskForCredentials ask ->
          settings
              .tokens()
              .ifPresentOrElse(
                  this::ask,
                  // The client has those that it was built with, and no others.
                  () -> mailbox.put(new Input.Request(() -> answered(Optional.empty()))));
      case ClientEffect.Tell(Told.Remarked(Refused refusal)) ->
          LOG.log(
              // An ack may cross with the end of its feed.
              refusal.code().equals(ErrorCode.UNKNOWN_FEED.wire()) ? Level.DEBUG : Level.WARNING,
              "the gateway refused a request: " + refusal.message() + " (" + refusal.code() + ")");
      case ClientEffect.Tell(Told told) -> {
        LiveSubscription subscription = subscriptions.get(told.ref());
        if (subscription != null) {
          subscription.tell(told, load, replica.receipt(told.ref()));
        }
        if (told instanceof Told.Ended) {
          subscriptions.remove(told.ref());
        }
      }
    }
  }

  private void leave(int code, String reason) {
    GatewaySocket leaving = socket;
    socket = null;
    if (leaving != null) {
      leaving.close(code, reason);
      left = Optional.of(leaving);
    }
  }

  private void openSocket(URI at) {
    endpoint = at;
    reader = new ServerMessageReader();
    GatewaySocket next =
        new GatewaySocket(
            endpoint, settings.connection().connectTimeout(), settings.trust(), mailbox);
    socket = next;
    next.open();
  }

  private void tell(ConnectionState state) {
    told = state;
    subscriptions.values().forEach(each -> each.tell(state));
    connection.put(() -> {
      try {
        settings.listener().onConnectionState(state);
      } catch (Throwable thrown) { // whatever a listener does, its client lives on
        LOG.log(Level.ERROR, "the connection listener threw", thrown);
      }
    });
  }

  private static double chance() {
    return ThreadLocalRandom.current().nextDouble();
  }
}
