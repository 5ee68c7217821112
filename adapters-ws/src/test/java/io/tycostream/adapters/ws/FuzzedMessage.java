package io.tycostream.adapters.ws;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * A message of a client, right or wrong, of which is known what the documents say about each field.
 *
 * @param type as JSON
 */
record FuzzedMessage(String type, List<Field> fields) {

  /** A feed that the client follows, and the last position that it heard of it. */
  static final String A_FEED = "@feed";

  static final String ITS_POSITION = "@position";

  private static final String BAD = "bad-request";
  private static final String LATER = "later: ";

  /** 129 characters, one more than a client may choose itself. */
  private static final String LONG = "\"" + "x".repeat(129) + "\"";

  /**
   * A field.
   *
   * @param wrong the error codes of which one is due for this value; none when it is right
   */
  record Field(String name, String json, Set<String> wrong) {

    boolean isLeftOut() {
      return json.equals("null");
    }

    @Override
    public String toString() {
      return "\"" + name + "\":" + json + (wrong.isEmpty() ? "" : " " + wrong);
    }
  }

  /** With the feed and the position that it means. */
  String text(int feed, String position) {
    return Stream.concat(Stream.of(new Field("type", type, Set.of())), fields.stream())
        .map(each -> "\"" + each.name() + "\":" + each.json())
        .collect(Collectors.joining(",", "{", "}"))
        .replace("\"" + A_FEED + "\"", Integer.toString(feed))
        .replace(ITS_POSITION, position);
  }

  boolean hasAFieldTwice() {
    Set<String> names = new HashSet<>(Set.of("type"));
    return !fields.stream().allMatch(each -> names.add(each.name()));
  }

  /** The field of a name, if it is there and not null. */
  Optional<Field> field(String name) {
    return fields.stream()
        .filter(each -> each.name().equals(name) && !each.isLeftOut())
        .findFirst();
  }

  /** A text without quotes; nothing when the field is not a text. */
  Optional<String> text(String name) {
    return field(name)
        .map(Field::json)
        .filter(json -> json.startsWith("\""))
        .map(json -> json.substring(1, json.length() - 1));
  }

  boolean is(String name, String json) {
    return field(name).filter(each -> each.json().equals(json)).isPresent();
  }

  /** What is wrong with its fields, whichever is told. */
  Set<String> wrong() {
    Set<String> codes = new HashSet<>();
    fields.forEach(each -> codes.addAll(each.wrong()));
    return codes;
  }

  /** What is only told when the source has rows. */
  static Set<String> later(Set<String> wrong) {
    return wrong.stream().filter(each -> each.startsWith(LATER)).collect(Collectors.toSet());
  }

  /** The error codes, whenever they are told. */
  static Set<String> codes(Set<String> wrong) {
    return wrong.stream().map(each -> each.replace(LATER, "")).collect(Collectors.toSet());
  }

  /** Which feed is meant. */
  Optional<Integer> feed(int aFeed) {
    return field("feed")
        .filter(each -> each.wrong().isEmpty())
        .map(each -> each.json().contains(A_FEED) ? aFeed : Integer.parseInt(each.json()));
  }

  static Arbitrary<FuzzedMessage> any() {
    return Arbitraries.frequencyOf(
        Tuple.of(3, message("hello", HELLO)),
        Tuple.of(6, message("subscribe", SUBSCRIBE, "ref", "source")),
        Tuple.of(2, message("unsubscribe", UNSUBSCRIBE)),
        Tuple.of(2, message("ack", ACK, "feed", "position")),
        Tuple.of(2, message("ping", PING)),
        Tuple.of(
            1,
            Arbitraries.of("pong", "Hello", "", "subscribe ", "welcome", "type", "💥")
                .flatMap(type -> message(type, Map.of("ref", SUBSCRIBE.get("ref"))))));
  }

