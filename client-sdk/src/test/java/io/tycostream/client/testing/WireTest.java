package io.tycostream.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What stands on the wire, with the JDK's WebSocket, where the client has no words for it. */
@Timeout(60)
final class WireTest {

  private static final String FOLLOW = "{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"t\"";
  private static final String EVENTS = FOLLOW + ",\"onGap\":\"continue\",\"snapshot\":false}";

  private final TestGateway gateway =
      TestGateway.builder().requestPatience(Duration.ofMillis(50)).start();
  private final TestSource source =
      gateway.source("t").column("id", "int4").column("n", "int4").key("id").create();
  private final HttpClient http = HttpClient.newHttpClient();

  /** One that says and hears texts. */
  private final class Client implements WebSocket.Listener {

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final StringBuilder message = new StringBuilder();
    private final WebSocket socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + gateway.port() + "/v1/stream"), this)
            .join();

    void say(String text) {
      socket.sendText(text, true).join();
    }

    String welcome(String... more) {
      say("{\"type\":\"hello\",\"acks\":true" + String.join("", more) + "}");
      return await("welcome");
    }

    /** The next message of a type, whatever comes before it. */
    String await(String type) {
      try {
        String next = "";
        while (!next.startsWith("{\"type\":\"" + type + "\"")) {
          next = heard.poll(10, TimeUnit.SECONDS);
          assertTrue(next != null, "no " + type + " came");
        }
        return next;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    Map<?, ?> awaitFields(String type) throws IOException {
      return (Map<?, ?>) JsonText.read(await(type));
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        heard.add(message.toString());
        message.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer payload) {
      heard.add("{\"type\":\"PING\"}");
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      heard.add("{\"type\":\"CLOSE\",\"code\":" + code + "}");
      return null;
    }
  }

  @AfterEach
  void end() {
    gateway.close();
    http.shutdownNow(); // close() waits for WebSockets that were cut, and may do so for ever
  }

  private static Map<String, Integer> row(int id, int n) {
    return Map.of("id", id, "n", n);
  }

  @Test
  void showsWhatIsAcknowledged() throws IOException {
    Client client = new Client();
    client.welcome(",\"client\":\"c\"");
    client.say(FOLLOW + "}");
    client.await("snapshot");
    String position = source.put(row(1, 1));
    Map<?, ?> batch = client.awaitFields("batch");
    assertEquals(position, batch.get("position"));
    assertEquals(Optional.of(position), source.subscriptions().getFirst().sent());
    assertEquals(Optional.empty(), source.subscriptions().getFirst().acked());
    client.say(
        "{\"type\":\"ack\",\"feed\":" + batch.get("feed") + ",\"position\":\"" + position + "\"}");
    source.awaitAcked(position);
    assertEquals(Optional.of(position), source.subscriptions().getFirst().acked());
    assertEquals(
        List.of(
            new TestClient(
                Optional.of("c"),
                false,
                List.of(
                    new TestSubscription(
                        "a",
                        "t",
                        Optional.empty(),
                        Optional.of(position),
                        Optional.of(position))))),
        gateway.clients());
    assertEquals(3, gateway.requests().size());
    assertThrows(IllegalArgumentException.class, () -> source.awaitAcked("here"));
  }

  @Test
  void takesASessionUpAgainButNotAfterARestart() throws IOException {
    Client client = new Client();
    String token = (String) ((Map<?, ?>) JsonText.read(client.welcome())).get("resume");
    client.say(FOLLOW + "}");
    client.await("snapshot");
    String position = client.awaitFields("progress").get("position").toString();
    gateway.dropConnections();
    source.put(row(1, 1));
    Client again = new Client();
    String resume = ",\"resume\":\"" + token + "\",\"positions\":{\"a\":\"" + position + "\"}";
    assertTrue(again.welcome(resume).contains("\"resumed\":true"));
    assertEquals("replay", again.awaitFields("subscribed").get("start"));
    again.await("batch");
    assertTrue(gateway.clients().getFirst().resumed());
    gateway.restart();
    Client late = new Client();
    assertTrue(late.welcome(resume).contains("\"resumed\":false"));
    late.say(FOLLOW + ",\"after\":\"" + position + "\"}");
    assertEquals("replay", late.awaitFields("subscribed").get("start"));
    late.await("batch");
  }

  @Test
  void leavesAnEventSubscriptionWithItsLosses() throws IOException {
    Client client = new Client();
    client.welcome();
    client.say(EVENTS);
    client.await("progress");
    source.gapWithFold(t -> t.put(row(1, 1)), t -> t.put(row(2, 2)), t -> t.put(row(3, 3)));
    Map<?, ?> gap = client.awaitFields("gap");
    assertEquals(
        List.of("none", new BigDecimal(2)), List.of(gap.get("recovery"), gap.get("dropped")));
    assertTrue(client.await("batch").contains("\"id\":3"));
    source.gapWithSnapshot(t -> t.put(row(4, 4)));
    assertEquals("none", client.awaitFields("gap").get("recovery"));
    source.put(row(5, 5));
    assertTrue(client.await("batch").contains("\"id\":5"));
  }

  @Test
  void foldsAllButTheLastTransaction() throws IOException {
    Client client = new Client();
    client.welcome();
    client.say(FOLLOW + "}");
    client.await("progress");
    source.gapWithFold(
        t -> t.put(row(1, 1)), t -> t.put(row(1, 2)), t -> t.put(row(2, 2)), t -> t.put(row(3, 3)));
    Map<?, ?> gap = client.awaitFields("gap");
    assertEquals(
        List.of("drop-oldest", "fold", new BigDecimal(3)),
        List.of(gap.get("reason"), gap.get("recovery"), gap.get("dropped")));
    Map<?, ?> merged = client.awaitFields("batch");
    assertEquals(new BigDecimal(3), merged.get("merged"));
    assertEquals(gap.get("upTo"), merged.get("position"));
    assertEquals(2, ((List<?>) merged.get("changes")).size());
    assertEquals(null, client.awaitFields("batch").get("merged"));
  }

  @Test
  void refusesWhoWaitsForASourceThatDoesNotGetReady() throws IOException {
    gateway.source("late").column("id", "int4").notReady().create();
    Client client = new Client();
    client.welcome();
    client.say("{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"late\"}");
    assertEquals("source-not-ready", client.awaitFields("error").get("code"));
    client.say("{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"never\"}");
    assertEquals("unknown-source", client.awaitFields("error").get("code"));
  }

  @Test
  void answersPingsAndCloseFrames() {
    Client client = new Client();
    client.socket.sendPing(ByteBuffer.wrap(new byte[] {1})).join(); // the JDK checks the pong
    client.welcome();
    client.say("{\"type\":\"ping\",\"nonce\":\"n\"}");
    assertEquals("{\"type\":\"pong\",\"nonce\":\"n\"}", client.await("pong"));
    client.socket.sendClose(4999, "enough").join();
    assertEquals("{\"type\":\"CLOSE\",\"code\":4999}", client.await("CLOSE"));
    gateway.awaitConnections(0);
  }

  @Test
  void answersNothingWhileMessagesAreHeld() throws InterruptedException {
    Client client = new Client();
    client.welcome();
    gateway.holdMessages();
    client.say("{\"type\":\"ping\",\"nonce\":\"1\"}");
    client.say("{\"type\":\"ping\",\"nonce\":\"2\"}");
    assertEquals(null, client.heard.poll(100, TimeUnit.MILLISECONDS));
    gateway.releaseMessages();
    client.await("pong");
    assertEquals("{\"type\":\"pong\",\"nonce\":\"2\"}", client.await("pong"));
  }

  @Test
  void pingsAndClosesWhoDoesNotAnswer() throws IOException {
    try (TestGateway quick = TestGateway.builder().heartbeat(Duration.ofMillis(30)).start();
        Socket silent = new Socket(InetAddress.getLoopbackAddress(), quick.port())) {
      silent
          .getOutputStream()
          .write(
              """
              GET /v1/stream HTTP/1.1
              Host: h
              Connection: Upgrade
              Upgrade: websocket
              Sec-WebSocket-Version: 13
              Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==

              """
                  .replace("\n", "\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String heard =
          new String(silent.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertTrue(heard.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), heard);
      assertTrue(heard.contains("\"code\":4408"), heard);
    }
  }

  @Test
  void neverTakesAPositionOfAnotherGateway() throws IOException {
    try (TestGateway other = TestGateway.start()) {
      TestSource same =
          other.source("t").column("id", "int4").column("n", "int4").key("id").create();
      String elsewhere = same.put(row(7, 7));
      Client client = new Client();
      client.welcome();
      client.say(FOLLOW + ",\"after\":\"" + elsewhere + "\"}");
      assertEquals("position-unknown", client.awaitFields("gap").get("reason"));
    }
  }

  @Test
  void saysWhatDidNotHappen() {
    source.put(row(1, 1));
    assertTrue(gateway.address().endsWith(":" + gateway.port()));
    assertThrows(IllegalArgumentException.class, () -> TestGateway.builder().maxMessage(1));
    assertThrows(IllegalArgumentException.class, () -> gateway.dropConnectionsAfter(-1));
    Thread.currentThread().interrupt(); // so that nobody waits for ten seconds
    AssertionError thrown = assertThrows(AssertionError.class, () -> gateway.awaitConnections(1));
    assertTrue(Thread.interrupted());
    assertTrue(String.valueOf(thrown.getMessage()).contains("not 1 connections but 0"));
  }
}
