package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.TestGateway.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code after}: coming back with a position. */
class ResumingTest {

  private static final int HISTORY = 10;

  private final HandFed things = new HandFed("things", HISTORY).load(3);
  private TestGateway gateway;

  @BeforeEach
  void start() {
    gateway = new TestGateway(things);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void whatWasMissedIsReplayedExactly() {
    things.put(1, "seen");
    String after = things.position();
    things.put(1, "missed");
    things.delete(2);
    things.put(9, "new");
    try (RawClient client = gateway.greeted()) {
      client.send(subscribe("things", after));
      JsonNode subscribed = client.message("subscribed");
      assertEquals("replay", subscribed.get("start").textValue());
      assertEquals(after, subscribed.get("position").textValue());
      assertEquals(1, subscribed.get("seq").longValue());
      assertEquals(
          "[{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"missed\"}}]", batch(client, 2));
      assertEquals("[{\"op\":\"delete\",\"row\":{\"id\":2}}]", batch(client, 3));
      assertEquals("[{\"op\":\"insert\",\"row\":{\"id\":9,\"note\":\"new\"}}]", batch(client, 4));
      assertEquals(things.position(), client.message("progress").get("position").textValue());
    }
  }

  @Test
  void whoMissedNothingIsToldSo() {
    things.put(1, "seen");
    try (RawClient client = gateway.greeted()) {
      client.send(subscribe("things", things.position()));
      assertEquals(1, client.message("subscribed").get("seq").longValue());
      assertEquals(things.position(), client.await("progress").get("position").textValue());
      things.put(2, "next");
      assertEquals("[{\"op\":\"update\",\"row\":{\"id\":2,\"note\":\"next\"}}]", batch(client, 2));
    }
  }

  @Test
  void aPositionBetweenBatchesIsAsGood() {
    things.put(1, "seen");
    things.progress();
    things.progress();
    String between = things.position();
    things.progress();
    things.put(2, "missed");
    try (RawClient client = gateway.greeted()) {
      client.send(subscribe("things", between));
      assertEquals(between, client.message("subscribed").get("position").textValue());
      batch(client, 2);
    }
  }

  @Test
  void whatHasLeftTheHistoryIsAGapAndASnapshot() {
    String after = things.position();
    for (int i = 0; i <= HISTORY; i++) {
      things.put(1, "change " + i);
    }
    try (RawClient client = gateway.greeted()) {
      client.send(subscribe("things", after));
      assertGapAndSnapshot(client, after, "history-expired");
    }
  }

  @Test
  void anotherDefinitionIsAGapAndASnapshot() {
    String after = things.position().replaceAll("[^.]*$", "feedbeef");
    try (RawClient client = gateway.greeted()) {
      client.send(subscribe("things", after));
      assertGapAndSnapshot(client, after, "definition-changed");
    }
  }

  @Test
  void anUnknownHistoryIsAGapAndASnapshot() {
    String after = things.position().replaceAll("^[^.]*", "elsewhere");
    try (RawClient client = gateway.greeted()) {
      client.send(subscribe("things", after));
      assertGapAndSnapshot(client, after, "position-unknown");
    }
  }

  @Test
  void whoIsAheadWaitsUntilTheSourceGetsThere() {
    String ahead = HandFed.position(things.time() + 2);
    try (RawClient client = gateway.greeted()) {
      client.send(subscribe("things", ahead));
      JsonNode source = client.message("source");
      assertEquals("catching-up", source.get("state").textValue());
      assertEquals("r-things", source.get("ref").textValue());
      things.put(1, "known");
      things.put(2, "known");
      JsonNode subscribed = client.message("subscribed");
      assertEquals("replay", subscribed.get("start").textValue());
      assertEquals(ahead, subscribed.get("position").textValue());
      client.await("progress");
      things.put(3, "unknown");
      batch(client, 3);
    }
  }

  @Test
  void whoStaysAheadIsRefused() {
    ClientLimits limits =
        TestGateway.limits(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMillis(50));
    try (TestGateway impatient = new TestGateway(limits, things);
        RawClient client = impatient.greeted()) {
      client.send(subscribe("things", HandFed.position(things.time() + 1)));
      client.message("source");
      JsonNode error = client.message("error");
      assertEquals("position-ahead", error.get("code").textValue());
      assertTrue(error.get("retryable").booleanValue());
    }
  }

  private void assertGapAndSnapshot(RawClient client, String after, String reason) {
    JsonNode subscribed = client.message("subscribed");
    assertEquals("snapshot", subscribed.get("start").textValue());
    JsonNode gap = client.message("gap");
    assertEquals(subscribed.get("feed"), gap.get("feed"));
    assertEquals(after, gap.get("after").textValue());
    assertEquals(reason, gap.get("reason").textValue());
    assertEquals("snapshot", gap.get("recovery").textValue());
    assertEquals(-1, gap.get("dropped").longValue());
    JsonNode snapshot = client.message("snapshot");
    assertEquals(gap.get("upTo"), snapshot.get("position"));
    assertEquals(3, snapshot.get("rows").size());
  }

  private static String batch(RawClient client, long seq) {
    JsonNode batch = client.await("batch");
    assertEquals(seq, batch.get("seq").longValue());
    return batch.get("changes").toString();
  }
}
