package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tycostream.adapters.ws.ClientMessageReader.Read;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.Pressure;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.session.CloseReason;
import io.tycostream.domain.session.Shares;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * The AsyncAPI document says what the code does: types, fields, words, and every example. What the
 * gateway sends in the other tests of this module is held against it by {@link RawClient}.
 */
class AsyncApiTest {

  /** Messages whose records are named otherwise than their types. */
  private static final Map<Class<?>, String> NAMED =
      Map.of(
          ServerMessage.Refused.class, "error",
          ServerMessage.SnapshotPart.class, "snapshot",
          ServerMessage.BatchPart.class, "batch",
          ServerMessage.SourceStatus.class, "source");

  private static Map<String, Class<?>> records() {
    Map<String, Class<?>> records = new TreeMap<>();
    Stream.of(ClientMessage.class, ServerMessage.class)
        .flatMap(side -> Arrays.stream(side.getPermittedSubclasses()))
        .forEach(record ->
            records.put(
                NAMED.getOrDefault(record, record.getSimpleName().toLowerCase(Locale.ROOT)),
                record));
    return records;
  }

  @Test
  void shouldKnowTheTypesOfAllMessages() {
    Set<String> types = records().keySet();
    assertEquals(types, names("/components/messages"));
    assertEquals(types, names("/channels/stream/messages"));
    types.forEach(type ->
        assertEquals(type, MessageSchemas.ofType(type).at("/properties/type/const").asText()));
  }

  @Test
  void shouldSayWhoSendsWhat() {
    assertEquals(typesOf(ClientMessage.class), messagesOf("receive", "messages"));
    Set<String> sent = messagesOf("send", "messages");
    sent.addAll(messagesOf("receive", "reply"));
    assertEquals(typesOf(ServerMessage.class), sent);
  }

