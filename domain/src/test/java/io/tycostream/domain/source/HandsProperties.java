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
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** What slow readers have in their hands, all together, is bounded; and nobody waits for ever. */
final class HandsProperties {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation(
          "public.t",
          "1",
          List.of(new Column("id", "int4"), new Column("v", "text")),
          List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());
  private static final int READERS = 8;

  /** So much of merged batches, and of the log. */
  private static final long ROOM = 6_000;

  /** What happens next. */
  sealed interface Deed {
    record Write(int from, int count, int size) implements Deed {}

    record Read(int reader, int deliveries) implements Deed {}

    record Leave(int reader) implements Deed {}
  }

  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void slowReadersShareTheRoomAndComeToTheEnd(
      @ForAll("stories") List<Deed> story, @ForAll("policies") List<DropPolicy> policies) {
    Stage stage = new Stage(policies, true);
    story.forEach(stage::act);
    stage.settle();
  }

  @Example
  void whoFindsNoRoomIsWokenWhenSomebodyIsDone() {
    Stage stage = new Stage(List.of(DropPolicy.CONFLATE), false);
    stage.readAll();
    stage.act(new Deed.Write(0, 10, 40)); // each of these two fits into the log and into the room
    stage.act(new Deed.Write(0, 10, 40));
    List<Reader> waiting = new ArrayList<>(stage.readers);
    waiting.removeIf(Reader::readsMerged);
    stage.check();
    assertTrue(!waiting.isEmpty() && waiting.size() < READERS, waiting.size() + " wait");
    int[] rung = new int[1];
    stage.source.bell().hangOn(new Bell.Rope(() -> rung[0]++));
    waiting.forEach(reader -> assertFalse(reader.readsMerged(), "there is no room"));
    assertEquals(0, rung[0]);
    stage.readers.stream().filter(r -> !waiting.contains(r)).forEach(r -> r.replaced(r));
    assertEquals(1, rung[0]);
    assertTrue(waiting.getFirst().readsMerged());
    stage.readers.removeIf(reader -> !waiting.contains(reader));
    stage.settle();
  }

  @Example
  void whoIsAloneIsGivenWhatIsLargerThanTheRoom() {
    Stage stage = new Stage(List.of(DropPolicy.CONFLATE), false);
    stage.act(new Deed.Write(0, 10, 140));
    stage.readAll();
    stage.act(new Deed.Write(0, 10, 140)); // fits into the log, and takes more than all the room
    stage.act(new Deed.Write(20, 1, 0));
    for (Reader reader : stage.readers) {
      assertTrue(reader.readsMerged());
      reader.cursor.close();
    }
  }

  /** Everything that takes part. */
  private static final class Stage {
    private final Source source =
        new Source(
            "t",
            new SourceLimits(
                new HistoryLimits(1L << 40, Duration.ofDays(1), ROOM), 1L << 40, 1L << 40),
            NOW);
    private final List<DropPolicy> policies;
    private final boolean someKeysOnly;
    private final List<Reader> readers = new ArrayList<>();
    private final Map<String, Row> rows = new HashMap<>();
    private long time = 100;

    /**
     * @param someKeysOnly whether some of the readers look at the keys alone
     */
    Stage(List<DropPolicy> policies, boolean someKeysOnly) {
      this.policies = policies;
      this.someKeysOnly = someKeysOnly;
      source.load(RELATION, START, List.of(), NOW);
      IntStream.range(0, READERS).forEach(i -> readers.add(reader(i)));
    }

    private Reader reader(int number) {
      return new Reader(
          source, policies.get(number % policies.size()), someKeysOnly && number % 3 == 2);
    }

    void act(Deed deed) {
      switch (deed) {
        case Deed.Write write -> write(write);
        case Deed.Read read -> {
          Reader reader = readers.get(read.reader);
          for (int left = read.deliveries; left > 0 && reader.read(); left--) {
            check();
          }
        }
        case Deed.Leave leave ->
            readers.set(leave.reader, readers.get(leave.reader).replaced(reader(leave.reader)));
      }
      check();
    }

    private void write(Deed.Write write) {
      List<RowEvent> events = new ArrayList<>();
      for (int i = 0; i < write.count; i++) {
        String id = Integer.toString(write.from + i);
        Row row = Row.of(id, time + "x".repeat(write.size));
        boolean goes = write.size == 0 && rows.containsKey(id);
        events.add(
            goes
                ? new RowEvent.Deleted(new Key(Row.of(id)))
                : new RowEvent.Upserted(Optional.empty(), row));
        if (goes) {
          rows.remove(id);
        } else {
          rows.put(id, row);
        }
      }
      source.apply(++time, events, NOW);
    }

