package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Pressure;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import io.tycostream.domain.protocol.ServerMessage.SourceStatus;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.source.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Every message of the gateway, byte for byte as the documentation shows it. */
class MessageEncoderTest {

  private static final Position EARLIER = new Position("pg-7245", 0x16b3748, "2c26b46b68ffc68f");
  private static final Position LATER = EARLIER.at(0x16b3900);
  private static final Instant SINCE = Instant.parse("2026-11-21T20:45:16Z");
  private static final List<Column> COLUMNS =
      List.of(
          new Column("id", "int8"), new Column("price", "numeric"), new Column("tags", "_text"));
  private static final Relation TRADES = new Relation("trades", "1", COLUMNS, List.of("id"));

  private static final Row FIRST = Row.of("1", "10.50", "{a,\"NULL\",NULL}");
  private static final Row SECOND = Row.of("2", null, "{}");
  private static final Change INSERT = new Change.Insert(Row.of("3", "9.99", null));
  private static final Change UPDATE = new Change.Update(FIRST, Row.of("1", "10.75", "{a}"));
  private static final Change DELETE = new Change.Delete(SECOND);

  @Test
  void everyMessageIsWrittenAsDocumented() {
    Map<String, String> written = new TreeMap<>();
    messages()
        .forEach((name, message) -> written.put(name, Frames.text(MessageEncoder.encode(message))));
    RowFrames rows = new RowFrames(3, TRADES, false, 4_096);
    written.put("snapshot", snapshot(rows, List.of(FIRST, SECOND), 41));
    written.put("snapshot-empty", snapshot(rows, List.of(), 0));
    RowFrames narrow = new RowFrames(3, TRADES, false, 1);
    written.put("snapshot-part", snapshot(narrow, List.of(FIRST, SECOND), 41));
    written.put("batch", Frames.text(rows.batch(entry(false, INSERT, UPDATE, DELETE)).getFirst()));
    written.put("batch-resync", Frames.text(rows.batch(entry(true, INSERT)).getFirst()));
    RowFrames delta = new RowFrames(3, TRADES, true, 4_096);
    Change otherPrice = new Change.Update(FIRST, Row.of("1", "10.75", FIRST.value(2)));
    Change noTags = new Change.Update(SECOND, Row.of("2", null, null));
    written.put(
        "batch-delta", Frames.text(delta.batch(entry(false, otherPrice, noTags)).getFirst()));
    written.put("batch-merged", Frames.text(delta.merged(merged(5, UPDATE, DELETE)).next()));
    RowFrames keyless =
        new RowFrames(3, new Relation("trades", "1", COLUMNS, List.of()), true, 4_096);
    written.put(
        "batch-without-key", Frames.text(keyless.batch(entry(false, INSERT, DELETE)).getFirst()));
    List<Frame> parts = narrow.batch(entry(false, INSERT, DELETE));
    written.put("batch-part-first", Frames.text(parts.get(0)));
    written.put("batch-part-last", Frames.text(parts.get(1)));
    assertEquals(lines(Vectors.of("server")), lines(written));
  }

  @Test
  void typeComesFirstAndNothingBetweenTokens() {
    Vectors.of("server")
        .forEach((name, text) -> {
          assertTrue(text.startsWith("{\"type\":\""), name);
          assertEquals(Frames.json(text).toString(), text, name);
        });
  }

  @Test
  void textsOfOthersAreEscaped() {
    String reason = "\"\\\n\u0000\u2028</script>é😀\ud83d";
    Bye bye = new Bye(4400, reason, Optional.empty(), false);
    assertEquals(reason, Frames.json(MessageEncoder.encode(bye)).get("reason").textValue());
  }

  @Test
  void messagesWithRowsAreNotItsOwn() {
    SnapshotPart part =
        new SnapshotPart(1, 0, List.of(), true, Optional.empty(), OptionalLong.empty());
    assertThrows(IllegalArgumentException.class, () -> MessageEncoder.encode(part));
  }

