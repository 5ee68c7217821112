package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.TestGateway.subscribeWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code where}, {@code columns} and {@code delta}. */
class FilteringTest {

  private static final String RED = "`where`:{`note`:{`_eq`:`red`}}";

  private static final List<Column> WIDE_COLUMNS =
      List.of(
          new Column("id", "int4"),
          new Column("note", "text"),
          new Column("size", "int4"),
          new Column("price", "numeric"));
  private static final Relation WIDE =
      new Relation("public.things", "wide", WIDE_COLUMNS, List.of("id"));

  private final HandFed things = new HandFed("things");
  private TestGateway gateway;

  @BeforeEach
  void start() {
    gateway = new TestGateway(things, new HandFed("others"));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void rowsThatStartAndStopMatching() {
    things.load(0);
    things.put(Map.of(1, "red", 2, "blue", 3, "red"));
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", RED));
      assertEquals("snapshot", client.message("subscribed").get("start").textValue());
      assertEquals(
          "[{\"id\":1,\"note\":\"red\"},{\"id\":3,\"note\":\"red\"}]",
          sorted(client.message("snapshot").get("rows")));
      client.await("progress");

      things.put(2, "red");
      assertEquals("[{\"op\":\"insert\",\"row\":{\"id\":2,\"note\":\"red\"}}]", changes(client));
      things.put(1, "green");
      assertEquals("[{\"op\":\"delete\",\"row\":{\"id\":1}}]", changes(client));
      things.put(1, "blue"); // nobody sees this
      things.delete(1);
      things.delete(3);
      JsonNode batch = client.await("batch");
      assertEquals("[{\"op\":\"delete\",\"row\":{\"id\":3}}]", batch.get("changes").toString());
      assertEquals(time(things.position()), time(batch.get("position").textValue()));
      things.put(Map.of(4, "blue", 5, "red"));
      assertEquals("[{\"op\":\"insert\",\"row\":{\"id\":5,\"note\":\"red\"}}]", changes(client));
    }
  }

