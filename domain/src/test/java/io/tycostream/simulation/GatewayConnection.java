package io.tycostream.simulation;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.Grant;
import io.tycostream.domain.session.RequestRate;
import io.tycostream.domain.session.Session;
import io.tycostream.domain.session.Signs;
import io.tycostream.domain.session.Subscription;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.SourceSnapshot;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's side of one socket: what a courier does, in virtual time. What ends it, and with
 * which word, the gateway's sessions decide; what is subscribed and whose turn it is the
 * conversation.
 */
final class GatewayConnection implements Socket.End {

  private static final long TURN_BYTES = 100;

  private final World world;
  private final SimGateway gateway;
  private final long id;
  private final Shape shape;
  private final Socket socket;
  private final Conversation conversation;
  private final Deque<Frame> answers = new ArrayDeque<>();
  private final Map<String, GatewaySubscription> subscriptions = new LinkedHashMap<>();

  private Optional<ClientMessage.Hello> hello = Optional.empty();
  private Instant heard;
  private @Nullable Instant stuckSince;
  private Instant wakeAt = Instant.MAX;
  private final Requests requests;

  /** What its client may see. */
  private Grant granted = Grant.EVERYTHING;

  private boolean filling;

  /** Whether nothing more is read for now. */
  private boolean paused;

  private boolean released;
  private boolean ended;

  GatewayConnection(World world, SimGateway gateway, long id, Shape shape, Socket socket) {
    this.world = world;
    this.gateway = gateway;
    this.id = id;
    this.shape = shape;
    this.socket = socket;
    this.heard = world.instant();
    this.conversation = gateway.conversation(this::wake);
    this.requests = new Requests(shape, socket.name(), heard);
  }

  long id() {
    return id;
  }

  /** What it said of itself; nothing before {@code hello}. */
  Optional<ClientMessage.Hello> hello() {
    return hello;
  }

  /** Who is at the other end; nothing before {@code hello}. */
  String client() {
    return hello.flatMap(ClientMessage.Hello::client).orElse("nobody");
  }

  Signs signs() {
    return new Signs(heard, Optional.ofNullable(stuckSince));
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
    stuckSince = null;
    wake();
  }

  @Override
  public void arrived() {
    while (!paused && !ended) {
      Optional<Frame> frame = socket.takeAtGateway();
      if (frame.isEmpty()) {
        break;
      }
      heard = world.instant();
      take(frame.get());
    }
    wake();
  }

  private void take(Frame frame) {
    switch (frame) {
      case Frame.FromClient(ClientMessage message) -> {
        hear(message);
        if (RequestRate.counts(message) && !released) {
          count();
        }
      }
      case Frame.Pong pong -> {}
      case Frame.Close(int code, String reason) -> gateway.peerClosed(this, code);
      case Frame.FromGateway impossible -> throw new IllegalStateException("our own: " + frame);
      case Frame.Ping impossible -> throw new IllegalStateException("clients send no ping");
    }
  }

  /** Reads no further until the client's rate allows the next. */
  private void count() {
    RequestRate.Taken taken = requests.read(world.instant());
    if (taken.tooMany()) {
      world.rare(Rare.TOO_MANY_REQUESTS);
      gateway.endGreedy(this);
    } else if (taken.pause().isPositive()) {
      world.rare(Rare.OVER_RATE);
      paused = true;
      world.at(
          world.instant().plus(taken.pause()),
          () -> {
            paused = false;
            arrived();
          });
    }
  }

  private void hear(ClientMessage message) {
    switch (message) {
      case ClientMessage.Hello said -> {
        hello = Optional.of(said);
        conversation.buffer(said.buffer()).ifPresent(this::answer);
        gateway.greeted(this, said);
      }
      case ClientMessage.Subscribe wanted -> {
        gateway.requestHeard(this);
        if (!released) {
          Optional<ServerMessage> refused = conversation.subscribe(wanted, world.instant());
          begun(wanted, refused);
          if (refused.isEmpty()) {
            gateway.subscribed(this, wanted);
          }
        }
      }
      case ClientMessage.Unsubscribe unsubscribe -> {
        gateway.requestHeard(this);
        String ref = unsubscribe.ref().orElse("");
        subscriptions.remove(ref);
        gateway.unsubscribed(this, ref);
        answer(conversation.unsubscribe(unsubscribe));
      }
      case ClientMessage.Ack ack -> conversation.ack(ack).ifPresent(this::answer);
      case ClientMessage.Ping ping -> answer(new ServerMessage.Pong(ping.nonce()));
    }
  }

