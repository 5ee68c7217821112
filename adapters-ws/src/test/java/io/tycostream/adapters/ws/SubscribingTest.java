package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.TestGateway.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From {@code subscribe} to {@code unsubscribed}. */
class SubscribingTest {

  private final HandFed things = new HandFed("things");
  private final HandFed others = new HandFed("others");
  private TestGateway gateway;

  @BeforeEach
  void start() {
    gateway = new TestGateway(things, others, new HandFed("third"), new HandFed("fourth"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void subscribeMayBePipelinedBehindHello() {
    things.load(3);
    try (RawClient client = gateway.client()) {
      client.send("{\"type\":\"hello\"}");
      client.send(subscribe("things"));
      client.message("welcome");
      JsonNode subscribed = client.message("subscribed");
      assertEquals("r-things", subscribed.get("ref").textValue());
      assertEquals("things", subscribed.get("source").textValue());
      assertEquals("[\"id\"]", subscribed.get("key").toString());
      assertEquals(
          "[{\"name\":\"id\",\"type\":\"int4\"},{\"name\":\"note\",\"type\":\"text\"}]",
          subscribed.get("columns").toString());
      assertEquals("snapshot", subscribed.get("start").textValue());
      assertTrue(!subscribed.has("position") && !subscribed.has("seq"));
      JsonNode snapshot = client.message("snapshot");
      assertEquals(3, snapshot.get("rows").size());
      assertEquals(things.position(), snapshot.get("position").textValue());
      // The state of the source and "caught up" follow, in no order that is promised.
      JsonNode progress = client.await("progress");
      assertEquals(things.position(), progress.get("position").textValue());
    }
  }

  @Test
  void anEmptyTableIsASnapshotToo() {
    things.load(0);
    try (RawClient client = gateway.following("things")) {
      client.message("subscribed");
      JsonNode snapshot = client.message("snapshot");
      assertEquals(0, snapshot.get("rows").size());
      assertTrue(!snapshot.get("more").booleanValue());
      assertEquals(0, snapshot.get("seq").longValue());
    }
  }

  @Test
  void snapshotInPartsWhileChangesKeepComing() throws InterruptedException {
    things.load(2_000);
    AtomicBoolean enough = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; !enough.get() || i < 300; i++) {
                things.put(1 + i % 2_500, "changed " + i);
                if (i % 7 == 0) {
                  things.delete(1 + i % 2_500);
                }
              }
            });
    FollowedTable table = new FollowedTable();
    try (RawClient client = gateway.following("things")) {
      table.follow(client, HandFed.position(HandFed.FIRST_TIME));
      enough.set(true);
      writer.join();
      table.follow(client, things.position());
    }
    assertTrue(table.snapshotParts() > 5, table.snapshotParts() + " parts");
    assertEquals(List.of(), table.gaps());
    assertEquals(things.rows(), table.rows());
  }

  @Test
  void largeBatchesComeInParts() {
    things.load(1);
    try (RawClient client = gateway.following("things")) {
      FollowedTable table = new FollowedTable();
      table.follow(client, things.position());
      Map<Integer, String> many = new HashMap<>();
      for (int id = 1; id <= 1_000; id++) {
        many.put(id, "many");
      }
      things.put(many);
      JsonNode first = client.await("batch");
      assertEquals(0, first.get("part").intValue());
      assertTrue(first.get("more").booleanValue());
      table.take(first);
      table.follow(client, things.position());
      assertEquals(things.rows(), table.rows());
    }
  }

  /** Each change is made as soon as the one before it came, when the courier goes to sleep. */
  @Test
  void noChangeIsOverslept() {
    things.load(1);
    ClientLimits limits =
        TestGateway.limits(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(1));
    try (TestGateway patient = new TestGateway(limits, things);
        RawClient client = patient.following("things")) {
      FollowedTable table = new FollowedTable();
      table.follow(client, things.position());
      for (int i = 0; i < 10_000; i++) {
        things.put(1, "change " + i);
        table.follow(client, things.position());
      }
      assertEquals(things.rows(), table.rows());
    }
  }

  @Test
  void progressIsToldAsTheSourceMoves() {
    things.load(1);
    try (RawClient client = gateway.following("things")) {
      client.await("snapshot");
      assertEquals(things.position(), client.await("progress").get("position").textValue());
      for (int i = 0; i < 3; i++) {
        things.progress();
        assertEquals(things.position(), client.await("progress").get("position").textValue());
      }
    }
  }

