package io.tycostream.domain.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class ConflationProperties {

  private static final List<Column> COLUMNS =
      List.of(new Column("id", "int4"), new Column("v", "text"));
  private static final Relation KEYED = new Relation("t", "1", COLUMNS, List.of("id"));
  private static final Relation KEYLESS = new Relation("t", "1", COLUMNS, List.of());

  /** About what a map takes for each entry. */
  private static final long ENTRY_BYTES = 96;

  private static final long COPY_BYTES = 8;

  /** A row with this id has this value from now on, or is not there any more. */
  record Write(int id, Optional<String> value) {}

  @Property(tries = 500)
  void itIsTheDifferenceBetweenBeforeAndAfter(
      @ForAll("writes") List<Write> before, @ForAll("batches") List<List<Write>> batches) {
    Map<Integer, Row> rows = new HashMap<>();
    changes(before, rows);
    Map<Integer, Row> start = new HashMap<>(rows);
    Conflation conflation = new Conflation(KEYED);
    for (List<Write> batch : batches) {
      conflation.add(changes(batch, rows));
    }
    Set<String> named = new HashSet<>();
    for (Change change : conflation.changes()) {
      switch (change) {
        case Change.Insert(Row row) -> {
          assertTrue(named.add(row.value(0)));
          assertEquals(null, start.put(id(row), row));
        }
        case Change.Update(Row from, Row to) -> {
          assertTrue(named.add(to.value(0)));
          assertNotEquals(from, to, "an update of nothing");
          assertEquals(from, start.put(id(to), to));
        }
        case Change.Delete(Row row) -> {
          assertTrue(named.add(row.value(0)));
          assertEquals(row, start.remove(id(row)));
        }
      }
    }
    assertEquals(rows, start);
  }

  @Property(tries = 500)
  void withoutAKeyItIsTheNetNumberOfCopies(@ForAll("copies") List<Integer> moves) {
    Conflation conflation = new Conflation(KEYLESS);
    Map<Row, Integer> expected = new HashMap<>();
    for (int move : moves) {
      Row row = Row.of("x", Integer.toString(Math.abs(move)));
      boolean comes = move > 0;
      List<Change> changes = List.of(comes ? new Change.Insert(row) : new Change.Delete(row));
      long most = conflation.bytes() + Conflation.atMost(changes);
      conflation.add(changes);
      assertTrue(conflation.bytes() <= most);
      expected.merge(row, comes ? 1 : -1, Integer::sum);
    }
    expected.values().removeIf(count -> count == 0);
    Map<Row, Integer> net = new HashMap<>();
    for (Change change : conflation.changes()) {
      switch (change) {
        case Change.Insert(Row row) -> net.merge(row, 1, Integer::sum);
        case Change.Delete(Row row) -> net.merge(row, -1, Integer::sum);
        case Change.Update update -> throw new AssertionError("without a key there is no update");
      }
    }
    assertEquals(expected, net);
    assertEquals(expected.values().stream().mapToInt(Math::abs).sum(), conflation.changes().size());
    assertEquals(
        expected.entrySet().stream()
            .mapToLong(each ->
                ENTRY_BYTES + each.getKey().bytes() + COPY_BYTES * Math.abs(each.getValue()))
            .sum(),
        conflation.bytes());
    conflation.clear();
    assertEquals(List.of(), conflation.changes());
  }

  @Property(tries = 200)
  void itsBytesAreThoseOfWhatItHolds(@ForAll("batches") List<List<Write>> batches) {
    Map<Integer, Row> rows = new HashMap<>();
    Map<String, Optional<Row>> before = new HashMap<>();
    Map<String, Optional<Row>> after = new HashMap<>();
    Conflation all = new Conflation(KEYED);
    for (List<Write> batch : batches) {
      List<Change> changes = changes(batch, rows);
      long most = all.bytes() + Conflation.atMost(changes);
      all.add(changes);
      assertTrue(all.bytes() <= most);
      for (Change change : changes) {
        switch (change) {
          case Change.Insert(Row row) -> touch(Optional.empty(), Optional.of(row), before, after);
          case Change.Update(Row was, Row row) ->
              touch(Optional.of(was), Optional.of(row), before, after);
          case Change.Delete(Row was) -> touch(Optional.of(was), Optional.empty(), before, after);
        }
      }
    }
    assertEquals(ENTRY_BYTES * before.size() + bytes(before) + bytes(after), all.bytes());
    all.clear();
    assertEquals(0, all.bytes());
    assertEquals(List.of(), all.changes());
  }

  private static void touch(
      Optional<Row> was,
      Optional<Row> is,
      Map<String, Optional<Row>> before,
      Map<String, Optional<Row>> after) {
    String id = String.valueOf(was.or(() -> is).orElseThrow().value(0));
    before.putIfAbsent(id, was);
    after.put(id, is);
  }

  private static long bytes(Map<String, Optional<Row>> rows) {
    return rows.values().stream().flatMap(Optional::stream).mapToLong(Row::bytes).sum();
  }

  private static int id(Row row) {
    return Integer.parseInt(String.valueOf(row.value(0)));
  }

  /** What the writes change, netted as in one batch. */
  private static List<Change> changes(List<Write> writes, Map<Integer, Row> rows) {
    Map<Integer, Optional<String>> last = new HashMap<>();
    writes.forEach(write -> last.put(write.id, write.value));
    List<Change> changes = new ArrayList<>();
    last.forEach((id, value) -> {
      Row before = rows.get(id);
      Row after = value.map(v -> Row.of(id.toString(), v)).orElse(null);
      if (after == null) {
        rows.remove(id);
      } else {
        rows.put(id, after);
      }
      if (before == null && after != null) {
        changes.add(new Change.Insert(after));
      } else if (before != null && after == null) {
        changes.add(new Change.Delete(before));
      } else if (before != null && !before.equals(after)) {
        changes.add(new Change.Update(before, after));
      }
    });
    return changes;
  }

  @Provide
  Arbitrary<List<Integer>> copies() {
    return Arbitraries.integers().between(-3, 3).filter(i -> i != 0).list().ofMaxSize(20);
  }

  @Provide
  Arbitrary<List<Write>> writes() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 4), Arbitraries.of("a", "b").optional(0.7))
        .as(Write::new)
        .list()
        .ofMaxSize(5);
  }

  @Provide
  Arbitrary<List<List<Write>>> batches() {
    return writes().list().ofMaxSize(6);
  }
}
