package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The gateway's side of one client: what a courier does, in virtual time. */
final class GatewayConnection implements Socket.End {

  /** How long a subscription waits for a source that is not ready. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private final World world;
  private final SimGateway gateway;
  private final Shape shape;
  private final String client;
  private final Deque<ServerMessage> answers = new ArrayDeque<>();
  private final List<GatewaySubscription> subscriptions = new ArrayList<>();

  private @Nullable Socket socket;
  private Instant heard = Instant.EPOCH;
  private Instant wakeAt = Instant.MAX;
  private boolean filling;
  private boolean pingOwed;
  private boolean ended;
  private int turn;

  GatewayConnection(World world, SimGateway gateway, Shape shape, String client) {
    this.world = world;
    this.gateway = gateway;
    this.shape = shape;
    this.client = client;
  }

  void begin(Socket with) {
    socket = with;
    heard = world.instant();
    planBeat();
  }

  /** There may be something new. */
  void wake() {
    if (!filling && !ended) {
      filling = true;
      world.after(world.below(300), this::fill);
    }
  }

  @Override
  public void room() {
    wake();
  }

  @Override
  public void arrived() {
    if (ended || socket == null) {
      return;
    }
    Optional<Frame> frame = socket.takeAtGateway();
    while (frame.isPresent() && !ended) {
      heard = world.instant();
      take(frame.get());
      frame = socket.takeAtGateway();
    }
    wake();
  }

  private void take(Frame frame) {
    switch (frame) {
      case Frame.FromClient(ClientMessage message) -> hear(message);
      case Frame.Pong pong -> {}
      case Frame.Close close -> end();
      case Frame.FromGateway impossible -> throw new IllegalStateException("our own: " + frame);
      case Frame.Ping impossible -> throw new IllegalStateException("clients send no ping");
    }
  }

  private void hear(ClientMessage message) {
    switch (message) {
      case ClientMessage.Hello hello ->
          answers.add(
              new ServerMessage.Welcome(
                  client,
                  Optional.empty(),
                  false,
                  shape.heartbeat(),
                  Duration.ofMinutes(1),
                  gateway.name(),
                  new ServerMessage.Limits(1 << 18, 1 << 16, 100, 100_000)));
      case ClientMessage.Subscribe wanted -> subscribe(wanted);
      case ClientMessage.Unsubscribe unsubscribe -> {
        String ref = unsubscribe.ref().orElse("");
        subscriptions.stream()
            .filter(each -> each.ref().equals(ref))
            .forEach(GatewaySubscription::close);
        subscriptions.removeIf(each -> each.ref().equals(ref));
        answers.add(new ServerMessage.Unsubscribed(ref, OptionalInt.empty(), Optional.empty()));
      }
      case ClientMessage.Ack ack -> {}
      case ClientMessage.Ping ping -> answers.add(new ServerMessage.Pong(ping.nonce()));
    }
  }

  private void subscribe(ClientMessage.Subscribe wanted) {
    Terms terms =
        new Terms(
            new Definition(wanted.where(), wanted.columns(), wanted.delta()),
            wanted.after().flatMap(Position::parse),
            wanted.snapshot(),
            wanted.onGap(),
            buffer(wanted));
    Cursor cursor =
        new Cursor(gateway.source(wanted.source()), terms, world.instant(), PATIENCE, this::wake);
    subscriptions.add(
        new GatewaySubscription(world, gateway, wanted.ref(), cursor, shape.rowsPerPart()));
  }

  private static Buffer buffer(ClientMessage.Subscribe wanted) {
    Buffer usual = Buffer.DEFAULT;
    return wanted
        .buffer()
        .map(asked ->
            new Buffer(
                asked.maxSize().orElse(usual.maxSize()),
                asked.dropPolicy().orElse(usual.policy()),
                usual.warnAt(),
                usual.disconnectAt(),
                asked.maxAge().orElse(usual.maxAge()),
                asked.sample().orElse(usual.sample())))
        .orElse(usual);
  }

  private void fill() {
    filling = false;
    Socket to = socket;
    if (ended || to == null) {
      return;
    }
    int budget = 1 + world.below(8);
    while (budget-- > 0 && to.toClient().hasRoom()) {
      Optional<Frame> next = next();
      if (next.isEmpty()) {
        subscriptions.forEach(GatewaySubscription::hangOn);
        next = next();
      }
      if (next.isEmpty()) {
        planDeadline();
        return;
      }
      to.sendToClient(next.get());
    }
    if (to.toClient().hasRoom()) {
      wake();
    }
  }

  private Optional<Frame> next() {
    if (pingOwed) {
      pingOwed = false;
      return Optional.of(new Frame.Ping());
    }
    ServerMessage answer = answers.poll();
    if (answer != null) {
      return Optional.of(new Frame.FromGateway(answer));
    }
    for (int i = 0; i < subscriptions.size(); i++) {
      turn = (turn + 1) % subscriptions.size();
      Optional<ServerMessage> message = subscriptions.get(turn).next();
      subscriptions.removeIf(GatewaySubscription::ended);
      if (message.isPresent()) {
        return message.map(Frame.FromGateway::new);
      }
    }
    return Optional.empty();
  }

  private void planDeadline() {
    subscriptions.stream()
        .map(GatewaySubscription::deadline)
        .flatMap(Optional::stream)
        .min(Instant::compareTo)
        .filter(deadline -> deadline.isBefore(wakeAt))
        .ifPresent(deadline -> {
          wakeAt = deadline;
          world.at(
              deadline,
              () -> {
                wakeAt = Instant.MAX;
                wake();
              });
        });
  }

  private void planBeat() {
    world.after(shape.heartbeat().toNanos() / 1_000, this::beat);
  }

  private void beat() {
    if (ended || socket == null) {
      return;
    }
    if (heard.plus(shape.heartbeat().multipliedBy(2)).isBefore(world.instant())) {
      world.say(gateway.name(), client + " said nothing for two heartbeats");
      world.rare(Rare.SILENT_CLIENT);
      socket.cut();
      end();
      return;
    }
    pingOwed = true;
    wake();
    planBeat();
  }

  /** Sends the client away. */
  void dismiss(CloseCode code, Duration retryIn) {
    Socket to = socket;
    if (!ended && to != null) {
      to.sendToClient(
          new Frame.FromGateway(
              new ServerMessage.Bye(code.code(), code.text(), Optional.of(retryIn), true)));
      to.closeByGateway(code, code.text());
      end();
    }
  }

  /** The gateway is no more. */
  void die() {
    Socket there = socket;
    ended = true;
    if (there != null) {
      there.gatewayDied();
    }
  }

  @Override
  public void gone(int code, String reason) {
    end();
  }

  private void end() {
    ended = true;
    subscriptions.forEach(GatewaySubscription::close);
    subscriptions.clear();
    gateway.ended(this);
  }
}