  private void begun(ClientMessage.Subscribe wanted, Optional<ServerMessage> refused) {
    refused.ifPresent(why -> {
      checkForbidden(why, wanted.source());
      answer(why);
    });
    subscriptions
        .keySet()
        .retainAll(conversation.subscriptions().stream().map(Subscription::ref).toList());
    for (Subscription each : conversation.subscriptions()) {
      GatewaySubscription known = subscriptions.get(each.ref());
      if (known == null || !known.isOf(each)) {
        subscriptions.put(
            each.ref(), new GatewaySubscription(world, gateway, each, shape.rowsPerPart()));
      }
    }
  }

  private boolean isWhole(Subscription subscription) {
    GatewaySubscription mine = subscriptions.get(subscription.ref());
    return mine == null || mine.isWhole();
  }

  /** Its client has these permissions now. */
  void permit(Grant grant) {
    if (!released) {
      if (!subscriptions.isEmpty()) {
        world.rare(Rare.PERMITTED_IN_PLACE);
      }
      granted = grant;
      conversation.permit(grant, this::isWhole, world.instant()).forEach(this::revoked);
      wake();
    }
  }

  /** A subscription ended because its client may not follow its source any more. */
  private void revoked(ServerMessage told) {
    if (told instanceof ServerMessage.Refused refused) {
      String ref = refused.ref().orElse("");
      GatewaySubscription ended = subscriptions.get(ref);
      world.rare(Rare.ACCESS_REVOKED);
      checkForbidden(told, ended == null ? "" : ended.source());
      over(ref);
    }
    answer(told);
  }

  /** Nothing is forbidden that is allowed. */
  private void checkForbidden(ServerMessage told, String source) {
    if (told instanceof ServerMessage.Refused refused
        && refused.code().equals(ErrorCode.FORBIDDEN.wire())
        && granted.allows(source)) {
      throw new Violation(client() + " is refused what it may follow: " + refused);
    }
  }

  /** The gateway has ended it; the client may not come to hear of that. */
  private void over(String ref) {
    subscriptions.remove(ref);
    gateway.ended(this, ref);
  }

  /** Answers {@code hello}; where a session is taken up, its subscriptions begin again. */
  void welcome(ServerMessage.Welcome welcome, Optional<Session> session) {
    answer(welcome);
    permit(gateway.grant(client()));
    if (welcome.resumed() && session.isPresent()) {
      world.rare(Rare.SESSION_RESUMED);
      Map<String, String> positions = hello.map(ClientMessage.Hello::positions).orElse(Map.of());
      for (Session.Restored each : session.get().restored(positions)) {
        if (each.lost()) {
          world.rare(Rare.RESTORED_WITHOUT_POSITION);
        }
        restore(each, session.get());
      }
    }
  }

  private void restore(Session.Restored each, Session session) {
    String ref = each.subscribe().ref();
    if (session.ended().containsKey(ref)) {
      world.rare(Rare.ENDED_UNHEARD);
    }
    Optional<ServerMessage> refused = conversation.restore(each, world.instant());
    begun(each.subscribe(), refused);
    refused.ifPresentOrElse(why -> over(ref), () -> gateway.revived(this, ref));
  }

  void ping() {
    answers.add(new Frame.Ping());
    wake();
  }

  void bye(CloseReason reason) {
    answers.clear();
    answer(
        new ServerMessage.Bye(
            reason.code().code(), reason.text(), reason.retryIn(), reason.resumable()));
    answers.add(new Frame.Close(reason.code().code(), reason.text()));
    release();
    wake();
  }

  void answerClose(int code) {
    answers.clear();
    answers.add(new Frame.Close(code, ""));
    release();
    wake();
  }

  /** Its subscriptions are over. */
  void release() {
    released = true;
    conversation.close();
    subscriptions.clear();
  }

  /** The socket is cut. */
  void abort() {
    if (!ended) {
      end();
      socket.cut();
    }
  }

  /** The gateway is no more. */
  void die() {
    ended = true;
    socket.gatewayDied();
  }

  @Override
  public void gone(int code, String reason) {
    end();
    gateway.socketLost(this);
  }

  private void end() {
    ended = true;
    release();
  }

  private void answer(ServerMessage message) {
    answers.add(new Frame.FromGateway(message));
  }

