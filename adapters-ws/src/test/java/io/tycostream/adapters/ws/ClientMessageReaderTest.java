package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.ws.ClientMessageReader.Read;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.feed.RowFilter;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientMessageReaderTest {

  private static final String POSITION = "pg-7245.00000000016b3748.2c26b46b68ffc68f";

  @Test
  void everyMessageIsReadAsDocumented() {
    Map<String, ClientMessage> expected =
        mapOf(
            "hello",
            new Hello(
                Optional.of("secret"),
                Optional.of("dashboard-7"),
                Optional.of("r1"),
                Map.of("trades", POSITION),
                true),
            "hello-shortest",
            new Hello(Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), false),
            "hello-buffer",
            new Hello(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                false,
                Optional.of(
                    new BufferRequest(
                        OptionalLong.of(5_000),
                        Optional.of(DropPolicy.BY_AGE),
                        OptionalDouble.of(0.5),
                        OptionalDouble.of(0.9),
                        Optional.of(Duration.ofMillis(2_500)),
                        OptionalInt.of(4)))),
            "subscribe-filtered",
            new Subscribe(
                "t",
                "trades",
                new Filter.And(
                    List.of(
                        new Filter.Compared(
                            "price", Filter.Comparison.GT, new Literal.Number("100.5")),
                        new Filter.Or(
                            List.of(
                                new Filter.Compared(
                                    "side", Filter.Comparison.EQ, new Literal.Text("buy")),
                                new Filter.IsNull("side", true))))),
                Optional.of(Set.of("price", "side")),
                Optional.empty(),
                true,
                OnGap.SNAPSHOT,
                true,
                Optional.of(policy(OptionalLong.of(Buffer.AUTO), DropPolicy.CONFLATE, 0)),
                OptionalDouble.empty(),
                9),
            "subscribe-events",
            new Subscribe(
                "t",
                "trades",
                Filter.EVERYTHING,
                Optional.empty(),
                Optional.empty(),
                false,
                OnGap.CONTINUE,
                false,
                Optional.of(policy(OptionalLong.empty(), DropPolicy.SAMPLE, 10)),
                OptionalDouble.empty(),
                5),
            "subscribe",
            new Subscribe("t", "trades", Optional.empty()),
            "subscribe-after",
            new Subscribe("t", "trades", Optional.of(POSITION)),
            "unsubscribe",
            new Unsubscribe(Optional.of("t"), OptionalInt.empty()),
            "unsubscribe-feed",
            new Unsubscribe(Optional.empty(), OptionalInt.of(3)),
            "ack",
            new Ack(3, POSITION),
            "ping",
            new Ping(Optional.of("n1")));
    Map<String, ClientMessage> read = new TreeMap<>();
    Vectors.of("client").forEach((name, text) -> read.put(name, message(text)));
    assertEquals(expected, read);
  }

  @Test
  void unknownFieldsAreIgnored() {
    Vectors.of("client")
        .forEach((name, text) -> {
          String more = text.replaceFirst("}$", ",\"later\":{\"a\":[1,null,1e999]},\"x\":null}");
          assertEquals(message(text), message(more), name);
        });
  }

  @Test
  void nullCountsAsNotThere() {
    assertEquals(new Ping(Optional.empty()), message("{\"type\":\"ping\",\"nonce\":null}"));
    assertEquals(
        new Subscribe("a", "b", Optional.empty()),
        message("{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"b\",\"where\":null}"));
  }

  @Test
  void typeMayStandAnywhere() {
    assertEquals(
        new Ping(Optional.of("n")), message("{ \"nonce\" : \"n\" , \"type\" : \"ping\" }"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "token    | {\"type\":\"hello\",\"token\":1}",
        "client   | {\"type\":\"hello\",\"client\":\"\"}",
        "resume   | {\"type\":\"hello\",\"resume\":[]}",
        "positions| {\"type\":\"hello\",\"positions\":[]}",
        "positions| {\"type\":\"hello\",\"positions\":{\"a\":1}}",
        "positions| {\"type\":\"hello\",\"positions\":{\"a\":null}}",
        "acks     | {\"type\":\"hello\",\"acks\":\"true\"}",
        "buffer   | {\"type\":\"hello\",\"buffer\":[]}",
        "ref      | {\"type\":\"subscribe\",\"source\":\"b\"}",
        "ref      | {\"type\":\"subscribe\",\"ref\":1,\"source\":\"b\"}",
        "source   | {\"type\":\"subscribe\",\"ref\":\"a\"}",
        "source   | {\"type\":\"subscribe\",\"ref\":\"a\",\"source\":{}}",
        "after    | {\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"b\",\"after\":7}",
        "ref      | {\"type\":\"unsubscribe\"}",
        "feed     | {\"type\":\"unsubscribe\",\"feed\":\"1\"}",
        "feed     | {\"type\":\"unsubscribe\",\"feed\":1.0}",
        "feed     | {\"type\":\"unsubscribe\",\"feed\":1e99}",
        "feed     | {\"type\":\"unsubscribe\",\"feed\":99999999999}",
        "feed     | {\"type\":\"ack\",\"position\":\"p\"}",
        "position | {\"type\":\"ack\",\"feed\":1}",
        "nonce    | {\"type\":\"ping\",\"nonce\":1}",
      })
  void aBadFieldIsNamed(String field, String text) {
    Read.Refused refused = assertInstanceOf(Read.Refused.class, ClientMessageReader.read(text));
    assertEquals(ErrorCode.BAD_REQUEST, refused.code());
    assertTrue(refused.reason().contains('"' + field + '"'), refused.reason());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "`columns`:1                     | `columns` is 1, not an array of texts",
        "`columns`:{}                    | `columns` is {}, not an array of texts",
        "`columns`:[1]                   | `columns` has 1 in it, not a text of 1 to 128",
        "`columns`:[``]                  | `columns` has `` in it, not a text of 1 to 128",
        "`columns`:[null]                | `columns` has null in it, not a text of 1 to 128",
        "`columns`:[`a`,`a`]             | `columns` has `a` twice",
        "`snapshot`:1                    | `snapshot` is neither true nor false",
        "`snapshot`:false                | `snapshot` is false, which only goes with"
            + " `onGap`:`continue`",
        "`snapshot`:false,`onGap`:`snapshot` | `snapshot` is false, which only goes with"
            + " `onGap`:`continue`",
        "`onGap`:`resume`                | `onGap` is `resume`, not one of snapshot, continue",
        "`onGap`:true                    | `onGap` is true, not one of snapshot, continue",
        "`delta`:`yes`                   | `delta` is neither true nor false",
        "`priority`:0                    | `priority` is 0, not a whole number from 1 to 9",
        "`priority`:10                   | `priority` is 10, not a whole number from 1 to 9",
        "`priority`:5.5                  | `priority` is 5.5, not a whole number from 1 to 9",
        "`priority`:`5`                  | `priority` is `5`, not a whole number from 1 to 9",
        "`maxRate`:0                     | `maxRate` is from 0.001 to 1,000,000 changes a second",
        "`buffer`:5                      | `buffer` is 5, not an object",
        "`buffer`:{`maxSize`:0}          | `buffer.maxSize` is 0, not a whole number from 1 to"
            + " 9223372036854775806, or `auto`",
        "`buffer`:{`maxSize`:`all`}      | `buffer.maxSize` is `all`, not a whole number from 1 to"
            + " 9223372036854775806, or `auto`",
        "`buffer`:{`maxSize`:1e99}       | `buffer.maxSize` is 1E+99, not a whole number from 1 to"
            + " 9223372036854775806, or `auto`",
        "`buffer`:{`dropPolicy`:`none`}  | `buffer.dropPolicy` is `none`, not one of drop-oldest,"
            + " drop-newest, conflate, by-age, by-priority, sample",
        "`buffer`:{`warnThreshold`:`x`}  | `buffer.warnThreshold` is `x`, not a number",
        "`buffer`:{`disconnectThreshold`:[]} | `buffer.disconnectThreshold` is [], not a number",
        "`buffer`:{`maxAgeMs`:-1}        | `buffer.maxAgeMs` is -1, not a whole number from 1 to"
            + " 9223372036854775807",
        "`buffer`:{`maxAgeMs`:99999999999999999999} | `buffer.maxAgeMs` is 99999999999999999999,"
            + " not a whole number from 1 to 9223372036854775807",
        "`buffer`:{`sample`:0}           | `buffer.sample` is 0, not a whole number from 1 to"
            + " 2147483647",
      })
  void whatIsWrongWithAWishIsSaidInFull(String fields, String reason) {
    Read.Refused refused = refused(fields);
    assertEquals(ErrorCode.BAD_REQUEST, refused.code());
    assertEquals(reason.replace('`', '"'), refused.reason());
    assertEquals(Optional.of("a"), refused.ref());
  }

  @Test
  void aFilterThatIsNoneIsRefusedWithItsPlace() {
    Read.Refused refused = refused("`where`:{`note`:{`_equal`:1}}");
    assertEquals(ErrorCode.BAD_FILTER, refused.code());
    assertTrue(refused.reason().startsWith("where.note._equal is no operator"), refused.reason());
    assertEquals(Optional.of("a"), refused.ref());
    assertEquals(ErrorCode.BAD_FILTER, refused("`where`:[]").code());
  }

  @Test
  void aFilterIsBounded() {
    String thousand = "0,".repeat(RowFilter.MAX_OPERANDS) + "0";
    Read.Refused large = refused("`where`:{`id`:{`_in`:[" + thousand + "]}}");
    assertEquals(ErrorCode.BAD_FILTER, large.code());
    assertTrue(large.reason().contains("more than 1000"), large.reason());
    int levels = WhereReader.MAX_NESTING + 1;
    String deep = "{`_not`:".repeat(levels) + "{}" + "}".repeat(levels);
    assertEquals(ErrorCode.BAD_FILTER, refused("`where`:" + deep).code());
    assertEquals(
        ErrorCode.BAD_REQUEST,
        refused(
                "`columns`:["
                    + IntStream.rangeClosed(0, 1_600)
                        .mapToObj(i -> "`c" + i + "`")
                        .collect(Collectors.joining(","))
                    + "]")
            .code());
  }

  @Test
  void numbersInFiltersKeepTheirDigits() {
    Subscribe read =
        assertInstanceOf(
            Subscribe.class,
            message(
                subscribe("`where`:{`price`:{`_eq`:12345678901234567890.123456789012345678901}}")));
    assertEquals(
        new Filter.Compared(
            "price",
            Filter.Comparison.EQ,
            new Literal.Number("12345678901234567890.123456789012345678901")),
        read.where());
  }

  @Test
  void whatSaysOnlyTheDefaultIsTheDefault() {
    assertEquals(
        new Subscribe("a", "b", Optional.empty()),
        message(
            subscribe(
                "`snapshot`:true,`onGap`:`snapshot`,`delta`:false,`priority`:5.0,`where`:{},"
                    + "`columns`:null,`buffer`:null,`maxRate`:null")));
  }

  @Test
  void lengthsAreBounded() {
    String just = "x".repeat(128);
    assertEquals(
        new Ping(Optional.of(just)), message("{\"type\":\"ping\",\"nonce\":\"" + just + "\"}"));
    Read.Refused refused =
        assertInstanceOf(
            Read.Refused.class,
            ClientMessageReader.read(
                "{\"type\":\"unsubscribe\",\"ref\":\"" + just + "x\",\"feed\":4}"));
    assertEquals(Optional.empty(), refused.ref(), "what is too long is not said back");
    assertEquals(OptionalInt.of(4), refused.feed());
  }

  @Test
  void anUnknownTypeIsSaidBackInShort() {
    Read.Refused refused =
        assertInstanceOf(
            Read.Refused.class,
            ClientMessageReader.read(
                "{\"type\":\"" + "y".repeat(5_000) + "\",\"ref\":\"a\",\"feed\":9}"));
    assertEquals(ErrorCode.UNKNOWN_TYPE, refused.code());
    assertTrue(refused.reason().length() < 100, refused.reason());
    assertEquals(Optional.of("a"), refused.ref());
    assertEquals(OptionalInt.of(9), refused.feed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "1",
        "\"hello\"",
        "null",
        "[]",
        "{}",
        "{\"type\":null}",
        "{\"type\":{}}",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"} x",
        "{\"type\":\"ping\"}{}",
        "{'type':'ping'}",
        "{type:\"ping\"}",
        "{\"type\":\"ping\",}",
        "{\"type\":\"ping\",\"type\":\"hello\"}",
        "{\"type\":\"hello\",\"positions\":{\"a\":\"1\",\"a\":\"2\"}}",
        "{\"type\":\"ping\",\"x\":01}",
        "{\"type\":\"ping\",\"x\":NaN}",
        "\ufeff{\"type\":\"ping\"}",
      })
  void garbage(String text) {
    assertInstanceOf(Read.Garbage.class, ClientMessageReader.read(text));
  }

  @Test
  void depthIsBounded() {
    int deep = 100_000;
    assertInstanceOf(Read.Garbage.class, ClientMessageReader.read("[".repeat(deep)));
    assertInstanceOf(
        Read.Garbage.class,
        ClientMessageReader.read(
            "{\"type\":\"ping\",\"x\":" + "[".repeat(deep) + "]".repeat(deep) + "}"));
    assertInstanceOf(Read.Garbage.class, ClientMessageReader.read("{\"a\":".repeat(deep)));
  }

  @Property(tries = 300)
  void anyTextIsAnswered(@ForAll String text) {
    assertInstanceOf(Read.Garbage.class, ClientMessageReader.read(text));
    String nonce = Frames.written(json -> json.writeString(text));
    Read read = ClientMessageReader.read("{\"type\":\"ping\",\"nonce\":" + nonce + "}");
    if (!text.isEmpty() && text.length() <= 128) {
      assertEquals(new Read.Message(new Ping(Optional.of(text))), read);
    } else {
      assertInstanceOf(Read.Refused.class, read);
    }
  }

  /** Names and what stands for each, more of them than {@link Map#of} takes. */
  private static Map<String, ClientMessage> mapOf(Object... pairs) {
    Map<String, ClientMessage> map = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], (ClientMessage) pairs[i + 1]);
    }
    return map;
  }

  private static BufferRequest policy(OptionalLong maxSize, DropPolicy policy, int sample) {
    return new BufferRequest(
        maxSize,
        Optional.of(policy),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        sample == 0 ? OptionalInt.empty() : OptionalInt.of(sample));
  }

  private static String subscribe(String fields) {
    return "{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"b\","
        + fields.replace('`', '"')
        + "}";
  }

  private static Read.Refused refused(String fields) {
    return assertInstanceOf(Read.Refused.class, ClientMessageReader.read(subscribe(fields)));
  }

  private static ClientMessage message(String text) {
    return assertInstanceOf(Read.Message.class, ClientMessageReader.read(text), text).message();
  }
}
