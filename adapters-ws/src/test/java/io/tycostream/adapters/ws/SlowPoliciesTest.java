package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.TestGateway.greet;
import static io.tycostream.adapters.ws.TestGateway.subscribeWith;
import static io.tycostream.adapters.ws.TestGateway.type;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of what a client cannot take in time, by its drop policy. The log keeps it all. */
class SlowPoliciesTest {

  /** Row changes that may wait for the client. */
  private static final int BUFFER = 40;

  private static final String LONG_NOTE = "x".repeat(3_000);

  private final HandFed things = new HandFed("things").load(5);
  private TestGateway gateway;

  @BeforeEach
  void start() {
    gateway = new TestGateway(things);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @ParameterizedTest
  @CsvSource({"drop-oldest,false", "drop-oldest,true", "by-age,false"})
  void aStateSubscriptionIsFoldedAndToldHowMuch(String policy, boolean delta) {
    try (RawClient client = greet(RawClient.openNarrow(gateway.port()))) {
      FollowedTable table =
          follow(
              client,
              "`delta`:%s,`buffer`:{`maxSize`:%d,`dropPolicy`:`%s`}"
                  .formatted(delta, BUFFER, policy));
      int made = makeStuck(client);
      table.follow(client, things.position());
      assertEquals(things.rows(), table.rows());
      assertTrue(!table.gaps().isEmpty(), "nothing was folded");
      long dropped = 0;
      for (JsonNode gap : table.gaps()) {
        assertEquals(policy, gap.get("reason").textValue());
        assertEquals("fold", gap.get("recovery").textValue());
        dropped += gap.get("dropped").longValue();
      }
      assertEquals(table.folded(), dropped, "each batch has one change");
      assertEquals(made, table.batches() - table.gaps().size() + dropped);
      assertTrue(dropped >= BUFFER / 2, dropped + " dropped");
      goesOn(client, table);
    }
  }

  @Test
  void conflationIsNoLoss() {
    try (RawClient client = greet(RawClient.openNarrow(gateway.port()))) {
      FollowedTable table = follow(client, "`buffer`:{`dropPolicy`:`conflate`}");
      int made = makeStuck(client);
      table.follow(client, things.position());
      assertEquals(things.rows(), table.rows());
      assertEquals(List.of(), table.gaps());
      assertTrue(table.folded() > BUFFER && table.folded() <= made, table.folded() + " folded");
      goesOn(client, table);
    }
  }

  @Test
  void aFilteredSubscriptionIsFoldedByItself() {
    try (RawClient client = greet(RawClient.openNarrow(gateway.port()))) {
      FollowedTable table =
          follow(client, "`where`:{`id`:{`_lte`:2}},`buffer`:{`maxSize`:" + BUFFER + "}");
      makeStuck(client);
      things.rows().keySet().removeIf(id -> id > 2);
      while (!table.rows().equals(things.rows())) {
        table.take(client.message());
      }
      assertTrue(!table.gaps().isEmpty() && table.folded() > 0);
      long dropped = table.gaps().stream().mapToLong(gap -> gap.get("dropped").longValue()).sum();
      assertEquals(table.folded(), dropped, "each batch has one change that is seen");
    }
  }

  @Test
  void theBufferOfTheConnectionHoldsForAllTogether() {
    try (RawClient client = RawClient.openNarrow(gateway.port())) {
      client.send("{\"type\":\"hello\",\"buffer\":{\"maxSize\":" + BUFFER + "}}");
      client.message("welcome");
      FollowedTable table = follow(client, "`priority`:1");
      makeStuck(client);
      List<String> levels = new ArrayList<>();
      while (levels.isEmpty() || !levels.getLast().equals("normal")) {
        JsonNode message = client.message();
        if (type(message).equals("pressure")) {
          levels.add(message.get("level").textValue());
          assertEquals(BUFFER, message.get("capacity").intValue());
          assertEquals(table.feed(), message.get("feed").intValue());
          boolean full = message.get("buffered").longValue() >= 0.95 * BUFFER;
          assertEquals(levels.getLast().equals("critical"), full, message.toString());
        }
        table.take(message);
      }
      assertTrue(levels.contains("critical"), levels.toString());
      while (!table.rows().equals(things.rows())) {
        table.take(client.message());
      }
      assertTrue(!table.gaps().isEmpty(), "nothing gave way");
      goesOn(client, table);
    }
  }

  @ParameterizedTest
  @CsvSource({"drop-oldest,true", "drop-newest,true", "sample,true", "drop-newest,false"})
  void anEventSubscriptionIsToldWhatItLost(String policy, boolean snapshot) {
    try (RawClient client = greet(RawClient.openNarrow(gateway.port()))) {
      client.send(
          subscribeWith(
              "a",
              "things",
              "`onGap`:`continue`,`snapshot`:%s,`buffer`:{`maxSize`:%d,`dropPolicy`:`%s`,`sample`:5}"
                  .formatted(snapshot, BUFFER, policy)));
      JsonNode subscribed = client.message("subscribed");
      assertEquals(snapshot ? "snapshot" : "live", subscribed.get("start").textValue());
      client.await("progress");
      int made = makeStuck(client);

      Heard heard = new Heard();
      while (heard.upTo.compareTo(things.position()) < 0) {
        heard.take(client.message());
      }
      assertEquals(made, heard.numbers.size() + heard.dropped, "all are told or counted");
      assertTrue(!heard.gaps.isEmpty(), "nothing was lost");
      assertEquals(Set.of(policy), heard.reasons());
      switch (policy) {
        case "drop-oldest" -> {
          assertEquals(made - 1, heard.numbers.getLast(), "the newest is told");
          assertTrue(heard.dropped >= BUFFER / 2);
        }
        case "drop-newest" -> {
          JsonNode first = heard.gaps.getFirst();
          assertTrue(first.get("dropped").longValue() > 0, first.toString());
        }
        case "sample" -> {
          for (JsonNode gap : heard.gaps) {
            assertTrue(gap.get("dropped").intValue() <= 4, gap.toString());
          }
        }
        default -> throw new AssertionError(policy);
      }

      // It goes on behind the loss, with nothing left out.
      things.put(1, "1001 short");
      things.put(2, "1002 short");
      JsonNode next = client.await("batch");
      assertEquals("1001 short", next.at("/changes/0/row/note").textValue());
      JsonNode behind = client.await("batch");
      assertEquals(next.get("seq").longValue() + 1, behind.get("seq").longValue());
      client.send(
          "{\"type\":\"ack\",\"feed\":"
              + next.get("feed")
              + ",\"position\":"
              + behind.get("position")
              + "}");
      client.send("{\"type\":\"ping\"}");
      JsonNode message = client.message();
      while (!type(message).equals("pong")) {
        assertEquals("progress", type(message), message.toString());
        message = client.message();
      }
    }
  }

  @Test
  void anEventSubscriptionGoesOnWithWhatIsThereStill() {
    HandFed short1 = new HandFed("short", 10).load(3);
    String after = short1.position();
    for (int i = 0; i < 30; i++) {
      short1.put(1, i + " x");
    }
    try (TestGateway other = new TestGateway(short1);
        RawClient client = other.greeted()) {
      client.send(subscribeWith("a", "short", "`onGap`:`continue`,`after`:`" + after + "`"));
      assertEquals("live", client.message("subscribed").get("start").textValue());
      JsonNode gap = client.message("gap");
      assertEquals("history-expired", gap.get("reason").textValue());
      assertEquals("none", gap.get("recovery").textValue());
      assertEquals(-1, gap.get("dropped").longValue());
      for (int i = 20; i < 30; i++) {
        assertEquals(i + " x", client.await("batch").at("/changes/0/row/note").textValue());
      }
    }
  }

  private FollowedTable follow(RawClient client, String wishes) {
    client.send(subscribeWith("a", "things", wishes));
    FollowedTable table = new FollowedTable();
    JsonNode message = client.message();
    while (!type(message).equals("progress")) {
      table.take(message);
      message = client.message();
    }
    table.take(message);
    return table;
  }

  /**
   * Makes changes that the client does not read until its courier cannot write, and then more than
   * may wait; says how many.
   */
  private int makeStuck(RawClient client) {
    int made = 0;
    int enough = Integer.MAX_VALUE;
    while (made < enough) {
      things.put(1 + made % 5, made + " " + LONG_NOTE);
      made++;
      assertTrue(made < 50_000, "still takes everything");
      if (enough == Integer.MAX_VALUE && gateway.isStuck(client)) {
        enough = made + 3 * BUFFER; // what waited up to here may be in the write that is stuck
      }
    }
    return made;
  }

  private void goesOn(RawClient client, FollowedTable table) {
    int gaps = table.gaps().size();
    things.put(1, "short");
    things.put(9, "new");
    things.delete(9);
    table.follow(client, things.position());
    assertEquals(things.rows(), table.rows());
    assertEquals(gaps, table.gaps().size());
  }

  /** What a subscriber of events hears: every change has a number at the beginning of its note. */
  private static final class Heard {
    private final List<Integer> numbers = new ArrayList<>();
    private final List<JsonNode> gaps = new ArrayList<>();
    private long dropped;
    private String upTo = "";

    void take(JsonNode message) {
      switch (type(message)) {
        case "batch" -> {
          assertTrue(!message.has("merged"), "folded: " + message);
          assertEquals(1, message.get("changes").size());
          String note = message.at("/changes/0/row/note").textValue();
          int number = Integer.parseInt(note.substring(0, note.indexOf(' ')));
          assertEquals(numbers.size() + dropped, number, "the next, behind what was counted");
          numbers.add(number);
          upTo = message.get("position").textValue();
        }
        case "gap" -> {
          assertEquals("none", message.get("recovery").textValue());
          assertTrue(upTo.isEmpty() || upTo.equals(message.get("after").textValue()));
          gaps.add(message);
          dropped += message.get("dropped").longValue();
          upTo = message.get("upTo").textValue();
        }
        case "progress" -> upTo = message.get("position").textValue();
        case "pressure", "source" -> {}
        default -> throw new AssertionError("unexpected: " + message);
      }
    }

    Set<String> reasons() {
      return gaps.stream().map(gap -> gap.get("reason").textValue()).collect(Collectors.toSet());
    }
  }
}
