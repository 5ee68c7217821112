package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Over any history, what a SUBSCRIBE sends is what the naive sum of all updates says. */
class SubscribeProperties {

  /**
   * Updates between two uppers.
   *
   * @param gap from the lower to the upper
   */
  record Written(int gap, List<Change> changes) {}

  /** At an offset from the lower, a row and how often. */
  record Change(int offset, int row, int diff) {}

  /** What a subscriber has read. */
  record Received(List<Update> updates, List<Long> progress) {}

  private static MaterializeSimulator materialize;
  private static int objects;

  @BeforeContainer
  static void start() {
    materialize = MaterializeSimulator.start();
  }

  @AfterContainer
  static void end() {
    materialize.close();
    assertEquals(List.of(), materialize.failures());
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void aSubscriberHasTheStateAtEveryProgress(
      @ForAll("histories") List<Written> history,
      @ForAll("fractions") double asOfAt,
      @ForAll("fractions") double upToAt,
      @ForAll boolean snapshot,
      @ForAll boolean inOneBatch)
      throws SQLException {
    MzObject t =
        materialize.create(
            "materialize", "public", "t" + objects++, "table", List.of(MzColumn.int4("id")));
    t.retainHistory(1_000_000);
    long start = t.upper();
    List<Update> all = new ArrayList<>();
    write(t, history, all);
    materialize.historyInOneBatch(inOneBatch);
    long span = t.upper() - start;
    long asOf = start + (long) (asOfAt * (span - 1));
    long upTo = asOf + 1 + (long) (upToAt * (t.upper() - asOf - 1));

    Received received = subscribe(t, asOf, upTo, snapshot);

    assertEquals(asOf, received.progress().getFirst());
    Map<Integer, Long> seen = snapshot ? new TreeMap<>() : sum(all, asOf);
    long last = 0;
    for (Update update : received.updates()) {
      assertTrue(update.time() >= last);
      assertTrue(snapshot ? update.time() >= asOf : update.time() > asOf);
      assertTrue(update.time() < upTo);
      assertTrue(update.diff() != 0);
      last = update.time();
      add(seen, Integer.parseInt(update.row().values().getFirst()), update.diff());
    }
    assertEquals(sum(all, upTo - 1), seen);
    if (!snapshot) {
      assertEquals(t.changes(asOf + 1, upTo), received.updates());
    }
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void theStateIsTheSumOfAllUpdates(
      @ForAll("histories") List<Written> history, @ForAll("fractions") double at) {
    MzObject t =
        materialize.create(
            "materialize", "sums", "t" + objects++, "table", List.of(MzColumn.int4("id")));
    long start = t.upper();
    List<Update> all = new ArrayList<>();
    write(t, history, all);
    long time = start + (long) (at * (t.upper() - start));
    Map<Integer, Long> state = new TreeMap<>();
    t.state(time)
        .forEach((row, count) -> state.put(Integer.parseInt(row.values().getFirst()), count));
    assertEquals(sum(all, time), state);
  }

  @Provide
  Arbitrary<List<Written>> histories() {
    Arbitrary<Change> change =
        Combinators.combine(
                Arbitraries.integers().between(0, 5),
                Arbitraries.integers().between(0, 3),
                Arbitraries.integers().between(-2, 3))
            .as(Change::new);
    return Combinators.combine(Arbitraries.integers().between(1, 6), change.list().ofMaxSize(6))
        .as(Written::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  @Provide
  Arbitrary<Double> fractions() {
    return Arbitraries.doubles().between(0, 1);
  }

  private static void write(MzObject t, List<Written> history, List<Update> all) {
    for (Written written : history) {
      long lower = t.upper();
      for (Change change : written.changes()) {
        long time = lower + change.offset() % written.gap();
        MzRow row = MzRow.of(Integer.toString(change.row()));
        if (change.diff() != 0) {
          t.write(time, change.diff(), row);
          all.add(new Update(time, row, change.diff()));
        }
      }
      t.advance(lower + written.gap());
    }
  }

  private static Received subscribe(MzObject t, long asOf, long upTo, boolean snapshot)
      throws SQLException {
    Received received = new Received(new ArrayList<>(), new ArrayList<>());
    try (MzClient client = MzClient.of(materialize)) {
      MzClient.Copy copy =
          client.subscribe(
              t.name()
                  + " WITH (PROGRESS, SNAPSHOT = "
                  + snapshot
                  + ") AS OF "
                  + asOf
                  + " UP TO "
                  + upTo);
      for (String line : copy.rest()) {
        List<String> fields = List.of(line.strip().split("\t", -1));
        long time = Long.parseLong(fields.get(0));
        if (fields.get(1).equals("t")) {
          // Everything before is there, nothing before comes any more.
          assertTrue(received.progress().isEmpty() || received.progress().getLast() < time);
          received.progress().add(time);
        } else {
          assertTrue(received.progress().isEmpty() || received.progress().getLast() <= time);
          received
              .updates()
              .add(new Update(time, MzRow.of(fields.get(3)), Long.parseLong(fields.get(2))));
        }
      }
    }
    return received;
  }

  private static Map<Integer, Long> sum(List<Update> all, long time) {
    Map<Integer, Long> sum = new TreeMap<>();
    for (Update update : all) {
      if (update.time() <= time) {
        add(sum, Integer.parseInt(update.row().values().getFirst()), update.diff());
      }
    }
    return sum;
  }

  private static void add(Map<Integer, Long> sum, int row, long diff) {
    if (sum.merge(row, diff, Long::sum) == 0) {
      sum.remove(row);
    }
  }
}
