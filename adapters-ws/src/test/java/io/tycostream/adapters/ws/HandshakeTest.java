package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.RawClient.BINARY;
import static io.tycostream.adapters.ws.RawClient.CLOSE;
import static io.tycostream.adapters.ws.RawClient.END;
import static io.tycostream.adapters.ws.RawClient.PING;
import static io.tycostream.adapters.ws.RawClient.PONG;
import static io.tycostream.adapters.ws.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The beginning of a connection, and what is not the protocol. */
class HandshakeTest {

  private static TestGateway gateway;

  @BeforeAll
  static void start() {
    gateway = new TestGateway(new HandFed("things").load(1));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @Test
  void subprotocolIsAnsweredWhenOffered() {
    try (RawClient client = RawClient.connect(gateway.port())) {
      String answer = client.upgrade("Sec-WebSocket-Protocol: other, tycostream.v1.json");
      assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
      assertTrue(answer.contains("Sec-WebSocket-Protocol: tycostream.v1.json\r\n"), answer);
      assertTrue(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), answer);
    }
  }

  @Test
  void subprotocolsMayStandInSeveralHeaders() {
    try (RawClient client = RawClient.connect(gateway.port())) {
      String answer =
          client.upgrade(
              "Sec-WebSocket-Protocol: other", "Sec-WebSocket-Protocol: tycostream.v1.json");
      assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
    }
  }

  @Test
  void noSubprotocolMeansThisOne() {
    try (RawClient client = RawClient.connect(gateway.port())) {
      String answer = client.upgrade();
      assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
      assertTrue(!answer.contains("Sec-WebSocket-Protocol"), answer);
      TestGateway.greet(client);
    }
  }

  @Test
  void unknownSubprotocolsAreRefused() {
    try (RawClient client = RawClient.connect(gateway.port())) {
      String answer = client.upgrade("Sec-WebSocket-Protocol: graphql-ws, tycostream.v9.json");
      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    }
  }

