package io.tycostream.domain.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.LogEntry;
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
import net.jqwik.api.Tuple;

/**
 * Feeds over a log that grows and forgets, opened at any time, against a list of everything that
 * ever was in it.
 */
final class FeedProperties {

  private static final List<Column> COLUMNS =
      List.of(new Column("id", "int4"), new Column("n", "int4"), new Column("v", "text"));
  private static final Relation RELATION = new Relation("t", "1", COLUMNS, List.of("id"));
  private static final Relation KEYLESS = new Relation("t", "1", COLUMNS, List.of());
  private static final Position START = new Position("e", 100, RELATION.print());

  /** What a feed is asked for. */
  private static final List<Definition> DEFINITIONS =
      List.of(
          Definition.WHOLE,
          where(new Filter.Compared("n", Comparison.EQ, new Literal.Number("1"))),
          where(new Filter.Compared("n", Comparison.EQ, new Literal.Text("2"))),
          where(
              new Filter.OneOf(
                  "n", List.of(new Literal.Number("1.0"), new Literal.Number("3")), false)),
          where(new Filter.Compared("n", Comparison.GT, new Literal.Number("1"))),
          where(
              new Filter.And(
                  List.of(
                      new Filter.Compared("v", Comparison.EQ, new Literal.Text("a")),
                      new Filter.Compared("n", Comparison.LT, new Literal.Number("3"))))),
          new Definition(Filter.EVERYTHING, Optional.of(Set.of("n")), false),
          where(new Filter.IsNull("v", true)));

  /** What happens next. */
  sealed interface Deed {
    record Append(List<Change> changes) implements Deed {}

    record Open(int definition) implements Deed {}

    record Cover(int feed, int before) implements Deed {}

    record Close(int feed) implements Deed {}

    record Forget() implements Deed {}

    record Shorten(int marks) implements Deed {}
  }

  /** A feed, and since when it is told. */
  private static final class Opened {
    private final Feed feed;
    private final Derivation derivation;
    private final long anchor;
    private long covered;

