package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.materialize.Generation;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever is written and whatever breaks, after each batch the rows are what they were then. */
class MaterializeProperties {

  private static final AtomicInteger TABLES = new AtomicInteger();
  private static MaterializeSimulator database;

  /** What happens next: to the relation, to the database or to the stream. */
  sealed interface Event {

    /** The note of this row becomes another one, or the row goes, some milliseconds later. */
    record Put(int after, int id, String note, boolean gone) implements Event {}

    /** What was written is complete, and told. */
    record Advance(int by) implements Event {}

    /** The next stream is cut after so many bytes. */
    record CutNext(int bytes) implements Event {}

    /** Everything that is written is followed. */
    record CatchUp() implements Event {}

    /** All connections are cut without a word. */
    record Restart() implements Event {}

    /** History is forgotten, up to so many milliseconds before the end. */
    record Compact(int before) implements Event {}

    /** The gateway lets its stream go, and opens another one when it catches up. */
    record Leave() implements Event {}
  }

  @BeforeContainer
  static void start() {
    database = MaterializeSimulator.start();
    database.clock(1_700_000_000_000L);
  }

  @AfterContainer
  static void stop() {
    database.close();
    assertEquals(List.of(), database.failures());
  }

  @Property(tries = 40)
  void followsWhateverBreaks(
      @ForAll("events") List<Event> events, @ForAll boolean oneBatch, @ForAll Generation generation)
      throws StreamException {
    perform(events, oneBatch, generation);
  }

  @Property(tries = 1_500)
  @Tag("long")
  void followsWhateverBreaksForLong(
      @ForAll("events") List<Event> events, @ForAll boolean oneBatch, @ForAll Generation generation)
      throws StreamException {
    perform(events, oneBatch, generation);
  }

  private static void perform(List<Event> events, boolean oneBatch, Generation generation)
      throws StreamException {
    database.historyInOneBatch(oneBatch);
    database.generation(generation);
    MzObject object =
        database.table("t" + TABLES.incrementAndGet(), MzColumn.int4("id"), MzColumn.text("note"));
    object.retainHistory(3_600_000);
    object.advance(database.clock() + 1);
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server())),
            Following.relation(object, Duration.ofMillis(20), "id"));
    try (Following following = new Following(changes, object)) {
      Map<Integer, String> rows = new TreeMap<>();
      long time = object.upper();
      int compactions = 0;
      for (Event event : events) {
        switch (event) {
          case Event.Put put -> {
            time += put.after();
            put(object, rows, time, put);
          }
          case Event.Advance advance -> {
            time += advance.by();
            object.advance(time);
          }
          case Event.CutNext cut -> database.faults().cutStreamsAfter(cut.bytes());
          case Event.CatchUp catchUp -> following.untilCaughtUp();
          case Event.Restart restart -> database.restart();
          case Event.Compact compact -> {
            compactions++;
            object.compact(Math.max(object.since(), object.upper() - 1 - compact.before()));
          }
          case Event.Leave leave -> following.closeStream();
        }
      }
      object.advance(time + 1);
      following.untilCaughtUp();
      following.assertEachMomentPublished();
      // Each loss of history costs one difference, and nothing else does.
      int lost = compactions;
      assertTrue(following.freshOpened() <= 1 + lost + events.size());
      assertTrue(following.resyncs() <= lost);
    } finally {
      database.faults().clear();
    }
  }

  private static void put(MzObject object, Map<Integer, String> rows, long time, Event.Put put) {
    String before = rows.get(put.id());
    if (before != null) {
      object.delete(time, "" + put.id(), before);
    }
    if (put.gone()) {
      rows.remove(put.id());
    } else {
      object.insert(time, "" + put.id(), put.note());
      rows.put(put.id(), put.note());
    }
  }

  @Provide
  Arbitrary<List<Event>> events() {
    Arbitrary<String> note = Arbitraries.strings().withChars("a\t\n\\N€").ofMaxLength(4);
    Arbitrary<Event> put =
        Combinators.combine(
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(1, 4),
                note,
                Arbitraries.of(false, false, false, true))
            .as(Event.Put::new);
    Arbitrary<Event> event =
        Arbitraries.frequencyOf(
            Tuple.of(8, put),
            Tuple.of(4, Arbitraries.integers().between(1, 5).map(Event.Advance::new)),
            Tuple.of(3, Arbitraries.integers().between(1, 400).map(Event.CutNext::new)),
            Tuple.of(3, Arbitraries.just(new Event.CatchUp())),
            Tuple.of(1, Arbitraries.just(new Event.Restart())),
            Tuple.of(1, Arbitraries.integers().between(0, 10).map(Event.Compact::new)),
            Tuple.of(1, Arbitraries.just(new Event.Leave())));
    return event.list().ofMaxSize(40);
  }
}
