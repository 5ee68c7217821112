package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A source that begins at 100 without rows, and each of whose moments is one later. */
final class ToldSource {

  static final Instant NOW = Instant.EPOCH;
  static final Relation KEYED = relation("1", List.of("id"));
  static final Relation KEYLESS = relation("1", List.of());

  /** As many as there are. */
  static final long PLENTY = 1L << 40;

  /** What is merged for readers, and a log, take so many bytes at the most. */
  static final long ROOM = 100_000;

  private final Source source;
  private long time = 100;

  /**
   * @param maxEvents row changes that its log has room for
   */
  ToldSource(Relation relation, long maxEvents) {
    this(relation, maxEvents, PLENTY);
  }

  /**
   * @param maxMarkBytes what the marks of its feeds may take, besides four of each
   */
  ToldSource(Relation relation, long maxEvents, long maxMarkBytes) {
    HistoryLimits history = new HistoryLimits(maxEvents, Duration.ofDays(1), ROOM);
    source = new Source("t", new SourceLimits(history, PLENTY, PLENTY, maxMarkBytes), NOW);
    source.load(relation, position(relation), List.of(), NOW);
  }

  static Relation relation(String identity, List<String> key) {
    return new Relation("public.t", identity, List.of(new Column("id", "text")), key);
  }

  private Position position(Relation relation) {
    return new Position("e", time, relation.print());
  }

  Source source() {
    return source;
  }

  Generation generation() {
    return source.generation().orElseThrow();
  }

  ChangeLog log() {
    return generation().log();
  }

  /** All rows anew. */
  void load(Relation relation, String... ids) {
    time++;
    source.load(relation, position(relation), Arrays.stream(ids).map(Row::of).toList(), NOW);
  }

  /** A moment for each. */
  void insert(String... ids) {
    for (String id : ids) {
      source.apply(++time, List.of(new RowEvent.Inserted(Row.of(id))), NOW);
    }
  }

  void delete(String id) {
    source.apply(++time, List.of(new RowEvent.Deleted(new Key(Row.of(id)))), NOW);
  }

  /** Somebody who follows rows. */
  Cursor state(DropPolicy policy, long maxSize) {
    return cursor(policy, maxSize, OnGap.SNAPSHOT, true);
  }

  /** Somebody who follows changes, and begins with the rows or without. */
  Cursor events(DropPolicy policy, long maxSize, boolean rows) {
    return cursor(policy, maxSize, OnGap.CONTINUE, rows);
  }

  private Cursor cursor(DropPolicy policy, long maxSize, OnGap onGap, boolean rows) {
    Buffer buffer = new Buffer(maxSize, policy, 0.8, 0.95, Duration.ofDays(1), 1);
    return cursor(new Terms(Definition.WHOLE, Optional.empty(), rows, onGap, buffer));
  }

  Cursor cursor(Terms terms) {
    return new Cursor(source, terms, NOW, Duration.ofSeconds(30), () -> {});
  }

  /** So much can be merged for others. */
  void assertRoom(long bytes) {
    Portion one = new Portion(source);
    assertTrue(one.reaches(1));
    assertTrue(one.reaches(bytes));
    one.giveBack();
  }

  /** The client is busy with all rows from now on. */
  static void takeRows(Cursor cursor) {
    assertEquals("began snapshot", Told.words(cursor.next(NOW)));
    assertTrue(cursor.next(NOW) instanceof Delivery.Everything);
    assertEquals("status connecting", Told.words(cursor.next(NOW)));
  }

  static void assertTold(Cursor cursor, String... words) {
    assertEquals(Arrays.asList(words), Told.all(cursor, NOW));
  }
}