    Opened(Feed feed, long anchor) {
      this.feed = feed;
      this.derivation = feed.derivation();
      this.anchor = anchor;
      this.covered = anchor;
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void aFeedIsWhatConcernsItInTheOrderOfTheLog(
      @ForAll("stories") List<Deed> story,
      @ForAll("sizes") long maxEvents,
      @ForAll boolean isKeyed) {
    Relation relation = isKeyed ? RELATION : KEYLESS;
    ChangeLog log =
        new ChangeLog(new HistoryLimits(maxEvents, Duration.ofDays(1), 1L << 40), relation, START);
    FeedIndex index = new FeedIndex(relation);
    List<LogEntry> all = new ArrayList<>();
    List<Opened> open = new ArrayList<>();
    for (Deed deed : story) {
      switch (deed) {
        case Deed.Append(List<Change> changes) -> {
          Position after = START.at(100 + all.size());
          List<Change> told = isKeyed ? changes : withoutUpdates(changes);
          Batch batch = new Batch(after, after.at(after.time() + 1), told, false);
          LogEntry entry = log.append(batch, Instant.EPOCH);
          all.add(entry);
          List<Feed> rung = index.route(entry);
          Set<Feed> concerned = new HashSet<>();
          open.stream().filter(o -> seen(o, entry) > 0).forEach(o -> concerned.add(o.feed));
          assertEquals(concerned, new HashSet<>(rung), "rung are those who are concerned");
          assertEquals(concerned.size(), rung.size(), "and once");
        }
        case Deed.Open(int definition) -> {
          Feed feed = new Feed(Derivation.of(DEFINITIONS.get(definition), relation), log);
          index.add(feed);
          open.add(new Opened(feed, log.head()));
        }
        case Deed.Cover(int which, int before) -> {
          if (!open.isEmpty()) {
            Opened opened = open.get(which % open.size());
            long from = Math.max(0, log.head() - before);
            Feed.Found found = opened.feed.look(from);
            index.cover(opened.feed, from, found);
            opened.covered = Math.min(opened.covered, Math.max(from, opened.feed.floor()));
          }
        }
        case Deed.Close(int which) -> {
          if (!open.isEmpty()) {
            index.remove(open.remove(which % open.size()).feed);
          }
        }
        case Deed.Forget forget -> index.forget();
        case Deed.Shorten(int marks) -> shorten(index, open, marks);
      }
      open.forEach(opened -> check(opened, all, log));
      assertEquals(open.stream().mapToLong(o -> o.feed.extraMarks()).sum() * 16, index.markBytes());
    }
  }

  private static void shorten(FeedIndex index, List<Opened> open, int marks) {
    List<Long> floors = open.stream().map(o -> o.feed.floor()).toList();
    List<Integer> sizes = open.stream().map(o -> behindFloor(o.feed)).toList();
    index.shorten(marks * 16L);
    assertTrue(index.markBytes() <= marks * 16L);
    for (int i = 0; i < open.size(); i++) {
      int share = marks / open.size() + 4;
      Feed feed = open.get(i).feed;
      if (sizes.get(i) <= share || feed.derivation().isWhole()) {
        assertEquals(floors.get(i), feed.floor(), "who has its share at the most loses nothing");
      } else if (feed.floor() > floors.get(i)) {
        assertEquals(share, behindFloor(feed), "and who has more keeps that much");
      }
    }
  }

  private static int behindFloor(Feed feed) {
    int count = 0;
    for (long seq = feed.head(); feed.batch(seq).isPresent(); seq--) {
      count++;
    }
    return count;
  }

  private static void check(Opened opened, List<LogEntry> all, ChangeLog log) {
    Feed feed = opened.feed;
    long seq = opened.anchor;
    long total = opened.anchor == 0 ? 0 : all.get((int) opened.anchor - 1).totalChanges();
    // Backwards from where it was opened, as far as it was made to know.
    for (long i = opened.anchor; i > opened.covered; i--) {
      LogEntry entry = all.get((int) i - 1);
      long count = seen(opened, entry);
      if (count > 0) {
        check(feed, log, new FeedBatch(seq, entry, total - count, total));
        seq--;
        total -= count;
      }
    }
    assertTrue(seq >= 0 && total >= 0);
    seq = opened.anchor;
    total = opened.anchor == 0 ? 0 : all.get((int) opened.anchor - 1).totalChanges();
    for (long i = opened.anchor + 1; i <= log.head(); i++) {
      LogEntry entry = all.get((int) i - 1);
      if (i - 1 >= Math.max(feed.floor(), opened.covered)) {
        assertEquals(seq + 1, feed.firstBehind(i - 1));
      }
      long count = seen(opened, entry);
      if (count > 0) {
        seq++;
        total += count;
        check(feed, log, new FeedBatch(seq, entry, total - count, total));
      }
    }
    assertEquals(seq, feed.head());
    assertEquals(Optional.empty(), feed.batch(seq + 1));
    assertFalse(feed.hasLeft(seq + 1));
    assertEquals(total, feed.changesUpTo(seq));
  }

  private static void check(Feed feed, ChangeLog log, FeedBatch expected) {
    long seq = expected.seq();
    assertTrue(feed.floor() >= log.floor());
    if (expected.entry().index() <= feed.floor()) {
      assertEquals(Optional.empty(), feed.batch(seq));
      assertTrue(feed.hasLeft(seq));
    } else {
      assertEquals(Optional.of(expected), feed.batch(seq));
      assertFalse(feed.hasLeft(seq));
      assertEquals(expected.totalChanges(), feed.changesUpTo(seq));
    }
  }

  /** As many changes as are left when those that look alike have cancelled each other. */
  private static long seen(Opened opened, LogEntry entry) {
    List<Change> changes = entry.batch().changes();
    List<Change> derived =
        changes.stream().map(opened.derivation::change).flatMap(Optional::stream).toList();
    long count = derived.size();
    if (!opened.derivation.shape().isKeyed()
        && opened.derivation.definition().columns().isPresent()) {
      Map<Row, Integer> copies = new HashMap<>();
      for (Change change : derived) {
        switch (change) {
          case Change.Insert(Row row) -> copies.merge(row, 1, Integer::sum);
          case Change.Delete(Row row) -> copies.merge(row, -1, Integer::sum);
          case Change.Update update -> throw new AssertionError("there are none without a key");
        }
      }
      count = copies.values().stream().mapToInt(Math::abs).sum();
    }
    assertEquals(count, opened.feed.changes(entry).size());
    assertEquals(derived.size(), changes.stream().filter(opened.derivation::concerns).count());
    return count;
  }

  private static List<Change> withoutUpdates(List<Change> changes) {
    List<Change> copies = new ArrayList<>();
    for (Change change : changes) {
      if (change instanceof Change.Update(Row before, Row row)) {
        copies.add(new Change.Delete(before));
        copies.add(new Change.Insert(row));
      } else {
        copies.add(change);
      }
    }
    return copies;
  }

  @Property(tries = 200)
  void positionsAreTranslatedThereAndBack(@ForAll("definitions") int definition) {
    ChangeLog log = new ChangeLog(HistoryLimits.DEFAULT, RELATION, START);
    Feed feed = new Feed(Derivation.of(DEFINITIONS.get(definition), RELATION), log);
    Position remade = new Position("e", 200, "0123456789abcdef");
    log.resyncedWithoutDifference(START, remade);
    for (Position position : List.of(START, remade, START.at(7), remade.at(-1))) {
      Position shown = feed.shown(position);
      assertEquals(position, feed.meant(shown));
      assertEquals(position.time(), shown.time());
      assertEquals(feed.derivation().isWhole(), shown.equals(position));
    }
    // One of another feed, or of the whole source, stands for nothing here.
    for (Position foreign : List.of(new Position("e", 7, "ffff"), START, remade)) {
      Position meant = feed.meant(foreign);
      assertEquals(foreign.at(meant.time()).epoch(), meant.epoch());
      assertEquals(
          feed.derivation().isWhole() && !foreign.print().equals("ffff"),
          log.prints().contains(meant.print()));
    }
  }

  private static Definition where(Filter filter) {
    return new Definition(filter, Optional.empty(), false);
  }

  @Provide
  Arbitrary<Integer> definitions() {
    return Arbitraries.integers().between(0, DEFINITIONS.size() - 1);
  }

  @Provide
  Arbitrary<Long> sizes() {
    return Arbitraries.of(0L, 1L, 3L, 8L, 1_000L);
  }

  @Provide
  Arbitrary<List<Deed>> stories() {
    Arbitrary<Integer> feed = Arbitraries.integers().between(0, 5);
    Arbitrary<Deed> append = changes().list().ofMinSize(1).ofMaxSize(3).map(Deed.Append::new);
    return Arbitraries.frequencyOf(
            Tuple.of(10, append),
            Tuple.of(3, definitions().map(Deed.Open::new)),
            Tuple.of(
                3,
                Combinators.combine(feed, Arbitraries.integers().between(0, 12))
                    .as(Deed.Cover::new)),
            Tuple.of(1, feed.map(Deed.Close::new)),
            Tuple.of(2, Arbitraries.just(new Deed.Forget())),
            Tuple.of(1, Arbitraries.of(0, 5, 30).map(Deed.Shorten::new)))
        .list()
        .ofMaxSize(60);
  }

  private static Arbitrary<Change> changes() {
    Arbitrary<Row> rows =
        Combinators.combine(Arbitraries.of("1", "2", "3"), Arbitraries.of("a", "b").injectNull(0.3))
            .as((n, v) -> Row.of("9", n, v));
    return Combinators.combine(rows.optional(0.7), rows)
        .as((before, row) ->
            before
                .<Change>map(from ->
                    from.equals(row) ? new Change.Delete(from) : new Change.Update(from, row))
                .orElseGet(() -> new Change.Insert(row)));
  }
}