  private void fill() {
    filling = false;
    if (ended) {
      return;
    }
    measure();
    if (ended) {
      return;
    }
    int budget = 1 + world.below(8);
    while (socket.toClient().hasRoom() && !ended) {
      if (budget-- == 0) {
        wake();
        return;
      }
      Optional<Frame> next = next();
      if (next.isEmpty()) {
        conversation.hangOn();
        measure();
        next = next();
      }
      if (next.isEmpty()) {
        planDeadline();
        return;
      }
      socket.sendToClient(next.get());
      if (next.get() instanceof Frame.Close) {
        gateway.closeWritten(this);
        return;
      }
    }
    if (!ended && stuckSince == null) {
      stuckSince = world.instant();
    }
  }

  private Optional<Frame> next() {
    Frame answer = answers.poll();
    if (answer != null || released) {
      return Optional.ofNullable(answer);
    }
    Optional<Subscription> turn = conversation.turn();
    while (turn.isPresent()) {
      Optional<ServerMessage> message = message(turn.get());
      if (message.isPresent()) {
        conversation.spent(turn.get(), TURN_BYTES);
        return message.map(Frame.FromGateway::new);
      }
      turn = conversation.turn();
    }
    return Optional.empty();
  }

  private Optional<ServerMessage> message(Subscription subscription) {
    GatewaySubscription mine = subscriptions.get(subscription.ref());
    if (mine == null) {
      throw new Violation("a turn of a subscription that is over: " + subscription.ref());
    }
    if (!granted.allows(mine.source())) {
      throw new Violation(client() + " hears of " + mine.source() + ", and may not follow it");
    }
    mine.checkRested();
    Optional<ServerMessage> part = mine.next();
    if (part.isPresent()) {
      return part;
    }
    Optional<Instant> rest = mine.takeRest();
    if (rest.isPresent()) {
      conversation.rest(subscription, rest.get());
      return Optional.empty();
    }
    mine.asks();
    Delivery delivery = conversation.next(subscription, world.instant());
    mine.deliver(delivery);
    if (delivery instanceof Delivery.Refused) {
      over(subscription.ref());
    }
    return mine.next();
  }

  /** A round begins; a client that took too little for long is ended. */
  void measure() {
    if (ended || released) {
      return;
    }
    Conversation.Round round = conversation.begin(stuckSince != null, world.instant());
    allow();
    round.tell().ifPresent(this::answer);
    if (round.tooSlow()) {
      world.rare(Rare.SLOW_CONSUMER);
      gateway.endSlow(this);
    }
  }

  /**
   * What may wait for each: over the buffer of all together the fullest give way, or by priority
   * the lowest, until half of it is free.
   */
  private void allow() {
    Buffer buffer = conversation.buffer();
    List<Subscription> giving = new ArrayList<>(conversation.subscriptions());
    long excess =
        conversation.buffered() > buffer.maxSize()
            ? conversation.buffered() - buffer.maxSize() / 2
            : 0;
    // The first of those that come first is the one that was subscribed first.
    Comparator<Subscription> fullest = Comparator.comparingLong(Subscription::buffered).reversed();
    giving.sort(
        buffer.policy() == DropPolicy.BY_PRIORITY
            ? Comparator.<Subscription>comparingInt(each -> each.wanted().priority())
                .thenComparing(fullest)
            : fullest);
    for (Subscription each : giving) {
      long cut = Math.min(excess, each.buffered());
      excess -= cut;
      Optional.ofNullable(subscriptions.get(each.ref()))
          .ifPresent(mine -> mine.allow(cut == 0 ? Long.MAX_VALUE : each.buffered() - cut));
    }
  }

  private void planDeadline() {
    conversation
        .deadline()
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

  /** Of a source the snapshots that are being sent. */
  List<SourceSnapshot> snapshotsInHand(String source) {
    return subscriptions.values().stream()
        .filter(each -> each.source().equals(source))
        .flatMap(each -> each.snapshotInHand().stream())
        .toList();
  }

  /** Of a source the bytes of each merged batch that is in hand. */
  LongStream mergedInHand(String source) {
    return subscriptions.values().stream()
        .filter(each -> each.source().equals(source))
        .mapToLong(GatewaySubscription::mergedInHand)
        .filter(bytes -> bytes > 0);
  }

  /** What must hold after every step. */
  void check() {
    if (socket.toClient().waiting() > shape.socketMessages()) {
      throw new Violation(
          gateway.name() + " has " + socket.toClient().waiting() + " messages on a socket");
    }
    if (subscriptions.size() > SimGateway.MAX_SUBSCRIPTIONS) {
      throw new Violation(gateway.name() + " serves " + subscriptions.size() + " subscriptions");
    }
  }
}
