package io.tycostream.adapters.ws;

import com.fasterxml.jackson.databind.JsonNode;
import io.helidon.webserver.WebServer;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.session.BufferTerms;
import io.tycostream.domain.session.Resumption;
import io.tycostream.domain.session.SessionSettings;
import io.tycostream.domain.source.Source;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A gateway on real sockets over sources that a test feeds. */
final class TestGateway implements AutoCloseable {

  private static final Duration TTL = Duration.ofMinutes(2);

  /** Small, but long enough for a busy machine; each test narrows the one that it is about. */
  static final ClientLimits LIMITS =
      new ClientLimits(
          1_000,
          3,
          4 << 10,
          4 << 10,
          1_000,
          1_000,
          Duration.ofSeconds(20),
          new BufferTerms(
              new Buffer(
                  Buffer.AUTO, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofSeconds(10), 10),
              20_000,
              Duration.ofMinutes(1)),
          Duration.ofMinutes(5),
          new SessionSettings(
              Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(2), TTL));

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** How often what waits is looked at before it counts as not moving, 2 ms apart. */
  private static final int STILL_TIMES = 100;

  private static final int SEND_BUFFER_BYTES = 16 << 10;

  private final Gateway gateway;
  private final WebServer server;
  private final Queue<Integer> endings = new ConcurrentLinkedQueue<>();

  TestGateway(HandFed... sources) {
    this(LIMITS, sources);
  }

  TestGateway(ClientLimits limits, HandFed... sources) {
    this(limits, Authenticator.NOBODY_IS_ASKED, sources);
  }

  TestGateway(ClientLimits limits, Authenticator authenticator, HandFed... sources) {
    List<Source> streamed = Arrays.stream(sources).map(HandFed::source).toList();
    gateway =
        new Gateway(
            streamed,
            new GatewaySettings("node-1", limits, Set.of("https://friend.example"), "secret"),
            authenticator,
            new Endings(endings),
            Instant::now);
    server =
        WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .shutdownHook(false)
            .connectionOptions(
                options -> options.tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER_BYTES))
            .protocolsDiscoverServices(false)
            .addConnectionSelector(gateway.connections())
            .build();
    server.start();
  }

  static ClientLimits limits(Duration hello, Duration heartbeat, Duration patience) {
    return new Changed()
        .patience(patience)
        .times(new SessionSettings(hello, heartbeat, Duration.ofSeconds(2), TTL))
        .limits();
  }

  static ClientLimits maxWaiting(int count) {
    return new Changed().maxWaiting(count).limits();
  }

  static ClientLimits maxConnections(int count) {
    return new Changed().maxConnections(count).limits();
  }

  /** The limits with some of them changed. */
  static final class Changed {
    private int maxConnections = LIMITS.maxConnections();
    private int requestsPerSecond = LIMITS.requestsPerSecond();
    private int maxWaiting = LIMITS.maxWaiting();
    private Duration patience = LIMITS.requestPatience();
    private BufferTerms buffers = LIMITS.buffers();
    private Duration sustainedFor = LIMITS.sustainedFor();
    private SessionSettings times = LIMITS.times();

    Changed maxConnections(int count) {
      maxConnections = count;
      return this;
    }

    Changed requestsPerSecond(int count) {
      requestsPerSecond = count;
      return this;
    }

    Changed maxWaiting(int count) {
      maxWaiting = count;
      return this;
    }

    Changed patience(Duration time) {
      patience = time;
      return this;
    }

    Changed buffers(BufferTerms terms) {
      buffers = terms;
      return this;
    }

    Changed sustainedFor(Duration time) {
      sustainedFor = time;
      return this;
    }

    Changed times(SessionSettings settings) {
      times = settings;
      return this;
    }

    ClientLimits limits() {
      return new ClientLimits(
          maxConnections,
          LIMITS.maxSubscriptions(),
          LIMITS.maxRequest(),
          LIMITS.maxMessage(),
          requestsPerSecond,
          maxWaiting,
          patience,
          buffers,
          sustainedFor,
          times);
    }
  }

  Gateway gateway() {
    return gateway;
  }

  int port() {
    return server.port();
  }

  RawClient client() {
    return RawClient.open(server.port());
  }

  /** A client that has been welcomed. */
  RawClient greeted() {
    return greet(client());
  }

  static RawClient greet(RawClient client) {
    client.send("{\"type\":\"hello\"}");
    client.message("welcome");
    return client;
  }

  /** A client that has subscribed. */
  RawClient following(String source) {
    RawClient client = greeted();
    client.send(subscribe(source));
    return client;
  }

  static String subscribe(String source) {
    return "{\"type\":\"subscribe\",\"ref\":\"r-" + source + "\",\"source\":\"" + source + "\"}";
  }

  static String subscribe(String source, String after) {
    return "{\"type\":\"subscribe\",\"ref\":\"r-"
        + source
        + "\",\"source\":\""
        + source
        + "\",\"after\":\""
        + after
        + "\"}";
  }

  /**
   * A subscription with more wishes.
   *
   * @param wishes fields, with ` in place of quotes
   */
  static String subscribeWith(String ref, String source, String wishes) {
    return ("{`type`:`subscribe`,`ref`:`" + ref + "`,`source`:`" + source + "`," + wishes + "}")
        .replace('`', '"');
  }

  /** Whether something waits for a client and does not move: its sockets are full then. */
  boolean isStuck(RawClient client) {
    List<ConnectedClient.Following> before = following(client);
    for (int i = 0; i < STILL_TIMES; i++) {
      if (waitingFor(client) == 0 || !positions(before).equals(positions(following(client)))) {
        return false;
      }
      LockSupport.parkNanos(2_000_000);
    }
    return true;
  }

  private List<ConnectedClient.Following> following(RawClient client) {
    return gateway.clients().stream()
        .filter(each -> each.peer().endsWith(":" + client.localPort()))
        .flatMap(each -> each.subscriptions().stream())
        .toList();
  }

  private static List<Optional<String>> positions(List<ConnectedClient.Following> following) {
    return following.stream().map(ConnectedClient.Following::position).toList();
  }

  /** Rows that wait for a client. They grow only while its socket takes nothing. */
  long waitingFor(RawClient client) {
    return following(client).stream().mapToLong(ConnectedClient.Following::buffered).sum();
  }

  /** The codes with which connections have ended so far: each courier tells one at its end. */
  List<Integer> endings() {
    return List.copyOf(endings);
  }

  /** Waits until a condition holds that another thread makes true. */
  static void await(String what, BooleanSupplier condition) {
    Instant giveUpAt = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(giveUpAt)) {
        throw new AssertionError("not within " + PATIENCE + ": " + what);
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  /** Nobody is connected any more, and every courier has ended. */
  void awaitNobody(int couriers) {
    await(
        "no client is left, " + couriers + " couriers have ended",
        () -> gateway.connected() == 0 && endings.size() == couriers);
  }

  static String type(JsonNode message) {
    return message.get("type").textValue();
  }

  @Override
  public void close() {
    gateway.close();
    server.stop();
  }

  private record Endings(Queue<Integer> codes) implements ClientObserver {

    @Override
    public void written(int frames, long bytes) {}

    @Override
    public void delivered(Duration latency) {}

    @Override
    public void began(Start start, boolean resumed) {}

    @Override
    public void gap(GapReason reason, long dropped) {}

    @Override
    public void notResumed(Resumption reason) {}

    @Override
    public void disconnected(int code) {
      codes.add(code);
    }
  }
}
