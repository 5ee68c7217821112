package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ServerMessage.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * A source begins with a snapshot and the keys that were touched before it; clients come with what
 * they had at any moment of that time, and end up with what the database holds.
 */
final class PrehistoryProperties {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation(
          "public.t",
          "1",
          List.of(new Column("id", "int4"), new Column("v", "text")),
          List.of("id"));
  private static final SourceLimits LIMITS =
      new SourceLimits(
          new HistoryLimits(1L << 40, Duration.ofDays(1), 1L << 40), 1L << 40, 1L << 40);

  private static final List<Definition> TELLABLE =
      List.of(
          Definition.WHOLE,
          new Definition(Filter.EVERYTHING, Optional.of(Set.of()), false),
          new Definition(Filter.EVERYTHING, Optional.empty(), true),
          new Definition(
              new Filter.Compared("id", Filter.Comparison.GT, new Literal.Number("2")),
              Optional.empty(),
              false));

  private static final List<Definition> NOT_TELLABLE =
      List.of(
          new Definition(new Filter.IsNull("v", true), Optional.empty(), false),
          new Definition(
              new Filter.Compared("v", Filter.Comparison.EQ, new Literal.Text("a")),
              Optional.empty(),
              false));

  /**
   * One row in a moment.
   *
   * @param value the row's, NULL among them; nothing when the row goes
   */
  record Write(int id, Optional<Optional<String>> value) {}

  /**
   * What happens: the rows there are, what is kept from before the snapshot, what comes after it.
   */
  record Story(
      List<List<Write>> before, List<List<Write>> kept, List<List<Write>> after, int client) {}

  @Provide
  Arbitrary<Story> stories() {
    Arbitrary<Optional<Optional<String>>> values =
        Arbitraries.of(
            Optional.empty(),
            Optional.of(Optional.empty()),
            Optional.of(Optional.of("a")),
            Optional.of(Optional.of("b")));
    Arbitrary<Write> writes =
        Combinators.combine(Arbitraries.integers().between(0, 5), values).as(Write::new);
    Arbitrary<List<Write>> moments = writes.list().ofMinSize(1).ofMaxSize(3);
    return Combinators.combine(
            moments.list().ofMaxSize(4),
            moments.list().ofMaxSize(5),
            moments.list().ofMaxSize(5),
            Arbitraries.integers().between(0, 5))
        .as((before, kept, after, client) ->
            new Story(before, kept, after, Math.min(client, kept.size())));
  }

  @Provide
  Arbitrary<Definition> tellable() {
    return Arbitraries.of(TELLABLE);
  }

  @Provide
  Arbitrary<Definition> notTellable() {
    return Arbitraries.of(NOT_TELLABLE);
  }

  private static Map<String, Row> apply(Map<String, Row> rows, List<Write> moment) {
    Map<String, Row> next = new HashMap<>(rows);
    for (Write write : moment) {
      String id = Integer.toString(write.id);
      if (write.value.isPresent()) {
        next.put(id, Row.of(id, write.value.get().orElse(null)));
      } else {
        next.remove(id);
      }
    }
    return next;
  }

  private static Position position(int moment) {
    return new Position("e", 100L + 10L * moment, RELATION.print());
  }

  /** A source, a client that comes to it, and what the database holds at the end. */
  private static final class Stage {
    final Source source = new Source("t", LIMITS, NOW);
    final Map<String, Row> held = new HashMap<>();
    final List<Start> starts = new ArrayList<>();
    final Cursor cursor;
    final Derivation derivation;
    boolean lost;
    boolean snapshot;
    int resyncs;
    Map<String, Row> rows = new HashMap<>();

    Stage(Story story, Definition definition, int buffer, boolean late) {
      derivation = Derivation.of(definition, RELATION);
      story.before.forEach(moment -> rows = apply(rows, moment));
      Set<Key> touched = new HashSet<>();
      Map<String, Row> had = rows;
      int moment = 0;
      for (List<Write> each : story.kept) {
        rows = apply(rows, each);
        each.forEach(write -> touched.add(new Key(Row.of(Integer.toString(write.id)))));
        moment++;
        had = moment == story.client ? rows : had;
      }
      Prehistory prehistory = new Prehistory(position(0).time(), touched);
      source.load(
          RELATION, position(moment), List.copyOf(rows.values()), Optional.of(prehistory), NOW);
      had.values().forEach(row -> derivation.row(row).ifPresent(this::put));
      Position has = position(story.client).under(derivation.print(RELATION.print()));
      Terms terms =
          new Terms(
              definition,
              Optional.of(has),
              true,
              OnGap.SNAPSHOT,
              new Buffer(buffer, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofDays(1), 1));
      cursor = new Cursor(source, terms, NOW, Duration.ofDays(1), () -> {});
      if (!late) {
        drain();
      }
      for (List<Write> each : story.after) {
        moment++;
        Map<String, Row> next = apply(rows, each);
        List<RowEvent> events = events(rows, next);
        rows = next;
        source.apply(position(moment).time(), events, NOW);
      }
      drain();
      cursor.close();
    }