  private static Arbitrary<FuzzedMessage> message(
      String type, Map<String, Arbitrary<Field>> fields, String... nearlyAlways) {
    Set<String> needed = Set.of(nearlyAlways);
    Arbitrary<List<Optional<Field>>> given =
        Combinators.combine(
                fields.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .map(each ->
                        each.getValue().optional(needed.contains(each.getKey()) ? 0.95 : 0.25))
                    .toList())
            .as(list -> list);
    return Combinators.combine(
            given,
            UNKNOWN.optional(0.2),
            Arbitraries.frequency(Tuple.of(40, false), Tuple.of(1, true)),
            Arbitraries.integers().between(0, 11))
        .as((some, unknown, twice, first) -> {
          List<Field> all =
              Stream.concat(some.stream(), Stream.of(unknown))
                  .flatMap(Optional::stream)
                  .collect(Collectors.toList());
          if (twice && !all.isEmpty()) {
            all.add(all.getFirst());
          }
          Collections.rotate(all, first);
          return new FuzzedMessage("\"" + type + "\"", List.copyOf(all));
        });
  }

  private static Arbitrary<Field> field(String name, Arbitrary<Field> right, String... wrong) {
    return Arbitraries.frequencyOf(
        Tuple.of(8, right), Tuple.of(1, wrong(name, BAD, wrong)), Tuple.of(1, right(name, "null")));
  }

  private static Arbitrary<Field> right(String name, String... values) {
    return Arbitraries.of(values).map(json -> new Field(name, json, Set.of()));
  }

  private static Arbitrary<Field> wrong(String name, String code, String... values) {
    return Arbitraries.of(values).map(json -> new Field(name, json, Set.of(code)));
  }

  private static final Map<String, Arbitrary<Field>> PING =
      Map.of(
          "nonce",
          field(
              "nonce",
              right(
                  "nonce",
                  "\"n\"",
                  "\" \"",
                  "\"\\u0000\"",
                  "\"é😀\"",
                  "\"" + "y".repeat(128) + "\""),
              "\"\"",
              "5",
              "true",
              "[]",
              "{}",
              LONG));

  private static final Map<String, Arbitrary<Field>> UNSUBSCRIBE =
      Map.of(
          "ref",
          field(
              "ref",
              right("ref", "\"a\"", "\"b\"", "\"c\"", "\"d\""),
              "\"\"",
              "1",
              "[\"a\"]",
              LONG),
          "feed",
          field(
              "feed",
              right("feed", "\"" + A_FEED + "\"", "0", "-1", "2147483647"),
              "\"1\"",
              "1.5",
              "2147483648",
              "1e400",
              "{}"));

  private static final Map<String, Arbitrary<Field>> ACK =
      Map.of(
          "feed",
          field(
              "feed",
              right("feed", "\"" + A_FEED + "\"", "\"" + A_FEED + "\"", "-7"),
              "\"1\"",
              "99999999999999999999",
              "[]"),
          "position",
          field(
              "position",
              right(
                  "position",
                  "\"" + ITS_POSITION + "\"",
                  "\"x\"",
                  "\"" + HandFed.position(1L << 40) + "\""),
              "\"\"",
              "7",
              "\"" + "z".repeat(257) + "\""));