  private static Map<String, ServerMessage> messages() {
    Limits limits = new Limits(262_144, 65_536, 100, 16_600);
    Duration heartbeat = Duration.ofSeconds(15);
    String at = EARLIER.toString();
    String upTo = LATER.toString();
    return Map.ofEntries(
        Map.entry(
            "welcome",
            new Welcome(
                "s1", Optional.of("r1"), false, heartbeat, Duration.ofMinutes(2), "main", limits)),
        Map.entry(
            "welcome-without-sessions",
            new Welcome("s1", Optional.empty(), false, heartbeat, Duration.ZERO, "main", limits)),
        Map.entry(
            "subscribed-snapshot",
            new Subscribed(
                "t",
                3,
                "trades",
                List.of("id"),
                COLUMNS,
                Start.SNAPSHOT,
                Optional.empty(),
                OptionalLong.empty())),
        Map.entry(
            "subscribed-replay",
            new Subscribed(
                "t",
                3,
                "trades",
                List.of("id"),
                COLUMNS,
                Start.REPLAY,
                Optional.of(at),
                OptionalLong.of(41))),
        Map.entry(
            "subscribed-live",
            new Subscribed(
                "t",
                3,
                "trades",
                List.of(),
                COLUMNS,
                Start.LIVE,
                Optional.of(at),
                OptionalLong.of(41))),
        Map.entry("progress", new Progress(3, upTo)),
        Map.entry(
            "source-waiting",
            new SourceStatus(
                Optional.of("t"),
                OptionalInt.empty(),
                "connecting",
                SINCE.plusNanos(123_456_000),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty())),
        Map.entry(
            "source-reconnecting",
            new SourceStatus(
                Optional.empty(),
                OptionalInt.of(3),
                "reconnecting",
                SINCE,
                OptionalInt.of(2),
                Optional.of(Duration.ofMillis(400)),
                Optional.of("connection refused"))),
        Map.entry("pressure", new Pressure(13_280, 16_600, "warn", 3)),
        Map.entry("pressure-normal", new Pressure(0, 16_600, "normal", 3)),
        Map.entry("gap-fold", new Gap(3, Optional.of(at), upTo, 128, "by-age", "fold")),
        Map.entry("gap-none", new Gap(3, Optional.of(at), upTo, 128, "sample", "none")),
        Map.entry(
            "error-filter",
            new Refused(
                Optional.of("t"),
                OptionalInt.empty(),
                "bad-filter",
                "where.price._gte is null, with which nothing compares; write {\"_is_null\":true}",
                false)),
        Map.entry("gap", new Gap(3, Optional.of(at), upTo, 128, "drop-oldest", "snapshot")),
        Map.entry(
            "gap-from-nothing", new Gap(3, Optional.empty(), upTo, -1, "source-reset", "snapshot")),
        Map.entry("unsubscribed", new Unsubscribed("t", OptionalInt.of(3), Optional.empty())),
        Map.entry(
            "unsubscribed-waiting",
            new Unsubscribed("t", OptionalInt.empty(), Optional.of("source removed"))),
        Map.entry(
            "error",
            new Refused(
                Optional.of("t"),
                OptionalInt.empty(),
                "unknown-source",
                "there is no source \"trads\"; there are [trades]",
                false)),
        Map.entry(
            "error-feed",
            new Refused(
                Optional.of("u"),
                OptionalInt.of(3),
                "duplicate-subscription",
                "\"t\" follows the same",
                false)),
        Map.entry("pong", new Pong(Optional.of("n1"))),
        Map.entry("pong-shortest", new Pong(Optional.empty())),
        Map.entry(
            "bye",
            new Bye(1001, "gateway is draining", Optional.of(Duration.ofMillis(1_234)), true)),
        Map.entry("bye-for-good", new Bye(4400, "protocol error", Optional.empty(), false)));
  }

  private static String snapshot(RowFrames frames, List<Row> rows, long seq) {
    Derivation whole = Derivation.of(Definition.WHOLE, TRADES);
    return Frames.text(frames.snapshot(rows, whole, EARLIER, seq, 0, 0).frame());
  }

  private static Delivery.Next entry(boolean resync, Change... changes) {
    Batch batch = new Batch(EARLIER, LATER, List.of(changes), resync);
    return Deliveries.next(42, batch);
  }

  private static Delivery.Merged merged(long count, Change... changes) {
    return Deliveries.merged(42, count, LATER, List.of(changes));
  }

  private static String lines(Map<String, String> messages) {
    StringBuilder lines = new StringBuilder();
    messages.forEach((name, text) -> lines.append(name).append(": ").append(text).append('\n'));
    return lines.toString();
  }
}