    private static List<RowEvent> events(Map<String, Row> before, Map<String, Row> after) {
      List<RowEvent> events = new ArrayList<>();
      before.forEach((id, row) -> {
        if (!after.containsKey(id)) {
          events.add(new RowEvent.Deleted(new Key(Row.of(id))));
        }
      });
      after.forEach((id, row) -> events.add(new RowEvent.Upserted(Optional.empty(), row)));
      return events;
    }

    private void put(Row row) {
      held.put(String.valueOf(row.value(0)), row);
    }

    private void drain() {
      while (true) {
        switch (cursor.next(NOW)) {
          case Delivery.Nothing nothing -> {
            return;
          }
          case Delivery.Began began -> starts.add(began.start());
          case Delivery.Lost gap -> lost = true;
          case Delivery.Everything all -> {
            snapshot = true;
            held.clear();
            all.snapshot().rows().forEach(row -> derivation.row(row).ifPresent(this::put));
          }
          case Delivery.Next next -> {
            boolean resync = next.batch().entry().batch().resync();
            resyncs += resync ? 1 : 0;
            next.changes().forEach(change -> take(change, resync));
          }
          case Delivery.Merged merged -> merged.changes().forEach(change -> take(change, true));
          case Delivery.Reached reached -> {}
          case Delivery.Status status -> {}
          case Delivery.Refused refused -> throw new AssertionError(refused);
        }
      }
    }

    /** As the protocol says: of a resync or merged batch a row is set, or gone if it was there. */
    private void take(Change change, boolean set) {
      switch (change) {
        case Change.Insert(Row row) -> {
          assertTrue(set || !held.containsKey(row.value(0)), "insert of a row that is here");
          put(row);
        }
        case Change.Update(Row before, Row row) -> {
          assertTrue(set || held.containsKey(row.value(0)), "update of a row that is not here");
          put(row);
        }
        case Change.Delete(Row row) ->
            assertTrue(held.remove(row.value(0)) != null || set, "delete of no row");
      }
    }

    Map<String, Row> expected() {
      Map<String, Row> seen = new HashMap<>();
      rows.values()
          .forEach(
              row -> derivation.row(row).ifPresent(r -> seen.put(String.valueOf(r.value(0)), r)));
      return seen;
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void whoComesFromBeforeTheSnapshotIsLedOnByReplay(
      @ForAll("stories") Story story,
      @ForAll("tellable") Definition definition,
      @ForAll boolean late) {
    Stage stage = new Stage(story, definition, 1_000, late);
    assertEquals(stage.expected(), stage.held);
    assertEquals(List.of(Start.REPLAY), stage.starts);
    assertFalse(stage.lost);
    assertTrue(stage.resyncs <= 1);
  }

  /** What was touched is not told to it, so it has lost all that came before the rows. */
  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void whoFollowsEventsOfOtherColumnsFromLongAgoHearsOfALossUpToTheRows(
      @ForAll("stories") Story story, @ForAll("notTellable") Definition definition) {
    Source source = new Source("t", LIMITS, NOW);
    Set<Key> touched = new HashSet<>();
    story.kept.forEach(moment ->
        moment.forEach(write -> touched.add(new Key(Row.of(Integer.toString(write.id))))));
    Position rows = position(story.kept.size());
    Prehistory prehistory = new Prehistory(position(0).time(), touched);
    source.load(RELATION, rows, List.of(), Optional.of(prehistory), NOW);
    String print = Derivation.of(definition, RELATION).print(RELATION.print());
    Position old = position(-1).under(print);
    Terms terms =
        new Terms(
            definition,
            Optional.of(old),
            true,
            OnGap.CONTINUE,
            new Buffer(1_000, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofDays(1), 1));
    try (Cursor cursor = new Cursor(source, terms, NOW, Duration.ofDays(1), () -> {})) {
      Delivery next = cursor.next(NOW);
      while (!(next instanceof Delivery.Lost lost)) {
        assertFalse(next instanceof Delivery.Nothing, "nothing was lost");
        next = cursor.next(NOW);
      }
      assertEquals(Optional.of(old.toString()), lost.after());
      assertEquals(rows.under(print), lost.upTo());
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void aSlowOneIsLedOnByOneMergedBatch(
      @ForAll("stories") Story story,
      @ForAll("tellable") Definition definition,
      @ForAll boolean late) {
    Stage stage = new Stage(story, definition, 1, late);
    assertEquals(stage.expected(), stage.held);
    assertEquals(List.of(Start.REPLAY), stage.starts);
    assertFalse(stage.snapshot);
  }

  /**
   * Else it would learn of keys that are not its own, or keep rows that are not its own any more.
   */
  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void whoAsksForOtherColumnsGetsASnapshot(
      @ForAll("stories") Story story,
      @ForAll("notTellable") Definition definition,
      @ForAll boolean late) {
    Stage stage = new Stage(story, definition, 1_000, late);
    assertEquals(stage.expected(), stage.held);
    boolean missed = story.client < story.kept.size();
    assertEquals(missed, stage.snapshot);
    assertEquals(missed, stage.lost);
    assertEquals(0, stage.resyncs);
  }
}
