package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.app.GatewayServer;
import io.tycostream.app.SelfSigned;
import io.tycostream.app.config.ConfigurationReader;
import io.tycostream.app.demo.Await;
import io.tycostream.client.ConnectionState;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TycostreamClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway that speaks TLS, before a simulated Materialize. */
@Timeout(120)
class TlsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long START = 1_700_000_000_000L;

  @TempDir private Path folder;

  private final MaterializeSimulator database = MaterializeSimulator.start();
  private final Queue<String> told = new ConcurrentLinkedQueue<>();
  private MzObject orders;
  private SelfSigned identity;
  private GatewayServer gateway;

  @BeforeEach
  void start() throws Exception {
    database.clock(START);
    orders = database.materializedView("orders", MzColumn.int4("id"), MzColumn.text("note"));
    orders.retainHistory(3_600_000);
    orders.insert(START, "1", "a");
    orders.advance(START + 1);
    identity = SelfSigned.make(folder, "EC");
    gateway = serve(identity);
  }

  @AfterEach
  void stop() {
    gateway.close();
    database.close();
  }

  private GatewayServer serve(SelfSigned as) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("tycostream.yaml"),
            """
            server:
              port: 0
              tls: {certificate: '%s', private-key: '%s'}
            databases:
              mz:
                type: materialize
                endpoints: [{host: 127.0.0.1, port: %d}]
                ssl-mode: disable
                cluster: %s
            sources:
              orders: {key: [id]}
            clients: {heartbeat: 3s, socket-send-buffer: 4KiB, session-ttl: 0s}
            """
                .formatted(
                    as.certificate(),
                    as.privateKey(),
                    database.server().port(),
                    MaterializeSimulator.CLUSTER));
    return GatewayServer.start(ConfigurationReader.read(file, Map.of()), Optional.empty());
  }

  private TycostreamClient client(SSLContext trust) {
    return TycostreamClient.builder("https://127.0.0.1:" + gateway.port())
        .backoff(Duration.ofMillis(10), Duration.ofMillis(100))
        .sslContext(trust)
        .connectionListener(state -> {
          switch (state) {
            case ConnectionState.Open open -> told.add("connected");
            case ConnectionState.Waiting(Instant until, String reason) -> told.add(reason);
            default -> {}
          }
        })
        .connect();
  }

  private static Set<String> ids(Subscription subscription) {
    Set<String> ids = new TreeSet<>();
    subscription.rows().forEach(row -> ids.add(row.text("id")));
    return ids;
  }

  private void insert(String id, String note) {
    long time = orders.upper() + 3;
    orders.insert(time, id, note);
    orders.advance(time + 5);
  }

  private String get(String path) throws Exception {
    try (HttpClient http = HttpClient.newBuilder().sslContext(identity.trusting()).build()) {
      URI uri = URI.create("https://localhost:" + gateway.port() + path);
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private int clients() throws Exception {
    return new ObjectMapper().readTree(get("/v1/clients")).get("clients").size();
  }

  @Test
  void shouldServeHttpAndWebSocketOnOnePort() throws Exception {
    try (TycostreamClient client = client(identity.trusting())) {
      Subscription subscription = client.subscribe("orders", new SubscriptionListener() {});
      Await.until("a row", PATIENCE, () -> ids(subscription).equals(Set.of("1")));
      insert("2", "x".repeat(200_000)); // of many TLS records
      Await.until("two rows", PATIENCE, () -> ids(subscription).equals(Set.of("1", "2")));
      Await.until("it is listed", PATIENCE, () -> clients() == 1);
      gateway.close();
      gateway = serve(identity);
    }
    assertEquals("connected", told.peek());
  }

  @Test
  void shouldNotBeTrustedByWhoTrustsAnother(@TempDir Path own) throws Exception {
    try (TycostreamClient client = client(SelfSigned.make(own, "EC").trusting())) {
      assertNotConnected(client);
    }
  }

  @Test
  void shouldNotBeTrustedUnderANameThatTheCertificateIsNotFor(@TempDir Path own) throws Exception {
    SelfSigned other = SelfSigned.make(own, "EC", "dns:gateway.example");
    gateway.close();
    gateway = serve(other);
    try (TycostreamClient client = client(other.trusting())) {
      assertNotConnected(client);
    }
  }

  private void assertNotConnected(TycostreamClient client) throws Exception {
    client.subscribe("orders", new SubscriptionListener() {});
    Await.until("it was tried twice", PATIENCE, () -> told.size() >= 2);
    for (String each : told) {
      assertTrue(each.contains("TLS with 127.0.0.1:" + gateway.port() + " failed"), each);
    }
  }

  @Test
  void shouldAnswerNothingInPlainText() throws Exception {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      plain.setSoTimeout((int) PATIENCE.toMillis());
      plain
          .getOutputStream()
          .write("GET /v1/sources HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer = new String(readAll(plain.getInputStream()), StandardCharsets.ISO_8859_1);
      assertTrue(!answer.contains("orders") && !answer.startsWith("HTTP"), answer);
    }
  }

  private static byte[] readAll(InputStream in) throws IOException {
    try {
      return in.readAllBytes();
    } catch (IOException reset) {
      return new byte[0];
    }
  }

  /** Whoever connects and says nothing holds nobody up. */
  @Test
  void shouldServeOthersWhileHandshakesDoNotBegin() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        silent.add(new Socket(InetAddress.getLoopbackAddress(), gateway.port()));
      }
      assertTrue(get("/v1/sources").contains("orders"));
    } finally {
      for (Socket each : silent) {
        each.close();
      }
    }
  }

  /** The farewell of TLS would wait for the very writing that is stuck. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void shouldCutAClientThatTakesNothing(String version) throws Exception {
    for (int i = 0; i < 40; i++) {
      insert("big-" + i, "x".repeat(500_000)); // more than all buffers on the way hold
    }
    try (SSLSocket stuck = follow("orders", version)) {
      assertEquals('H', stuck.getInputStream().read()); // of HTTP/1.1 101, and no more of it
      Await.until("it is cut", PATIENCE, () -> clients() == 0);
      gateway.close(); // which waits for all who write
    }
  }

  /** A WebSocket client that asks for a source, and from then on reads nothing. */
  private SSLSocket follow(String source, String version)
      throws IOException, GeneralSecurityException {
    SSLSocket socket =
        (SSLSocket)
            identity
                .trusting()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), gateway.port());
    socket.setEnabledProtocols(new String[] {version});
    String upgrade =
        """
        GET /v1/stream HTTP/1.1
        Host: localhost
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

        """;
    socket
        .getOutputStream()
        .write(upgrade.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(frame("{\"type\":\"hello\"}"));
    socket
        .getOutputStream()
        .write(frame("{\"type\":\"subscribe\",\"ref\":\"r\",\"source\":\"" + source + "\"}"));
    return socket;
  }

  /** Masked with zeros. */
  private static byte[] frame(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(6 + payload.length)
        .put((byte) 0x81)
        .put((byte) (0x80 | payload.length))
        .putInt(0)
        .put(payload)
        .array();
  }
}