  /** Of the connection; the size is at least that of any subscription below. */
  private static final Map<String, Arbitrary<Field>> HELLO =
      Map.of(
          "client",
          field(
              "client",
              right("client", "\"me\"", "\"\\ud83d\"", "\"" + "c".repeat(128) + "\""),
              "\"\"",
              "5",
              LONG),
          "token",
          field("token", right("token", "\"secret\""), "\"\"", "5", "{}"),
          "resume",
          field("resume", right("resume", "\"none\"", "\"a.b.c\"", "\"é\""), "\"\"", "1e3"),
          "acks",
          field("acks", right("acks", "true", "false"), "0", "\"true\"", "[]"),
          "positions",
          field(
              "positions",
              right("positions", "{}", "{\"a\":\"x\"}"),
              "[]",
              "{\"a\":1}",
              "\"x\"",
              "{\"a\":null}"),
          "buffer",
          Arbitraries.oneOf(
              field(
                  "buffer",
                  right(
                      "buffer",
                      "{}",
                      "{\"maxSize\":\"auto\"}",
                      "{\"maxSize\":1}",
                      "{\"maxSize\":2e4}",
                      "{\"maxSize\":5.0,\"odd\":1}",
                      "{\"dropPolicy\":\"conflate\"}",
                      "{\"dropPolicy\":\"sample\",\"sample\":2147483647}",
                      "{\"dropPolicy\":\"by-priority\"}",
                      "{\"dropPolicy\":\"drop-newest\"}",
                      "{\"dropPolicy\":\"by-age\",\"maxAgeMs\":60000}",
                      "{\"warnThreshold\":1e-9,\"disconnectThreshold\":1}",
                      "{\"maxSize\":null}"),
                  "5",
                  "[]",
                  "\"auto\"",
                  "{\"maxSize\":0}",
                  "{\"maxSize\":-1}",
                  "{\"maxSize\":1.5}",
                  "{\"maxSize\":\"AUTO\"}",
                  "{\"maxSize\":1e1000}",
                  "{\"maxSize\":1e-1000}",
                  "{\"dropPolicy\":\"\"}",
                  "{\"dropPolicy\":7}",
                  "{\"sample\":0}",
                  "{\"sample\":2147483648}",
                  "{\"maxAgeMs\":0}",
                  "{\"warnThreshold\":0}",
                  "{\"warnThreshold\":0.9,\"disconnectThreshold\":0.8}",
                  "{\"disconnectThreshold\":1.0001}",
                  "{\"disconnectThreshold\":1e999}",
                  "{\"warnThreshold\":\"0.5\"}"),
              wrong(
                  "buffer",
                  "limit-exceeded",
                  "{\"maxSize\":20001}",
                  "{\"maxAgeMs\":60001}",
                  "{\"maxSize\":9223372036854775806}",
                  "{\"maxAgeMs\":9223372036854775807}")));

  private static final Map<String, Arbitrary<Field>> SUBSCRIBE =
      Map.ofEntries(
          Map.entry(
              "ref",
              field(
                  "ref",
                  right("ref", "\"a\"", "\"b\"", "\"c\"", "\"d\""),
                  "\"\"",
                  "1",
                  "{}",
                  LONG)),
          Map.entry(
              "source",
              Arbitraries.frequencyOf(
                  Tuple.of(
                      8,
                      field(
                          "source",
                          right("source", "\"things\"", "\"things\"", "\"empty\""),
                          "\"\"",
                          "[]",
                          "0",
                          LONG)),
                  Tuple.of(1, wrong("source", "unknown-source", "\"none\"", "\"\\u0000\"")))),
          Map.entry("where", where()),
          Map.entry(
              "columns",
              Arbitraries.oneOf(
                  field(
                      "columns",
                      right("columns", "[]", "[\"id\"]", "[\"note\"]", "[\"note\",\"id\"]"),
                      "{}",
                      "\"id\"",
                      "[1]",
                      "[\"\"]",
                      "[null]",
                      "[\"id\",\"id\"]",
                      "[" + LONG + "]"),
                  wrong("columns", LATER + "unknown-column", "[\"no\"]", "[\"id\",\"ID\"]"))),
          Map.entry(
              "after",
              Arbitraries.oneOf(
                  field(
                      "after",
                      right(
                          "after",
                          "\"" + HandFed.position(HandFed.FIRST_TIME) + "\"",
                          "\"" + HandFed.position(1) + "\"",
                          "\"other.0000000000000001.00\""),
                      "\"\"",
                      "0",
                      "{}"),
                  wrong(
                      "after",
                      "bad-position",
                      "\"x\"",
                      "\"epoch.1.x\"",
                      "\"..\"",
                      "\"epoch.ffffffffffffffff.\""))),
          Map.entry(
              "snapshot", field("snapshot", right("snapshot", "true", "false"), "0", "\"no\"")),
          Map.entry(
              "onGap",
              field(
                  "onGap",
                  right("onGap", "\"snapshot\"", "\"continue\"", "\"continue\""),
                  "\"\"",
                  "\"CONTINUE\"",
                  "1",
                  "[]")),
          Map.entry("delta", field("delta", right("delta", "true", "false"), "1", "\"\"")),
          Map.entry(
              "maxRate",
              field(
                  "maxRate",
                  right("maxRate", "1000000", "1e6", "1000.5", "999999"),
                  "0",
                  "0.0009",
                  "-1",
                  "1000001",
                  "1e99999",
                  "\"5\"",
                  "1e-99999")),
          Map.entry(
              "priority",
              field(
                  "priority",
                  right("priority", "1", "9", "5.0", "90e-1"),
                  "0",
                  "10",
                  "1.5",
                  "\"5\"",
                  "1e999999999",
                  "-1e999999999",
                  "1e-999999999")),
          Map.entry(
              "buffer",
              field(
                  "buffer",
                  right(
                      "buffer",
                      "{}",
                      "{\"maxSize\":1}",
                      "{\"dropPolicy\":\"drop-oldest\"}",
                      "{\"dropPolicy\":\"conflate\"}",
                      "{\"dropPolicy\":\"drop-newest\"}"),
                  "{\"dropPolicy\":\"by-priority\"}",
                  "{\"maxSize\":0}",
                  "0",
                  "{\"sample\":1.5}",
                  "{\"maxSize\":{}}",
                  "{\"warnThreshold\":2}")));

