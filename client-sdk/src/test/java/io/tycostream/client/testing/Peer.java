package io.tycostream.client.testing;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.Conversation;
import io.tycostream.domain.session.Grant;
import io.tycostream.domain.session.Introduction;
import io.tycostream.domain.session.ResumeTicket;
import io.tycostream.domain.session.Resumption;
import io.tycostream.domain.session.Session;
import io.tycostream.domain.session.Signs;
import io.tycostream.domain.session.Subscription;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * A client that is connected. One thread reads its socket and answers, another one writes, and
 * takes what there is for the client from its subscriptions. Guarded by the hub's lock, but for
 * {@link #serve}.
 */
final class Peer {

  /** Of one write; what is more waits for the next one. */
  private static final int WRITE_BYTES = 64 << 10;

  /** Answers that a client may leave unread; then it is not read any further. */
  private static final int UNREAD_BYTES = 1 << 20;

  /** How long the end of reading waits for the last write. */
  private static final long LAST_WRITE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Hub hub;
  private final Socket socket;
  private final Optional<String> credentials;
  private final Condition news;
  private final Conversation conversation;
  private final Map<Subscription, PeerSubscription> subscriptions = new LinkedHashMap<>();
  private final ByteArrayOutputStream outbox = new ByteArrayOutputStream();

  private long number;
  private @Nullable Hello hello;
  private Optional<String> id = Optional.empty();
  private boolean greeted;
  private boolean resumed;

  /** Whether the last word is said, or on its way. */
  private boolean closing;

  private boolean released;
  private boolean ended;
  private Instant heardAt;
  private @Nullable Instant writingSince;

  /** After how many bytes more the connection is cut; below zero for not at all. */
  private long bytesLeft = -1;

  Peer(Hub hub, Socket socket, Optional<String> credentials) {
    this.hub = hub;
    this.socket = socket;
    this.credentials = credentials;
    this.news = hub.lock.newCondition();
    this.conversation = hub.conversation(this::wake);
    this.heardAt = hub.now();
  }

  void begin(long connection) {
    number = connection;
    hub.start(this::write);
  }

  long number() {
    return number;
  }

  boolean greeted() {
    return greeted && !closing && !ended;
  }

  TestClient seen() {
    return new TestClient(id, resumed, PeerSubscription.seen(List.copyOf(subscriptions.values())));
  }

  List<PeerSubscription> subscriptions() {
    return List.copyOf(subscriptions.values());
  }

  long capacity() {
    return conversation.capacity();
  }

  Signs signs() {
    return new Signs(heardAt, Optional.ofNullable(writingSince));
  }

  /** There may be something to do for the writer. */
  void wake() {
    hub.lock.lock();
    try {
      news.signalAll();
    } finally {
      hub.lock.unlock();
    }
  }

  void cutAfter(long bytes) {
    bytesLeft = bytes;
  }

  /** Cuts the connection. */
  void cut() {
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone, which was to be reached.
    }
    over();
  }

  /** Nothing is to be done any more. */
  void over() {
    ended = true;
    release();
    news.signalAll();
  }

  void release() {
    if (!released) {
      released = true;
      conversation.close();
      subscriptions.clear();
    }
  }

  void send(ServerMessage message) {
    text(MessageWriter.write(message));
  }

  private void text(byte[] message) {
    frame(WebSocketFrame.of(WebSocketFrame.TEXT, message));
  }

  private void frame(byte[] frame) {
    if (!closing) {
      outbox.writeBytes(frame);
      news.signalAll();
    }
  }

  void ping() {
    frame(WebSocketFrame.of(WebSocketFrame.PING, new byte[0]));
  }

  void bye(CloseReason reason) {
    int code = reason.code().code();
    send(new Bye(code, reason.text(), reason.retryIn(), reason.resumable()));
    frame(WebSocketFrame.close(code, reason.text()));
    closing = true;
  }

  void answerClose(int code) {
    frame(WebSocketFrame.close(code, ""));
    closing = true;
  }

  void welcome(Resumption resumption, Session session, Optional<ResumeTicket> ticket) {
    Hello said = hello;
    if (said == null || released) {
      return;
    }
    greeted = true;
    id = session.settings().client();
    send(
        new Welcome(
            session.id(),
            ticket.map(hub::token),
            resumption.resumed(),
            hub.settings.times().heartbeat(),
            hub.settings.times().ttl(),
            "test",
            hub.settings.limits()));
    conversation.buffer(session.settings().buffer()).ifPresent(this::send);
    conversation.expectAcks(session.settings().acks());
    conversation.permit(Grant.EVERYTHING, this::isWhole, hub.dataNow()).forEach(this::send);
    if (resumption == Resumption.RESUMED) {
      resumed = true;
      for (Session.Restored each : session.restored(said.positions())) {
        conversation.restore(each, hub.dataNow()).ifPresent(this::send);
      }
    }
    subscriptionsChanged();
    session.subscriptions().keySet().forEach(this::forgetUnlessThere);
  }

  private boolean isWhole(Subscription subscription) {
    PeerSubscription its = subscriptions.get(subscription);
    return its == null || its.isWhole();
  }

  /** Reads until the end. Not guarded: takes the lock for everything that came. */
  void serve(DataInputStream in) {
    ClientFrames frames = new ClientFrames(in, hub.settings.limits().maxRequest());
    try {
      while (take(frames.next())) {
        // Until the client has said its last.
      }
    } catch (IOException gone) {
      // As the network has it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      hub.run(() -> hub.socketLost(number));
    }
  }

  private boolean take(ClientFrames.Came came) throws InterruptedException {
    hub.lock.lock();
    try {
      heardAt = hub.now();
      boolean more =
          switch (came) {
            case ClientFrames.Came.Text(String text) -> {
              hear(text);
              yield true;
            }
            case ClientFrames.Came.Ping(byte[] payload) -> {
              frame(WebSocketFrame.of(WebSocketFrame.PONG, payload));
              yield true;
            }
            case ClientFrames.Came.Pong pong -> true;
            case ClientFrames.Came.Broken(CloseReason why) -> {
              hub.endRequested(number, why);
              yield true;
            }
            case ClientFrames.Came.Close(int code) -> {
              hub.perform(number, hub.sessions().peerClosed(number, code, hub.now()));
              yield false;
            }
          };
      long patience = LAST_WRITE_NANOS;
      while (more && !ended && outbox.size() > UNREAD_BYTES) {
        news.await();
      }
      while (!more && !ended && patience > 0) {
        patience = news.awaitNanos(patience);
      }
      return more;
    } finally {
      hub.lock.unlock();
    }
  }

  private void hear(String text) {
    if (closing || released) {
      return;
    }
    hub.hear(text);
    switch (RequestReader.read(text)) {
      case RequestReader.Read.Garbage(String reason) ->
          hub.endRequested(number, new CloseReason(CloseCode.PROTOCOL_ERROR, reason));
      case RequestReader.Read.Message(Hello said) -> greet(said);
      case RequestReader.Read.Message(ClientMessage early) when !greeted ->
          hub.perform(number, hub.sessions().requestHeard(number, hub.now()));
      case RequestReader.Read.Message(ClientMessage message) -> request(message);
      case RequestReader.Read.Wrong(String type, var answer)
          when !greeted && !type.equals("hello") ->
          hub.perform(number, hub.sessions().requestHeard(number, hub.now()));
      case RequestReader.Read.Wrong(String type, var answer) -> send(answer);
    }
    hub.somethingHappened();
  }

  private void greet(Hello said) {
    String required = hub.requiredToken;
    if (required != null && !said.token().or(() -> credentials).equals(Optional.of(required))) {
      hub.endRequested(number, new CloseReason(CloseCode.UNAUTHENTICATED));
      return;
    }
    Optional<ServerMessage> refused = conversation.buffer(said.buffer());
    if (refused.isPresent()) {
      send(refused.get());
      return;
    }
    hello = said;
    Introduction introduction =
        new Introduction(
            UUID.randomUUID().toString(),
            Grant.EVERYTHING.principal(),
            Optional.empty(),
            hub.claim(said.resume()),
            new io.tycostream.domain.session.Settings(said.client(), said.acks(), said.buffer()));
    hub.perform(number, hub.sessions().greeted(number, introduction, hub.now()));
  }

  private void request(ClientMessage message) {
    switch (message) {
      case Hello again -> greet(again);
      case Subscribe subscribe -> {
        Optional<ServerMessage> refused = conversation.subscribe(subscribe, hub.dataNow());
        refused.ifPresent(this::send);
        if (refused.isEmpty()) {
          hub.sessions().subscribed(number, subscribe);
        }
        subscriptionsChanged();
      }
      case Unsubscribe unsubscribe -> {
        send(conversation.unsubscribe(unsubscribe));
        subscriptionsChanged();
      }
      case Ack ack -> conversation.ack(ack).ifPresent(this::send);
      case Ping(Optional<String> nonce) -> send(new Pong(nonce));
    }
    news.signalAll();
  }

  private void subscriptionsChanged() {
    List<Subscription> present = conversation.subscriptions();
    List<Subscription> before = List.copyOf(subscriptions.keySet());
    subscriptions.keySet().retainAll(present);
    before.forEach(each -> forgetUnlessThere(each.ref()));
    for (Subscription each : present) {
      subscriptions.computeIfAbsent(
          each, fresh -> new PeerSubscription(fresh, hub.settings.limits().maxMessage()));
    }
    hub.somethingHappened();
  }

  /** A subscription that is over is not restored with the session. */
  private void forgetUnlessThere(String ref) {
    if (conversation.subscriptions().stream().noneMatch(each -> each.ref().equals(ref))) {
      hub.sessions().unsubscribed(number, ref);
    }
  }

  /** Writes what there is until the end; holds the lock but while it writes. */
  private void write() {
    hub.lock.lock();
    try {
      while (!ended) {
        fill();
        if (outbox.size() == 0 || hub.holding) {
          conversation.hangOn();
          news.awaitNanos(Hub.nanosUntil(conversation.deadline(), hub.dataNow()));
        } else {
          flush();
        }
      }
    } catch (IOException gone) {
      hub.socketLost(number);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      cut();
      hub.socketLost(number);
      hub.lock.unlock();
    }
  }

  private void fill() {
    if (!greeted || closing || released || hub.holding || outbox.size() > 0) {
      return;
    }
    Instant now = hub.dataNow();
    conversation.begin(false, now).tell().ifPresent(this::send);
    subscriptions.values().forEach(PeerSubscription::beginRound);
    Optional<Subscription> turn = conversation.turn();
    while (turn.isPresent() && outbox.size() < WRITE_BYTES) {
      Subscription subscription = turn.get();
      PeerSubscription its = subscriptions.get(subscription);
      if (its == null) {
        throw new IllegalStateException("a turn of " + subscription.ref() + ", not there");
      }
      int before = outbox.size();
      its.send(conversation, this::text, now);
      conversation.spent(subscription, outbox.size() - before);
      turn = conversation.turn();
    }
    if (conversation.subscriptions().size() != subscriptions.size()) {
      subscriptionsChanged();
    }
    hub.somethingHappened();
  }

  private void flush() throws IOException {
    byte[] bytes = outbox.toByteArray();
    boolean last = closing;
    outbox.reset();
    int length = bytesLeft < 0 ? bytes.length : (int) Math.min(bytesLeft, bytes.length);
    boolean cutting = bytesLeft >= 0 && length == bytesLeft;
    bytesLeft -= bytesLeft < 0 ? 0 : length;
    writingSince = hub.now();
    hub.lock.unlock();
    try {
      socket.getOutputStream().write(bytes, 0, length);
    } finally {
      hub.lock.lock();
      writingSince = null;
    }
    if (cutting) {
      throw new IOException("cut as asked for");
    }
    if (last) {
      hub.perform(number, hub.sessions().closeWritten(number, hub.now()));
      awaitClose();
    } else {
      news.signalAll();
    }
  }

  /** The last word is written: the machine says when the socket is cut. */
  private void awaitClose() {
    boolean interrupted = false;
    while (!ended && !interrupted) {
      try {
        news.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        interrupted = true;
      }
    }
  }
}