    void check() {
      List<Long> inHand = readers.stream().map(Reader::mergedInHand).filter(b -> b > 0).toList();
      long sum = inHand.stream().mapToLong(Long::longValue).sum();
      assertTrue(inHand.size() <= 1 || sum <= ROOM, () -> "in hand: " + inHand);
    }

    void readAll() {
      int turns = 0;
      boolean more = true;
      while (more) {
        more = false;
        for (Reader reader : readers) {
          while (reader.read()) {
            assertTrue(++turns < 10_000, "never comes to an end");
            check();
            more = true;
          }
        }
      }
    }

    void settle() {
      readAll();
      for (Reader reader : readers) {
        assertEquals(0, reader.cursor.behind());
        assertEquals(reader.seen(rows), reader.rows);
      }
    }
  }

  /** Somebody with a slow line: it has in hand what it was given last. */
  private static final class Reader {
    private final boolean keysOnly;
    private final Cursor cursor;
    private final Map<String, Row> rows = new HashMap<>();
    private Delivery.@Nullable Merged merged;

    Reader(Source source, DropPolicy policy, boolean keysOnly) {
      this.keysOnly = keysOnly;
      Buffer buffer = new Buffer(2, policy, 0.8, 0.95, Duration.ofDays(1), 1);
      Definition definition =
          keysOnly
              ? new Definition(Definition.WHOLE.where(), Optional.of(Set.of()), false)
              : Definition.WHOLE;
      Terms terms = new Terms(definition, Optional.empty(), true, OnGap.SNAPSHOT, buffer);
      cursor = new Cursor(source, terms, NOW, Duration.ofSeconds(30), () -> {});
    }

    Reader replaced(Reader by) {
      cursor.close();
      return by;
    }

    long mergedInHand() {
      Delivery.Merged last = merged;
      return last == null ? 0 : last.changes().stream().mapToLong(Change::bytes).sum();
    }

    Map<String, Row> seen(Map<String, Row> all) {
      Map<String, Row> seen = new HashMap<>();
      all.forEach((id, row) -> seen.put(id, keysOnly ? Row.of(id) : row));
      return seen;
    }

    /** Whether it is given something merged before there is nothing for it. */
    boolean readsMerged() {
      merged = null;
      while (merged == null && read()) {
        // Whatever comes before.
      }
      return merged != null;
    }

    boolean read() {
      Delivery delivery = cursor.next(NOW);
      merged = null;
      switch (delivery) {
        case Delivery.Nothing nothing -> {
          return false;
        }
        case Delivery.Everything all -> {
          rows.clear();
          Shown.rows(all).forEach(this::put);
        }
        case Delivery.Next next -> next.changes().forEach(this::apply);
        case Delivery.Merged batch -> {
          merged = batch;
          batch.changes().forEach(this::apply);
        }
        case Delivery.Refused refused -> throw new AssertionError(refused);
        case Delivery.Status status -> {}
        case Delivery.Began began -> {}
        case Delivery.Lost lost -> {}
        case Delivery.Reached reached -> {}
      }
      return true;
    }

    private void put(Row row) {
      rows.put(row.value(0), row);
    }

    private void apply(Change change) {
      switch (change) {
        case Change.Insert(Row row) -> put(row);
        case Change.Update(Row before, Row row) -> put(row);
        case Change.Delete(Row before) -> rows.remove(before.value(0));
      }
    }
  }

  @Provide
  Arbitrary<List<Deed>> stories() {
    Arbitrary<Integer> reader = Arbitraries.integers().between(0, READERS - 1);
    Arbitrary<Deed> write =
        Combinators.combine(
                Arbitraries.integers().between(0, 9),
                Arbitraries.of(1, 3, 8),
                Arbitraries.of(0, 20, 200))
            .as(Deed.Write::new);
    Arbitrary<Deed> read = Combinators.combine(reader, Arbitraries.of(1, 2, 4)).as(Deed.Read::new);
    return Arbitraries.frequencyOf(
            Tuple.of(6, write), Tuple.of(12, read), Tuple.of(1, reader.map(Deed.Leave::new)))
        .list()
        .ofMinSize(20)
        .ofMaxSize(120);
  }

  @Provide
  Arbitrary<List<DropPolicy>> policies() {
    return Arbitraries.of(DropPolicy.CONFLATE, DropPolicy.DROP_OLDEST, DropPolicy.BY_PRIORITY)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }
}
