package io.tycostream.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.client.testing.RequestReader.Read;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Pressure;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.SourceStatus;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The example messages of the protocol: requests are read as meant, answers written byte for byte.
 */
final class ProtocolVectorsTest {

  private static final Path VECTORS =
      Path.of("..").resolve("docs/protocol/vectors").toAbsolutePath().normalize();

  static List<Path> requests() {
    return files("client");
  }

  static List<Path> refusedRequests() {
    return files("refused");
  }

  static List<Path> answersWithoutRows() {
    return files("server").stream().filter(each -> !hasRows(each)).toList();
  }

  private static boolean hasRows(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith("batch") || name.startsWith("snapshot");
  }

  private static List<Path> files(String folder) {
    try (Stream<Path> files = Files.walk(VECTORS.resolve(folder))) {
      List<Path> found = files.filter(each -> each.toString().endsWith(".json")).sorted().toList();
      assertTrue(found.size() > 5, folder);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("requests")
  void readsEveryRequest(Path file) {
    assertInstanceOf(Read.Message.class, RequestReader.read(text(file)));
  }

  @ParameterizedTest
  @MethodSource("refusedRequests")
  void refusesEveryWrongRequestWithItsCode(Path file) {
    Read read = RequestReader.read(text(file));
    String code = String.valueOf(file.getParent().getFileName());
    assertEquals(code, assertInstanceOf(Read.Wrong.class, read).answer().code());
  }

  @ParameterizedTest
  @MethodSource("answersWithoutRows")
  void writesEveryAnswerByteForByte(Path file) throws IOException {
    String expected = text(file);
    ServerMessage message = message((Map<?, ?>) JsonText.read(expected));
    assertEquals(expected, new String(MessageWriter.write(message), StandardCharsets.UTF_8));
  }

  /** Reads only what the vectors have. */
  private static ServerMessage message(Map<?, ?> json) {
    return switch ((String) json.get("type")) {
      case "welcome" ->
          new Welcome(
              text(json, "session").orElseThrow(),
              text(json, "resume"),
              (Boolean) json.get("resumed"),
              millis(json, "heartbeatMs").orElseThrow(),
              millis(json, "sessionTtlMs").orElseThrow(),
              text(json, "node").orElseThrow(),
              limits((Map<?, ?>) json.get("limits")));
      case "subscribed" ->
          new Subscribed(
              text(json, "ref").orElseThrow(),
              number(json, "feed").orElseThrow(),
              text(json, "source").orElseThrow(),
              ((List<?>) json.get("key")).stream().map(String.class::cast).toList(),
              ((List<?>) json.get("columns"))
                  .stream()
                      .map(each -> (Map<?, ?>) each)
                      .map(each ->
                          new Column(
                              text(each, "name").orElseThrow(), text(each, "type").orElseThrow()))
                      .toList(),
              Stream.of(Start.values())
                  .filter(each -> each.wire().equals(json.get("start")))
                  .findFirst()
                  .orElseThrow(),
              text(json, "position"),
              json.containsKey("seq")
                  ? OptionalLong.of(number(json, "seq").orElseThrow())
                  : OptionalLong.empty());
      case "progress" ->
          new Progress(number(json, "feed").orElseThrow(), text(json, "position").orElseThrow());
      case "source" ->
          new SourceStatus(
              text(json, "ref"),
              number(json, "feed"),
              text(json, "state").orElseThrow(),
              Instant.parse(text(json, "since").orElseThrow()),
              number(json, "attempt"),
              millis(json, "retryInMs"),
              text(json, "reason"));
      case "pressure" ->
          new Pressure(
              number(json, "buffered").orElseThrow(),
              number(json, "capacity").orElseThrow(),
              text(json, "level").orElseThrow(),
              number(json, "feed").orElseThrow());
      case "gap" ->
          new Gap(
              number(json, "feed").orElseThrow(),
              text(json, "after"),
              text(json, "upTo").orElseThrow(),
              number(json, "dropped").orElseThrow(),
              text(json, "reason").orElseThrow(),
              text(json, "recovery").orElseThrow());
      case "unsubscribed" ->
          new Unsubscribed(
              text(json, "ref").orElseThrow(), number(json, "feed"), text(json, "reason"));
      case "error" ->
          new Refused(
              text(json, "ref"),
              number(json, "feed"),
              text(json, "code").orElseThrow(),
              text(json, "message").orElseThrow(),
              (Boolean) json.get("retryable"));
      case "pong" -> new Pong(text(json, "nonce"));
      case "bye" ->
          new Bye(
              number(json, "code").orElseThrow(),
              text(json, "reason").orElseThrow(),
              millis(json, "retryInMs"),
              (Boolean) json.get("resumable"));
      default -> throw new AssertionError("a vector of a type that is new: " + json);
    };
  }

  private static Limits limits(Map<?, ?> json) {
    return new Limits(
        number(json, "maxMessage").orElseThrow(),
        number(json, "maxRequest").orElseThrow(),
        number(json, "maxSubscriptions").orElseThrow(),
        number(json, "maxBuffer").orElseThrow());
  }

  private static Optional<String> text(Map<?, ?> json, String name) {
    return Optional.ofNullable((String) json.get(name));
  }

  private static OptionalInt number(Map<?, ?> json, String name) {
    return json.get(name) instanceof BigDecimal number
        ? OptionalInt.of(number.intValueExact())
        : OptionalInt.empty();
  }

  private static Optional<Duration> millis(Map<?, ?> json, String name) {
    return json.get(name) instanceof BigDecimal number
        ? Optional.of(Duration.ofMillis(number.longValueExact()))
        : Optional.empty();
  }

  private static final Relation SHAPE = shape(List.of("id"));
  private static final Row FIRST = Row.of("1", "10.50", "[\"a\",\"NULL\",null]");
  private static final Row SECOND = Row.of("2", null, "[]");
  private static final Row CHANGED = Row.of("1", "10.75", "[\"a\"]");
  private static final Row THIRD = Row.of("3", "9.99", null);

  private static Relation shape(List<String> key) {
    return new Relation(
        "t",
        "t",
        List.of(
            new Column("id", "int8"), new Column("price", "numeric"), new Column("tags", "_text")),
        key);
  }

  private static Position at(long time) {
    return new Position("pg-7245", time, "2c26b46b68ffc68f");
  }

  @Test
  void writesRowsByteForByte() {
    RowMessages messages = new RowMessages(3, SHAPE, false, 256 << 10);
    RowMessages small = new RowMessages(3, SHAPE, false, 330);
    RowMessages delta = new RowMessages(3, SHAPE, true, 256 << 10);
    RowMessages bag = new RowMessages(3, shape(List.of()), false, 256 << 10);
    List<Change> whole =
        List.of(
            new Change.Insert(THIRD), new Change.Update(FIRST, CHANGED), new Change.Delete(SECOND));
    assertWrites("batch", messages.batch(42, 1, at(0x16b3900), whole, false).getFirst());
    assertWrites(
        "batch-merged",
        messages.batch(42, 5, at(0x16b3900), whole.subList(1, 3), false).getFirst());
    assertWrites(
        "batch-resync", messages.batch(42, 1, at(0x16b3900), whole.subList(0, 1), true).getFirst());
    assertWrites(
        "batch-without-key",
        bag.batch(42, 1, at(0x16b3900), List.of(whole.get(0), whole.get(2)), false).getFirst());
    List<byte[]> parts =
        small.batch(42, 1, at(0x16b3900), List.of(whole.get(0), whole.get(2)), false);
    assertWrites("batch-part-first", parts.get(0));
    assertWrites("batch-part-last", parts.get(1));
    List<Change> updates =
        List.of(
            new Change.Update(Row.of("1", "10.50", "[]"), Row.of("1", "10.75", "[]")),
            new Change.Update(SECOND, Row.of("2", null, null)));
    assertWrites("batch-delta", delta.batch(42, 1, at(0x16b3900), updates, false).getFirst());
    assertWrites(
        "snapshot", messages.snapshot(List.of(FIRST, SECOND), at(0x16b3748), 41).getFirst());
    assertWrites(
        "snapshot-part", small.snapshot(List.of(FIRST, SECOND), at(0x16b3748), 41).getFirst());
    assertWrites("snapshot-empty", messages.snapshot(List.of(), at(0x16b3748), 0).getFirst());
    assertEquals(
        10, files("server").stream().filter(ProtocolVectorsTest::hasRows).count(), "each of them");
  }

  private static void assertWrites(String vector, byte[] message) {
    assertEquals(
        text(VECTORS.resolve("server").resolve(vector + ".json")),
        new String(message, StandardCharsets.UTF_8));
  }

  @Test
  void takesNothingForARequestThatIsNone() {
    for (String garbage :
        List.of(
            "",
            "garbage",
            "[]",
            "{}",
            "{\"type\":7}",
            "{\"type\":\"ping\"} x",
            "{\"type\":\"ping\",\"type\":\"ping\"}",
            "{\"type\":\"ping\",\"a\":1e4000000000000}")) {
      assertInstanceOf(Read.Garbage.class, RequestReader.read(garbage), garbage);
    }
  }
}