  @Test
  void foreignPagesAreRefused() {
    try (RawClient client = RawClient.connect(gateway.port())) {
      String answer = client.upgrade("Origin: https://evil.example");
      assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://friend.example", "http://localhost:PORT"})
  void ownAndAllowedPagesMayConnect(String origin) {
    try (RawClient client = RawClient.connect(gateway.port())) {
      String own = origin.replace("PORT", Integer.toString(gateway.port()));
      String answer = client.upgrade("Origin: " + own);
      assertTrue(answer.startsWith("HTTP/1.1 101 "), answer);
    }
  }

  @Test
  void helloIsAnsweredByWelcomeEachTime() {
    try (RawClient client = gateway.client()) {
      client.send("{\"type\":\"hello\",\"client\":\"me\",\"token\":\"a\",\"later\":{\"x\":1}}");
      JsonNode welcome = client.message("welcome");
      assertEquals(4096, welcome.at("/limits/maxMessage").intValue());
      assertEquals(4096, welcome.at("/limits/maxRequest").intValue());
      assertEquals(3, welcome.at("/limits/maxSubscriptions").intValue());
      assertEquals(20_000, welcome.at("/limits/maxBuffer").intValue());
      assertEquals(20_000, welcome.get("heartbeatMs").intValue());
      assertEquals("node-1", welcome.get("node").textValue());
      client.send("{\"type\":\"hello\",\"token\":\"b\"}");
      assertEquals(welcome.get("session"), client.message("welcome").get("session"));
    }
  }

  @Test
  void silenceBeforeHelloEndsTheConnection() {
    ClientLimits limits =
        TestGateway.limits(Duration.ofMillis(50), Duration.ofMinutes(1), Duration.ofMinutes(1));
    try (TestGateway impatient = new TestGateway(limits);
        RawClient client = impatient.client()) {
      assertBye(client, 4408, true);
      impatient.awaitNobody(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"things\"}",
        "{\"type\":\"subscribe\"}",
        "{\"type\":\"ping\"}",
        "{\"type\":\"ping\",\"nonce\":5}",
        "{\"type\":\"unheard-of\"}",
      })
  void anythingBeforeHelloEndsTheConnection(String message) {
    try (RawClient client = gateway.client()) {
      client.send(message);
      assertBye(client, 4400, false);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "hello",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}{\"type\":\"ping\"}",
        "[]",
        "null",
        "{}",
        "{\"type\":7}",
        "{\"type\":\"ping\",\"type\":\"ping\"}",
        "\\ud83d",
        "{\"\\ud83d\":1,\"\\ud83d\":2}",
        "{\"type\":\"ping\",\"nonce\":\"\u0000\"}",
        "{\"type\":\"ping\",\"x\":1e99999999999}",
        "{\"type\":\"ping\",\"x\":-1E-99999999999}",
      })
  void whatIsNotTheProtocolEndsTheConnection(String message) {
    try (RawClient client = gateway.greeted()) {
      client.send(message);
      assertBye(client, 4400, false);
    }
  }

  @Test
  void deepNestingEndsTheConnectionAlone() {
    try (RawClient client = gateway.greeted()) {
      client.send("[".repeat(3_000));
      assertBye(client, 4400, false);
    }
  }

  @Test
  void binaryEndsTheConnection() {
    try (RawClient client = gateway.greeted()) {
      client.send(BINARY, true, "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
      assertBye(client, 4400, false);
    }
  }

  @Test
  void nothingIsReadAfterTheMistake() {
    try (RawClient client = gateway.greeted()) {
      client.send("x");
      client.send("{\"type\":\"ping\"}");
      assertBye(client, 4400, false);
    }
  }

  @Test
  void unknownTypesAndBadFieldsLeaveTheConnection() {
    try (RawClient client = gateway.greeted()) {
      client.send("{\"type\":\"frobnicate\",\"ref\":\"a\"}");
      JsonNode unknown = client.message("error");
      assertEquals("unknown-type", unknown.get("code").textValue());
      assertEquals("a", unknown.get("ref").textValue());
      client.send("{\"type\":\"subscribe\",\"ref\":\"b\",\"source\":\"things\",\"maxRate\":0}");
      JsonNode bad = client.message("error");
      assertEquals("bad-request", bad.get("code").textValue());
      assertEquals("b", bad.get("ref").textValue());
      assertTrue(!bad.get("retryable").booleanValue());
      client.send("{\"type\":\"ping\",\"nonce\":\"still here\"}");
      assertEquals("still here", client.message("pong").get("nonce").textValue());
    }
  }

  @Test
  void halvesOfCharactersAreNothingSpecial() {
    try (RawClient client = gateway.greeted()) {
      client.send("{\"type\":\"ping\",\"nonce\":\"\\ud83d\"}");
      assertEquals("\ud83d", client.message("pong").get("nonce").textValue());
      client.send("{\"type\":\"123456789012345678901234567890123456789\\ud83d\\ude00\"}");
      assertEquals("unknown-type", client.message("error").get("code").textValue());
      client.send("{\"type\":\"subscribe\",\"ref\":\"\\udc00\",\"source\":\"things\"}");
      assertEquals("\udc00", client.message("subscribed").get("ref").textValue());
    }
    try (RawClient client = gateway.greeted()) {
      client.send("\ud83d\ude00".repeat(100));
      assertBye(client, 4400, false);
    }
  }

  @Test
  void fragmentsAreOneMessageAndPingsMayStandBetween() {
    try (RawClient client = gateway.greeted()) {
      client.send(TEXT, false, "{\"type\":\"pi".getBytes(StandardCharsets.UTF_8));
      client.send(PING, true, new byte[] {1, 2});
      client.send(RawClient.CONTINUATION, false, "ng\",\"no".getBytes(StandardCharsets.UTF_8));
      client.send(RawClient.CONTINUATION, true, "nce\":\"n\"}".getBytes(StandardCharsets.UTF_8));
      assertEquals(new RawClient.Heard(PONG, "\u0001\u0002"), client.hear());
      assertEquals("n", client.message("pong").get("nonce").textValue());
    }
  }

  @Test
  void aFrameMayComeByteByByte() {
    try (RawClient client = gateway.greeted()) {
      byte[] frame =
          RawClient.frame(TEXT, true, "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
      for (byte each : frame) {
        client.write(new byte[] {each});
      }
      client.message("pong");
    }
  }

  @Test
  void pingsAreAnsweredInKind() {
    try (RawClient client = gateway.greeted()) {
      client.send(PING, true, new byte[0]);
      assertEquals(new RawClient.Heard(PONG, ""), client.hear());
      client.send(PING, true, new byte[125]);
      assertEquals(new RawClient.Heard(PONG, "\0".repeat(125)), client.hear());
      client.send("{\"type\":\"ping\"}");
      assertTrue(!client.message("pong").has("nonce"));
    }
  }

  @Test
  void aPingThatIsTooLongIsNotAnsweredByAFrameThatIsTooLong() {
    try (RawClient client = gateway.greeted()) {
      client.send(PING, true, new byte[126]);
      assertBye(client, 4400, false);
    }
  }

  /** The last message, then a close frame with the same code, once; then nothing more. */
  static JsonNode assertBye(RawClient client, int code, boolean resumable) {
    JsonNode bye = client.message("bye");
    assertEquals(code, bye.get("code").intValue(), bye.toString());
    assertEquals(resumable, bye.get("resumable").booleanValue(), bye.toString());
    RawClient.Heard close = client.hear();
    assertEquals(CLOSE, close.opcode());
    assertEquals(code, close.code());
    client.sendClose(code);
    assertEquals(END, client.hear());
    return bye;
  }
}