  @Test
  void statesOfTheSourceAreTold() {
    things.load(1);
    things.live();
    try (RawClient client = gateway.following("things")) {
      assertEquals("live", client.await("source").get("state").textValue());
      client.await("progress");
      things.reconnecting();
      JsonNode source = client.await("source");
      assertEquals("reconnecting", source.get("state").textValue());
      assertEquals(3, source.get("attempt").intValue());
      assertTrue(source.has("feed") && !source.has("ref"));
      assertTrue(Instant.parse(source.get("since").textValue()).isBefore(Instant.now()));
      things.live();
      assertEquals("live", client.await("source").get("state").textValue());
    }
  }

  @Test
  void whoComesWhileTheDatabaseIsAwayGetsTheRowsThereAreAndIsTold() {
    things.load(2);
    things.live();
    things.reconnecting();
    try (RawClient client = gateway.following("things")) {
      client.await("subscribed");
      assertEquals(2, client.await("snapshot").get("rows").size());
      assertEquals("reconnecting", client.await("source").get("state").textValue());
    }
  }

  @Test
  void waitsForASourceThatIsNotReady() {
    try (RawClient client = gateway.following("things")) {
      JsonNode source = client.message("source");
      assertEquals("connecting", source.get("state").textValue());
      assertEquals("r-things", source.get("ref").textValue());
      assertTrue(!source.has("feed"));
      things.load(2);
      client.message("subscribed");
      assertEquals(2, client.message("snapshot").get("rows").size());
    }
  }

  @Test
  void refusesAtOnceWhoFindsNoPlaceToWait() {
    try (TestGateway crowded = new TestGateway(TestGateway.maxWaiting(2), others);
        RawClient first = crowded.following("others");
        RawClient second = crowded.following("others")) {
      first.message("source");
      second.message("source");
      try (RawClient third = crowded.following("others")) {
        JsonNode error = third.message("error");
        assertEquals("source-not-ready", error.get("code").textValue());
        assertTrue(error.get("retryable").booleanValue());
        assertEquals("r-others", error.get("ref").textValue());
        assertEquals(2, crowded.gateway().waiting());

        second.reset();
        TestGateway.await("a place is free", () -> crowded.gateway().waiting() == 1);
        third.send(subscribe("others"));
        assertEquals("connecting", third.message("source").get("state").textValue());

        others.load(2);
        for (RawClient each : List.of(first, third)) {
          each.message("subscribed");
          assertEquals(2, each.message("snapshot").get("rows").size());
        }
        TestGateway.await("nobody waits", () -> crowded.gateway().waiting() == 0);
      }
    }
  }

  @Test
  void givesUpOnASourceThatDoesNotBecomeReady() {
    ClientLimits limits =
        TestGateway.limits(Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMillis(50));
    try (TestGateway impatient = new TestGateway(limits, others);
        RawClient client = impatient.following("others")) {
      client.message("source");
      JsonNode error = client.message("error");
      assertEquals("source-not-ready", error.get("code").textValue());
      assertEquals("r-others", error.get("ref").textValue());
      assertTrue(error.get("retryable").booleanValue());
      // Nothing of it is left: the same ref may be used again.
      others.load(1);
      client.send(subscribe("others"));
      client.message("subscribed");
    }
  }

  @Test
  void aFailedSourceIsRefusedAtOnce() {
    things.source().fail("the key [id] is not unique", Instant.now());
    try (RawClient client = gateway.following("things")) {
      assertEquals("failed", client.message("source").get("state").textValue());
      JsonNode error = client.message("error");
      assertEquals("source-failed", error.get("code").textValue());
      assertEquals("the key [id] is not unique", error.get("message").textValue());
    }
  }