  private static Arbitrary<Field> where() {
    Arbitrary<Field> right =
        right(
            "where",
            "{}",
            "{\"id\":{\"_eq\":1}}",
            "{\"note\":{\"_like\":\"n%\"}}",
            "{\"id\":{\"_in\":[1,2,\"3\"]}}",
            "{\"id\":{\"_gt\":1e-300,\"_lt\":1e300}}",
            "{\"_and\":[],\"note\":{\"_is_null\":false}}",
            "{\"id\":{\"_nin\":[]}}",
            "{\"_or\":[{\"id\":{\"_lt\":\"Infinity\"}},{\"note\":{\"_ilike\":\"%\\\\_\"}}]}",
            "{\"id\":{\"_gt\":-1" + "0".repeat(900) + "}}");
    Arbitrary<Field> wrong =
        Arbitraries.oneOf(
            wrong(
                "where",
                "bad-filter",
                "[]",
                "5",
                "\"id\"",
                "{\"id\":1}",
                "{\"id\":{}}",
                "{\"id\":{\"_foo\":1}}",
                "{\"id\":{\"_eq\":null}}",
                "{\"id\":{\"_eq\":[1]}}",
                "{\"_eq\":1}",
                "{\"_and\":{}}",
                "{\"_or\":[5]}",
                "{\"_not\":[]}",
                "{\"id\":{\"_in\":5}}",
                "{\"id\":{\"_is_null\":1}}",
                "{\"id\":{\"_not\":{}}}"),
            wrong(
                "where",
                LATER + "bad-filter",
                "{\"note\":{\"_neq\":\"\\ud83d\"}}",
                "{\"id\":{\"_like\":\"x\"}}",
                "{\"id\":{\"_eq\":\"one\"}}",
                "{\"note\":{\"_eq\":5}}"),
            wrong(
                "where",
                LATER + "unknown-column",
                "{\"no\":{\"_eq\":1}}",
                "{\"\":{\"_is_null\":true}}"));
    Arbitrary<Field> nested =
        Combinators.combine(right, Arbitraries.of(1, 2, 5, 9, 13, 14, 15)) // it is nested itself
            .as((inner, depth) ->
                new Field(
                    "where",
                    "{\"_not\":".repeat(depth) + inner.json() + "}".repeat(depth),
                    depth > 12 ? Set.of("bad-filter") : Set.of()));
    return Arbitraries.frequencyOf(Tuple.of(6, right), Tuple.of(2, wrong), Tuple.of(2, nested));
  }

  private static final Arbitrary<Field> UNKNOWN =
      Combinators.combine(
              Arbitraries.of("odd", "", "Type", "REF", "💥", "x".repeat(300)),
              Arbitraries.of(
                  "0",
                  "null",
                  "\"\"",
                  "-0.0",
                  "1e999999999",
                  "1e-999999999",
                  "9".repeat(999),
                  "[".repeat(900) + "]".repeat(900),
                  "{\"a\":{\"b\":[1,{}]}}",
                  "\"\\ud83d\"",
                  "\"" + "é".repeat(400) + "\""))
          .as((name, json) -> new Field(name, json, Set.of()));
}