  @Test
  void whatDoesNotMatchIsProgressAlone() {
    things.load(1);
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", RED));
      client.await("progress");
      things.put(1, "blue");
      things.progress();
      JsonNode message = client.message("progress");
      while (time(message.get("position").textValue()).compareTo(time(things.position())) < 0) {
        message = client.message("progress");
      }
      assertNotEquals(things.position(), message.get("position").textValue(), "a print of its own");
    }
  }

  @Test
  void onlyTheColumnsThatWereAskedForAndTheKey() {
    wide("1", "one", "10", "1.50");
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", "`columns`:[`size`]"));
      JsonNode subscribed = client.message("subscribed");
      assertEquals(
          "[{\"name\":\"id\",\"type\":\"int4\"},{\"name\":\"size\",\"type\":\"int4\"}]",
          subscribed.get("columns").toString());
      assertEquals("[\"id\"]", subscribed.get("key").toString());
      assertEquals("[{\"id\":1,\"size\":10}]", client.message("snapshot").get("rows").toString());
      client.await("progress");
      change("1", "other note", "10", "9.99"); // nothing that is seen
      change("1", "other note", "11", "9.99");
      JsonNode batch = client.await("batch");
      assertEquals(
          "[{\"op\":\"update\",\"row\":{\"id\":1,\"size\":11}}]", batch.get("changes").toString());
    }
  }

  @Test
  void aFilterMayUseColumnsThatAreNotSeen() {
    wide("1", "one", "10", "1.50");
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", "`columns`:[`note`],`where`:{`price`:{`_gt`:1.5}}"));
      client.message("subscribed");
      assertEquals("[]", client.message("snapshot").get("rows").toString());
      client.await("progress");
      change("1", "one", "10", "1.500000001");
      assertEquals("[{\"op\":\"insert\",\"row\":{\"id\":1,\"note\":\"one\"}}]", changes(client));
    }
  }

  @Test
  void withDeltaAnUpdateHasTheKeyAndWhatChanged() {
    wide("1", "one", "10", null);
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", "`delta`:true"));
      client.await("progress");
      change("1", "one", "11", null);
      assertEquals("[{\"op\":\"update\",\"row\":{\"id\":1,\"size\":11}}]", changes(client));
      change("1", "one", "11", "2.5");
      assertEquals("[{\"op\":\"update\",\"row\":{\"id\":1,\"price\":\"2.5\"}}]", changes(client));
      change("1", null, "11", "2.5");
      assertEquals("[{\"op\":\"update\",\"row\":{\"id\":1,\"note\":null}}]", changes(client));
      change("2", "two", null, null);
      assertEquals(
          "[{\"op\":\"insert\",\"row\":{\"id\":2,\"note\":\"two\",\"size\":null,\"price\":null}}]",
          changes(client));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "`where`:{`note`:{`_eq`:`red`}} | `where`:{`note`:{`_in`:[`red`]}}",
        "`where`:{`id`:{`_gt`:1},`note`:{`_eq`:`red`}} |"
            + " `where`:{`_and`:[{`note`:{`_eq`:`red`}},{`id`:{`_gt`:1.0}}]}",
        "`columns`:[`note`],`where`:{`id`:{`_in`:[2,1]}} | `where`:{`id`:{`_in`:[1,2,2]}}",
        "`delta`:false | `where`:{`_not`:{`_or`:[]}}",
      })
  void theSameInOtherWordsIsTheSameFeedWithTheSameBytes(String some, String other) {
    things.load(0);
    things.put(Map.of(1, "red", 2, "red"));
    try (RawClient one = gateway.greeted();
        RawClient two = gateway.greeted()) {
      one.send(subscribeWith("a", "things", some));
      one.await("progress");
      things.put(2, "blue");
      things.put(2, "red");
      two.send(subscribeWith("b", "things", other));
      two.await("progress");
      one.await("batch");
      one.await("batch");
      for (int i = 0; i < 20; i++) {
        things.put(Map.of(1, i % 2 == 0 ? "blue" : "red", 2, i % 3 == 0 ? "green" : "red"));
      }
      List<String> first = texts(one, time(things.position()));
      assertTrue(first.size() > 10, first.size() + " batches");
      assertEquals(first, texts(two, time(things.position())));
    }
  }

  @Test
  void anotherDefinitionIsAnotherFeed() {
    things.load(3);
    try (RawClient client = gateway.greeted()) {
      List<Integer> feeds = new ArrayList<>();
      for (String wishes : List.of(RED, RED + ",`delta`:true", RED + ",`columns`:[]")) {
        client.send(subscribeWith("r" + feeds.size(), "things", wishes));
        feeds.add(client.await("subscribed").get("feed").intValue());
      }
      assertEquals(3, feeds.stream().distinct().count());
    }
  }

  @Test
  void whatNobodyFollowedIsReplayedExactly() {
    things.load(0);
    things.put(Map.of(1, "red", 2, "blue"));
    String after;
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", RED));
      after = client.await("progress").get("position").textValue();
    }
    gateway.awaitNobody(1);
    things.put(2, "red");
    things.put(2, "blue");
    things.put(1, "red"); // as it is
    things.put(3, "blue");
    things.delete(1);
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", RED + ",`after`:`" + after + "`"));
      JsonNode subscribed = client.message("subscribed");
      assertEquals("replay", subscribed.get("start").textValue());
      assertEquals(after, subscribed.get("position").textValue());
      long seq = subscribed.get("seq").longValue();
      List<String> replayed = new ArrayList<>();
      for (int i = 1; i <= 3; i++) {
        JsonNode batch = client.await("batch");
        assertEquals(seq + i, batch.get("seq").longValue());
        replayed.add(batch.get("changes").toString());
      }
      assertEquals(
          List.of(
              "[{\"op\":\"insert\",\"row\":{\"id\":2,\"note\":\"red\"}}]",
              "[{\"op\":\"delete\",\"row\":{\"id\":2}}]",
              "[{\"op\":\"delete\",\"row\":{\"id\":1}}]"),
          replayed);
      assertEquals(
          time(things.position()), time(client.message("progress").get("position").textValue()));
    }
  }

  @Test
  void aPositionOfAnotherFilterIsAGapAndASnapshot() {
    things.load(0);
    things.put(Map.of(1, "red", 2, "blue"));
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", RED));
      String after = client.await("progress").get("position").textValue();
      String blue = "`where`:{`note`:{`_eq`:`blue`}}";
      client.send(subscribeWith("b", "things", blue + ",`after`:`" + after + "`"));
      assertEquals("snapshot", client.await("subscribed").get("start").textValue());
      JsonNode gap = client.message("gap");
      assertEquals("definition-changed", gap.get("reason").textValue());
      assertEquals("snapshot", gap.get("recovery").textValue());
      assertEquals(after, gap.get("after").textValue());
      assertEquals(
          "[{\"id\":2,\"note\":\"blue\"}]", client.message("snapshot").get("rows").toString());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "unknown-column | `columns`:[`nope`] | public.things has no column \"nope\"; it has [id,"
            + " note]",
        "unknown-column | `where`:{`nope`:{`_eq`:1}} | no column",
        "bad-filter | `where`:{`id`:{`_eq`:`x`}} | id",
        "bad-filter | `where`:{`id`:{`_equals`:1}} | where.id._equals is no operator",
        "bad-filter | `where`:{`id`:{`_like`:`1%`}} | id",
        "bad-filter | `where`:{`note`:{`_eq`:null}} | _is_null",
        "bad-request | `onGap`:`never` | \"onGap\" is \"never\", not one of snapshot, continue",
        "policy-needs-events | `buffer`:{`dropPolicy`:`sample`} | needs \"onGap\": \"continue\"",
        "policy-needs-events | `buffer`:{`dropPolicy`:`drop-newest`} | needs",
        "policy-needs-state | `onGap`:`continue`,`buffer`:{`dropPolicy`:`conflate`} | folds",
        "bad-request | `buffer`:{`dropPolicy`:`by-priority`} | \"hello\" only",
        "bad-request | `buffer`:{`warnThreshold`:0} | warnThreshold",
        "limit-exceeded | `buffer`:{`maxAgeMs`:60001} | at most 60000",
      })
  void whatCannotBeIsRefusedWithTheReason(String code, String wishes, String reason) {
    things.load(1);
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", wishes));
      JsonNode error = client.await("error");
      assertEquals(code, error.get("code").textValue());
      assertEquals("a", error.get("ref").textValue());
      assertTrue(!error.get("retryable").booleanValue());
      assertTrue(error.get("message").textValue().contains(reason), error.toString());
      client.send(subscribeWith("a", "things", "`priority`:1"));
      client.await("subscribed");
    }
  }

  @Test
  void aBufferOverTheLimitIsRefusedAndNothingBegins() {
    things.load(1);
    try (RawClient client = gateway.client()) {
      client.send("{\"type\":\"hello\",\"buffer\":{\"maxSize\":20001}}");
      assertEquals("limit-exceeded", client.message("error").get("code").textValue());
      client.send("{\"type\":\"hello\",\"buffer\":{\"maxSize\":20000}}");
      client.message("welcome");
      client.send(subscribeWith("a", "things", "`buffer`:{`maxSize`:20001}"));
      assertEquals("limit-exceeded", client.message("error").get("code").textValue());
      client.send(subscribeWith("a", "things", "`buffer`:{`maxSize`:1}"));
      client.message("subscribed");
    }
  }

  @Test
  void theSameTwiceOnAConnectionIsRefusedInWhateverWords() {
    things.load(1);
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", RED));
      int feed = client.message("subscribed").get("feed").intValue();
      for (String words : List.of(RED, "`where`:{`note`:{`_in`:[`red`]}}")) {
        client.send(subscribeWith("b", "things", words));
        JsonNode error = client.await("error");
        assertEquals("duplicate-subscription", error.get("code").textValue());
        assertEquals("b", error.get("ref").textValue());
        assertEquals(feed, error.get("feed").intValue());
      }
      things.put(1, "red");
      assertEquals(feed, client.await("batch").get("feed").intValue(), "the first one goes on");
      client.send(subscribeWith("b", "things", "`delta`:true"));
      assertNotEquals(feed, client.await("subscribed").get("feed").intValue());
    }
  }

  @Test
  void withoutAKeyADeleteHasTheWholeRow() {
    Relation keyless = new Relation("public.things", "keyless", HandFed.SHAPE.columns(), List.of());
    things.load(keyless);
    Row one = Row.of("1", "one");
    things.apply(new RowEvent.Inserted(one));
    try (RawClient client = gateway.greeted()) {
      client.send(subscribeWith("a", "things", "`where`:{`id`:{`_lt`:5}}"));
      assertEquals("[]", client.message("subscribed").get("key").toString());
      assertEquals(
          "[{\"id\":1,\"note\":\"one\"}]", client.message("snapshot").get("rows").toString());
      client.await("progress");
      things.apply(new RowEvent.Deleted(new Key(one)));
      assertEquals("[{\"op\":\"delete\",\"row\":{\"id\":1,\"note\":\"one\"}}]", changes(client));
      things.apply(new RowEvent.Inserted(Row.of("1", null)));
      assertEquals("[{\"op\":\"insert\",\"row\":{\"id\":1,\"note\":null}}]", changes(client));
    }
  }

  private void wide(@Nullable String... row) {
    things.load(WIDE);
    change(row);
  }

  private void change(@Nullable String... row) {
    things.apply(new RowEvent.Upserted(Optional.empty(), Row.of(row)));
  }

  private static String changes(RawClient client) {
    return client.await("batch").get("changes").toString();
  }

  /** The texts of all batches up to a time. */
  private static List<String> texts(RawClient client, String upTo) {
    List<String> texts = new ArrayList<>();
    while (true) {
      RawClient.Heard heard = client.hearPastPings();
      JsonNode message = heard.json();
      if (TestGateway.type(message).equals("batch")) {
        texts.add(heard.payload());
        if (time(message.get("position").textValue()).equals(upTo)) {
          return texts;
        }
      }
    }
  }

  private static String sorted(JsonNode rows) {
    List<String> texts = new ArrayList<>();
    rows.forEach(row -> texts.add(row.toString()));
    return texts.stream().sorted().toList().toString().replace(", {", ",{");
  }

  /** Of a position, whatever the definition. */
  private static String time(String position) {
    return Position.parse(position).map(at -> Long.toHexString(at.time())).orElseThrow();
  }
}
