package io.tycostream.adapters.ws;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A source whose database is the test. Rows have an id and a note. */
final class HandFed {

  static final Relation SHAPE =
      new Relation(
          "public.things",
          "things-1",
          List.of(new Column("id", "int4"), new Column("note", "text")),
          List.of("id"));

  static final Derivation WHOLE = Derivation.of(Definition.WHOLE, SHAPE);

  private static final String EPOCH = "epoch";

  private final Source source;
  private final Map<Integer, String> rows = new TreeMap<>();
  static final long FIRST_TIME = 100;

  private long time = FIRST_TIME;

  HandFed(String name) {
    this(name, 1_000_000);
  }

  /**
   * @param maxEvents row changes that the log keeps
   */
  HandFed(String name, long maxEvents) {
    HistoryLimits history = new HistoryLimits(maxEvents, Duration.ofHours(1), 256L << 20);
    SourceLimits limits = new SourceLimits(history, 1_000_000, 512L << 20);
    this.source = new Source(name, limits, Instant.now());
  }

  Source source() {
    return source;
  }

  /** What a client should have. */
  Map<Integer, String> rows() {
    return rows;
  }

  String position() {
    return position(time);
  }

  /** The position at another time, of this definition. */
  static String position(long time) {
    return new Position(EPOCH, time, SHAPE.print()).toString();
  }

  long time() {
    return time;
  }

  /** The database answers with rows 1 to count. */
  HandFed load(int count) {
    for (int id = 1; id <= count; id++) {
      rows.put(id, "note " + id);
    }
    return load(SHAPE);
  }

  /** The rows there are, in a table of a shape that begins with an id and a note. */
  HandFed load(Relation shape) {
    List<Row> all = new ArrayList<>();
    int columns = shape.columns().size();
    rows.forEach((id, note) -> {
      String[] values = new String[columns];
      values[0] = id.toString();
      values[1] = note;
      all.add(Row.of(values));
    });
    source.load(shape, new Position(EPOCH, time, shape.print()), all, Instant.now());
    return this;
  }

  /** One transaction of one row. */
  void put(int id, String note) {
    put(Map.of(id, note));
  }

  /** One transaction. */
  void put(Map<Integer, String> changed) {
    rows.putAll(changed);
    List<RowEvent> events = new ArrayList<>();
    changed.forEach((id, note) ->
        events.add(new RowEvent.Upserted(Optional.empty(), Row.of(id.toString(), note))));
    source.apply(++time, events, Instant.now());
  }

  /** One transaction of rows of another shape, of which the test keeps track itself. */
  void apply(RowEvent... events) {
    source.apply(++time, List.of(events), Instant.now());
  }

  void delete(int id) {
    rows.remove(id);
    Key key = new Key(Row.of(Integer.toString(id)));
    source.apply(++time, List.of(new RowEvent.Deleted(key)), Instant.now());
  }

  /** Nothing happened, and the database says so. */
  void progress() {
    source.progress(++time, Instant.now());
  }

  void live() {
    Instant now = Instant.now();
    source.upstream(
        new UpstreamState.Live(
            now,
            now,
            now.plusSeconds(60),
            now,
            false,
            0,
            Optional.empty(),
            Endpoints.of(List.of("only")),
            Optional.empty()));
  }

  void reconnecting() {
    Instant now = Instant.now();
    source.upstream(
        new UpstreamState.Connecting(
            new UpstreamState.Outage(
                now,
                3,
                false,
                false,
                false,
                new UpstreamState.Trouble(now, Optional.empty()),
                Endpoints.of(List.of("only"))),
            Optional.empty(),
            false,
            now,
            now.plusSeconds(60)));
  }
}
