package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.ws.ClientMessageReader.Read;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
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
        Map.of(
            "hello",
            new Hello(
                Optional.of("secret"),
                Optional.of("dashboard-7"),
                Optional.of("r1"),
                Map.of("trades", POSITION),
                true),
            "hello-shortest",
            new Hello(Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), false),
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
        "buffer   | {\"type\":\"hello\",\"buffer\":{\"maxSize\":1}}",
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
  @ValueSource(
      strings = {"where", "columns", "delta", "buffer", "maxRate", "priority", "snapshot", "onGap"})
  void whatThisVersionLacksIsRefusedAndNotIgnored(String field) {
    for (String value : new String[] {"{}", "1", "\"x\"", "[]"}) {
      String text =
          "{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"b\",\"" + field + "\":" + value + "}";
      Read.Refused refused = assertInstanceOf(Read.Refused.class, ClientMessageReader.read(text));
      assertEquals(ErrorCode.BAD_REQUEST, refused.code());
      assertEquals(Optional.of("a"), refused.ref());
      assertTrue(refused.reason().contains(field), refused.reason());
    }
  }

  @Test
  void whatSaysOnlyTheDefaultIsNotRefused() {
    assertEquals(
        new Subscribe("a", "b", Optional.empty()),
        message(
            "{\"type\":\"subscribe\",\"ref\":\"a\",\"source\":\"b\","
                + "\"snapshot\":true,\"onGap\":\"snapshot\",\"delta\":false}"));
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

  private static ClientMessage message(String text) {
    return assertInstanceOf(Read.Message.class, ClientMessageReader.read(text), text).message();
  }
}
