package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.HandshakeTest.assertBye;
import static io.tycostream.adapters.ws.RawClient.CLOSE;
import static io.tycostream.adapters.ws.RawClient.CONTINUATION;
import static io.tycostream.adapters.ws.RawClient.END;
import static io.tycostream.adapters.ws.RawClient.PING;
import static io.tycostream.adapters.ws.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits, goodbyes, and every way in which a connection ends. */
class EndingTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final HandFed things = new HandFed("things").load(100);

  @ParameterizedTest
  @CsvSource({"1000,1000", "1001,1001", "3000,3000", "4999,4999", "1005,1000", "5000,1000"})
  void aCloseFrameIsAnsweredOnce(int said, int answered) {
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.following("things")) {
      client.await("progress");
      client.sendClose(said);
      RawClient.Heard heard = client.hearPastPings();
      while (heard.opcode() == TEXT) {
        heard = client.hearPastPings();
      }
      assertEquals(CLOSE, heard.opcode());
      assertEquals(answered, heard.code());
      assertEquals(END, client.hear());
      gateway.awaitNobody(1);
      assertEquals(List.of(said), gateway.endings());
    }
  }

  @Test
  void whatWasAskedBeforeTheCloseIsAnswered() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.greeted()) {
      byte[] ping =
          RawClient.frame(TEXT, true, "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
      byte[] close = RawClient.frame(CLOSE, true, new byte[0]);
      byte[] both = new byte[ping.length + close.length];
      System.arraycopy(ping, 0, both, 0, ping.length);
      System.arraycopy(close, 0, both, ping.length, close.length);
      client.write(both);
      client.message("pong");
      assertEquals(CLOSE, client.hear().opcode());
      assertEquals(END, client.hear());
    }
  }

  @Test
  void aMessageOverTheLimitEndsTheConnection() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.greeted()) {
      client.send("{\"type\":\"ping\",\"x\":\"" + "x".repeat(4_074) + "\"}");
      client.message("pong");
      client.send("x".repeat(4_097));
      assertBye(client, 1009, false);
    }
  }

  @Test
  void theLimitCountsBytes() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.greeted()) {
      client.send("{\"type\":\"ping\",\"x\":\"" + "€".repeat(1_400) + "\"}");
      assertBye(client, 1009, false);
    }
  }

  @Test
  void theLimitHoldsForFragmentsTogether() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.greeted()) {
      byte[] fragment = "x".repeat(1_025).getBytes(StandardCharsets.UTF_8);
      client.send(TEXT, false, fragment);
      for (int i = 0; i < 3; i++) {
        client.send(CONTINUATION, false, fragment);
      }
      assertBye(client, 1009, false);
    }
  }

  @Test
  void tooManyConnectionsAreSentAwayWithATime() {
    try (TestGateway gateway = new TestGateway(TestGateway.maxConnections(2), things);
        RawClient first = gateway.greeted();
        RawClient second = gateway.greeted()) {
      try (RawClient third = gateway.client()) {
        JsonNode bye = assertBye(third, 4429, true);
        assertEquals(5_000, bye.get("retryInMs").intValue());
      }
      first.sendClose(1000);
      assertEquals(CLOSE, first.hear().opcode());
      assertEquals(END, first.hear());
      // Whoever has left, and whoever was sent away, takes no place.
      try (RawClient fourth = gateway.greeted()) {
        fourth.send("{\"type\":\"ping\"}");
        fourth.message("pong");
      }
      second.send("{\"type\":\"ping\"}");
      second.message("pong");
    }
  }

  @Test
  void everybodyIsToldOfTheDrainAndComesBackAtAnotherTime() throws InterruptedException {
    int clients = 20;
    try (TestGateway gateway = new TestGateway(things)) {
      List<RawClient> all = IntStream.range(0, clients).mapToObj(i -> gateway.greeted()).toList();
      RawClient quiet = gateway.client();
      gateway.gateway().drain(Duration.ofSeconds(100), LONG);
      Set<Long> delays = new HashSet<>();
      for (RawClient client : all) {
        JsonNode bye = assertBye(client, 1001, true);
        delays.add(bye.get("retryInMs").longValue());
      }
      assertTrue(delays.stream().allMatch(delay -> delay >= 0 && delay < 100_000), "" + delays);
      assertTrue(delays.size() > clients / 2, "spread: " + delays);
      assertBye(quiet, 1001, true);
      // Who comes while it drains is sent away at once.
      try (RawClient late = gateway.client()) {
        assertBye(late, 1001, true);
      }
      gateway.awaitNobody(clients + 2);
      all.forEach(RawClient::close);
      quiet.close();
    }
  }

  @Test
  void closeEndsEveryCourierAtOnce() {
    TestGateway gateway = new TestGateway(things);
    try (gateway;
        RawClient client = gateway.following("things")) {
      client.await("progress");
      gateway.gateway().close();
      // The goodbye is cut off wherever it is: none of it, some of it or all of it came.
      RawClient.Heard heard = client.hearPastPings();
      while (!heard.equals(END)) {
        heard = client.hearPastPings();
      }
      TestGateway.await("the courier has ended", () -> gateway.endings().size() == 1);
    }
  }

  @Test
  void nothingIsLeftOf500WhoLeftInEveryWay() {
    int count = 500;
    try (TestGateway gateway = new TestGateway(things)) {
      for (int i = 0; i < count; i++) {
        leave(gateway, i % 8);
      }
      // A bell's rope holds on to a courier until it is rung.
      things.put(1, "after all have gone");
      gateway.awaitNobody(count);
    }
  }

  private static void leave(TestGateway gateway, int way) {
    RawClient client = way == 0 ? gateway.client() : gateway.following("things");
    switch (way) {
      case 0, 1 -> client.close();
      case 2 -> client.reset();
      case 3 -> {
        client.sendClose(1001);
        client.close();
      }
      case 4 -> {
        client.await("progress");
        client.reset();
      }
      case 5 -> {
        client.finish();
        RawClient.Heard heard = client.hear();
        while (!heard.equals(END)) {
          heard = client.hear();
        }
        client.close();
      }
      case 6 -> {
        client.write(new byte[] {(byte) 0x81, (byte) 0xFE, 1}); // half a header
        client.close();
      }
      default -> {
        client.send(PING, true, new byte[0]);
        client.write(new byte[] {0x01, 0x05}); // not masked
        client.close();
      }
    }
  }

  @Test
  void aCloseFrameOfOneByteEndsTheConnection() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.greeted()) {
      client.send(CLOSE, true, new byte[] {3});
      assertEquals(CLOSE, client.hear().opcode());
      assertEquals(END, client.hear());
      gateway.awaitNobody(1);
    }
  }

  @Test
  void fiftyClientsGetTheSameBytes() throws Exception {
    int clients = 50;
    try (TestGateway gateway = new TestGateway(things);
        ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<String>>> heard = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        RawClient client = gateway.following("things");
        client.await("progress");
        heard.add(readers.submit(batches(client)));
      }
      for (int i = 0; i < 300; i++) {
        things.put(i % 100, "change " + i);
      }
      things.put(1, "the end");
      List<String> expected = heard.getFirst().get();
      assertEquals(301, expected.size());
      for (Future<List<String>> each : heard) {
        assertEquals(expected, each.get());
      }
    }
  }

  /** All batches up to the last one, as they came. */
  private static Callable<List<String>> batches(RawClient client) {
    return () -> {
      List<String> batches = new ArrayList<>();
      while (batches.isEmpty() || !batches.getLast().contains("the end")) {
        RawClient.Heard heard = client.hearPastPings();
        if (heard.payload().startsWith("{\"type\":\"batch\"")) {
          batches.add(heard.payload());
        }
      }
      client.close();
      return batches;
    };
  }
}