  private static Set<String> typesOf(Class<?> side) {
    return records().entrySet().stream()
        .filter(each -> side.isAssignableFrom(each.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> messagesOf(String action, String where) {
    Set<String> types = new TreeSet<>();
    for (JsonNode operation : MessageSchemas.DOCUMENT.get("operations")) {
      if (operation.get("action").textValue().equals(action) && operation.has(where)) {
        JsonNode messages = operation.get(where);
        for (JsonNode message : messages.isArray() ? messages : messages.get("messages")) {
          types.add(message.get("$ref").textValue().replaceFirst(".*/", ""));
        }
      }
    }
    return types;
  }

  @Test
  void shouldHaveTheFieldsOfEveryMessage() {
    records()
        .forEach((type, record) -> {
          Set<String> fields = fields(record);
          fields.add("type");
          assertEquals(fields, names(MessageSchemas.ofType(type)), type);
        });
    assertEquals(fields(ServerMessage.Limits.class), names(MessageSchemas.schema("Limits")));
    assertEquals(fields(ClientMessage.BufferRequest.class), names(MessageSchemas.schema("Buffer")));
    assertEquals(fields(Column.class), names(MessageSchemas.schema("Column")));
  }

  /** As they stand on the wire: times end in their unit. */
  private static Set<String> fields(Class<?> record) {
    Set<String> fields = new TreeSet<>();
    for (RecordComponent each : record.getRecordComponents()) {
      boolean time = each.getGenericType().getTypeName().contains("java.time.Duration");
      fields.add(each.getName() + (time ? "Ms" : ""));
    }
    return fields;
  }

  private static Set<String> names(JsonNode schema) {
    return schema.get("properties").properties().stream()
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> names(String place) {
    return MessageSchemas.DOCUMENT.at(place).properties().stream()
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** What a record always has is required, and what it may leave out is not. */
  @Test
  void shouldRequireWhatIsAlwaysThere() {
    typesOf(ServerMessage.class)
        .forEach(type -> {
          Set<String> always = new TreeSet<>(Set.of("type"));
          for (RecordComponent each : records().get(type).getRecordComponents()) {
            if (!each.getType().getSimpleName().startsWith("Optional")) {
              boolean time = each.getType().getTypeName().equals("java.time.Duration");
              always.add(each.getName() + (time ? "Ms" : ""));
            }
          }
          switch (type) {
            case "batch" -> always.removeAll(Set.of("merged", "resync", "part", "more"));
            case "gap" -> always.add("after"); // null where there is none
            default -> {}
          }
          assertEquals(always, texts(MessageSchemas.ofType(type).get("required")), type);
        });
  }

  private static Set<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void shouldHaveAllWordsOfTheProtocol() {
    assertWords(ErrorCode.values(), ErrorCode::wire, "ErrorCode");
    assertWords(CloseCode.values(), each -> Integer.toString(each.code()), "CloseCode");
    assertWords(DropPolicy.values(), DropPolicy::wire, "DropPolicy");
    assertWords(GapReason.values(), GapReason::wire, "GapReason");
    assertWords(Recovery.values(), Recovery::wire, "Recovery");
    assertWords(SourceCondition.values(), SourceCondition::wire, "SourceState");
    assertWords(Pressure.Level.values(), Pressure.Level::wire, "PressureLevel");
    assertWords(ServerMessage.Start.values(), ServerMessage.Start::wire, "Start");
    assertWords(ClientMessage.OnGap.values(), ClientMessage.OnGap::wire, "OnGap");
  }

  private static <T> void assertWords(T[] values, Function<T, String> wire, String schema) {
    Set<String> words = Arrays.stream(values).map(wire).collect(Collectors.toSet());
    assertEquals(new TreeSet<>(words), texts(MessageSchemas.schema(schema).get("enum")), schema);
  }

  @Test
  void shouldSayWhichErrorsMayPass() {
    for (ErrorCode code : ErrorCode.values()) {
      for (boolean retryable : new boolean[] {true, false}) {
        String text =
            "{\"type\":\"error\",\"code\":\"%s\",\"message\":\"m\",\"retryable\":%s}"
                .formatted(code.wire(), retryable);
        assertEquals(retryable == code.retryable(), isRight(text), text);
      }
    }
  }

  @Test
  void shouldSayAfterWhichCodesAClientReturns() {
    for (CloseCode code : CloseCode.values()) {
      for (boolean resumable : new boolean[] {true, false}) {
        String text =
            "{\"type\":\"bye\",\"code\":%d,\"reason\":\"r\",\"resumable\":%s}"
                .formatted(code.code(), resumable);
        assertEquals(resumable == new CloseReason(code).resumable(), isRight(text), text);
      }
    }
  }

  @Test
  void shouldHaveTheLimitsOfTheCode() {
    JsonNode priority = MessageSchemas.ofType("subscribe").at("/properties/priority");
    assertEquals(Shares.LOWEST, priority.get("minimum").intValue());
    assertEquals(Shares.HIGHEST, priority.get("maximum").intValue());
    assertEquals(ClientMessage.Subscribe.DEFAULT_PRIORITY, priority.get("default").intValue());
    JsonNode buffer = MessageSchemas.schema("Buffer").get("properties");
    Buffer standard = ClientLimits.DEFAULT.buffers().standard();
    assertEquals(standard.warnAt(), buffer.at("/warnThreshold/default").doubleValue());
    assertEquals(standard.disconnectAt(), buffer.at("/disconnectThreshold/default").doubleValue());
    assertEquals(standard.maxAge().toMillis(), buffer.at("/maxAgeMs/default").longValue());
    assertEquals(
        ClientLimits.DEFAULT.buffers().maxAge().toMillis(),
        buffer.at("/maxAgeMs/maximum").longValue());
    assertEquals(standard.sample(), buffer.at("/sample/default").intValue());
    assertEquals(
        standard.policy().wire(), MessageSchemas.schema("DropPolicy").get("default").textValue());
    JsonNode reason = MessageSchemas.ofType("bye").at("/properties/reason/maxLength");
    assertEquals(CloseReason.MAX_BYTES, reason.intValue());
  }

  @Test
  void shouldBeWhereTheEndpointIs() {
    assertEquals(Gateway.PATH, MessageSchemas.DOCUMENT.at("/channels/stream/address").textValue());
    assertEquals(
        Upgrade.SUBPROTOCOL,
        MessageSchemas.DOCUMENT
            .at("/channels/stream/bindings/ws/headers/properties/Sec-WebSocket-Protocol/const")
            .textValue());
  }

  @Test
  void shouldLetEveryExampleThrough() {
    Set<String> shown = new TreeSet<>();
    for (String side : List.of("client", "server")) {
      Vectors.of(side)
          .forEach((name, text) -> {
            assertEquals("", complaint(text), name);
            shown.add(Frames.json(text).get("type").textValue());
          });
    }
    assertEquals(records().keySet(), shown, "a type has no example");
  }

  /** What the gateway refuses is no message by the schemas either. */
  @Test
  void shouldRefuseWhatTheGatewayRefuses() {
    for (String code : List.of("bad-request", "bad-filter", "unknown-type")) {
      Map<String, String> wrong = Vectors.of("refused/" + code);
      assertTrue(wrong.size() > 0, code);
      wrong.forEach((name, text) -> {
        Read.Refused refused =
            assertInstanceOf(Read.Refused.class, ClientMessageReader.read(text), name);
        assertEquals(code, refused.code().wire(), name);
        assertTrue(!isRight(text), code + "/" + name + " is a message by its schema");
      });
    }
  }

  /**
   * Without any of its fields, or with one that no one knows, no message of the gateway is right.
   */
  @Test
  void shouldNoticeAFieldTooFewOrTooMany() {
    Vectors.of("server")
        .forEach((name, text) -> {
          JsonNode message = Frames.json(text);
          for (JsonNode required :
              MessageSchemas.ofType(message.get("type").asText()).get("required")) {
            JsonNode less = message.deepCopy();
            ((ObjectNode) less).remove(required.asText());
            assertTrue(MessageSchemas.complaint(less).isPresent(), name + " without " + required);
          }
          JsonNode more = message.deepCopy();
          ((ObjectNode) more).set("another", JsonNodeFactory.instance.numberNode(1));
          assertTrue(MessageSchemas.complaint(more).isPresent(), name + " with another field");
        });
  }

  /** Every reference leads somewhere, and every schema is used. */
  @Test
  void shouldHangTogether() {
    Set<String> used = new HashSet<>();
    MessageSchemas.DOCUMENT.findValues("$ref").forEach(each -> used.add(each.textValue()));
    used.forEach(reference ->
        assertTrue(!MessageSchemas.DOCUMENT.at(reference.substring(1)).isMissingNode(), reference));
    names("/components/schemas")
        .forEach(name -> assertTrue(used.contains("#/components/schemas/" + name), name));
  }

  private static boolean isRight(String text) {
    return complaint(text).isEmpty();
  }

  private static String complaint(String text) {
    return MessageSchemas.complaint(Frames.json(text)).orElse("");
  }
}