  @Test
  void refusals() {
    things.load(1);
    try (RawClient client = gateway.following("things")) {
      int feed = client.message("subscribed").get("feed").intValue();
      client.await("progress");
      client.send(subscribe("things"));
      assertEquals("duplicate-ref", error(client));
      client.send("{\"type\":\"subscribe\",\"ref\":\"b\",\"source\":\"things\"}");
      JsonNode twice = client.await("error");
      assertEquals("duplicate-subscription", twice.get("code").textValue());
      assertEquals(feed, twice.get("feed").intValue());
      assertEquals("b", twice.get("ref").textValue());
      client.send(subscribe("nothing"));
      JsonNode unknown = client.await("error");
      assertEquals("unknown-source", unknown.get("code").textValue());
      assertTrue(unknown.get("message").textValue().contains("things"), "says which there are");
      client.send(subscribe("others", "not a position"));
      assertEquals("bad-position", error(client));
      client.send("{\"type\":\"ack\",\"feed\":99,\"position\":\"x\"}");
      assertEquals("unknown-feed", error(client));
      client.send("{\"type\":\"unsubscribe\",\"ref\":\"nobody\"}");
      assertEquals("unknown-feed", error(client));
      client.send(subscribe("others"));
      client.send(subscribe("third"));
      client.send(subscribe("fourth"));
      assertEquals("limit-exceeded", error(client));
      client.send("{\"type\":\"ack\",\"feed\":" + feed + ",\"position\":\"x\"}");
      client.send("{\"type\":\"ping\"}");
      client.await("pong");
    }
  }

  @Test
  void unsubscribeEndsASubscription() {
    things.load(1);
    try (RawClient client = gateway.following("things")) {
      int feed = client.message("subscribed").get("feed").intValue();
      client.await("progress");
      client.send("{\"type\":\"unsubscribe\",\"feed\":" + feed + "}");
      JsonNode unsubscribed = client.await("unsubscribed");
      assertEquals("r-things", unsubscribed.get("ref").textValue());
      assertEquals(feed, unsubscribed.get("feed").intValue());
      things.put(1, "unheard");
      client.send("{\"type\":\"ping\"}");
      client.message("pong");
      client.send(subscribe("things"));
      FollowedTable table = new FollowedTable();
      table.follow(client, things.position());
      assertEquals(feed, table.feed(), "a feed waits a while for who comes back");
      assertEquals(things.rows(), table.rows());
    }
  }

  @Test
  void unsubscribeEndsAWaitingSubscription() {
    try (RawClient client = gateway.following("things")) {
      client.message("source");
      client.send("{\"type\":\"unsubscribe\",\"ref\":\"r-things\"}");
      assertTrue(!client.message("unsubscribed").has("feed"));
      things.load(1);
      client.send("{\"type\":\"ping\"}");
      client.message("pong");
    }
  }

  @Test
  void anotherShapeBeginsAnew() {
    things.load(2);
    try (RawClient client = gateway.following("things")) {
      int feed = client.message("subscribed").get("feed").intValue();
      client.await("progress");
      String before = things.position();
      Relation wider =
          new Relation(
              "public.things",
              "things-1",
              List.of(
                  new Column("id", "int4"),
                  new Column("note", "text"),
                  new Column("more", "_int4")),
              List.of("id"));
      things.load(wider);
      JsonNode gap = client.await("gap");
      assertEquals("source-reset", gap.get("reason").textValue());
      assertEquals("snapshot", gap.get("recovery").textValue());
      assertEquals(-1, gap.get("dropped").longValue());
      assertEquals(before, gap.get("after").textValue());
      JsonNode subscribed = client.message("subscribed");
      assertNotEquals(feed, subscribed.get("feed").intValue());
      assertEquals(3, subscribed.get("columns").size());
      JsonNode snapshot = client.message("snapshot");
      assertEquals(subscribed.get("feed"), snapshot.get("feed"));
      assertTrue(snapshot.at("/rows/0/more").isNull());
      assertEquals(gap.get("upTo"), snapshot.get("position"));
    }
  }

  @Test
  void severalSourcesOnOneConnection() {
    things.load(500);
    others.load(5);
    try (RawClient client = gateway.following("things")) {
      client.send(subscribe("others"));
      Map<String, FollowedTable> tables = new HashMap<>();
      Map<Integer, FollowedTable> byFeed = new HashMap<>();
      while (tables.size() < 2
          || !tables.get("things").rows().equals(things.rows())
          || !tables.get("others").rows().equals(others.rows())) {
        JsonNode message = client.message();
        if (TestGateway.type(message).equals("subscribed")) {
          FollowedTable table = new FollowedTable();
          tables.put(message.get("source").textValue(), table);
          byFeed.put(message.get("feed").intValue(), table);
        }
        byFeed.get(message.get("feed").intValue()).take(message);
      }
      assertEquals(2, byFeed.size());
    }
  }

  private static String error(RawClient client) {
    return client.await("error").get("code").textValue();
  }
}
