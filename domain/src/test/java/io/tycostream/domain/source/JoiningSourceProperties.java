package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * A source that failed alone is read beside the stream, wherever in it that begins and ends: it
 * holds what the database holds then, and the other source never notices.
 */
final class JoiningSourceProperties {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation TABLE =
      new Relation("public.t", "1", List.of(new Column("id", "text")), List.of("id"));

  /** A row that comes when it is not there, and else goes; of one of the sources. */
  record Toggle(boolean mine, int id) {}

  /**
   * What happens, and when.
   *
   * @param transactions of both sources; the time of each is its number
   * @param begins before so many events of all it begins to join
   * @param read so many transactions later than the one that is told then its rows are read
   * @param told so many transactions later than that they are told
   * @param inside behind so many events of the transaction after that
   */
  record Story(List<List<Toggle>> transactions, int begins, int read, int told, int inside) {}

  @Provide
  Arbitrary<Story> stories() {
    Arbitrary<Toggle> toggle =
        Combinators.combine(Arbitraries.of(true, false), Arbitraries.integers().between(1, 4))
            .as(Toggle::new);
    return Combinators.combine(
            toggle.list().ofMinSize(1).ofMaxSize(4).list().ofMinSize(1).ofMaxSize(10),
            Arbitraries.integers().between(0, 20),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 4))
        .as(Story::new);
  }

  @Property(tries = 2000)
  void itHoldsWhatTheDatabaseHoldsAndTheOtherNeverNotices(@ForAll("stories") Story story)
      throws StreamException {
    Source mine = new Source("mine", SourceLimits.DEFAULT, NOW);
    Source other = new Source("other", SourceLimits.DEFAULT, NOW);
    Intake intake = new Intake(List.of(mine, other), NOW);
    List<TreeSet<String>> states = new ArrayList<>(List.of(new TreeSet<>()));
    TreeSet<String> others = new TreeSet<>();
    intake.loaded("mine", TABLE, new Checkpoint("e", 0), List.of());
    intake.loaded("other", TABLE, new Checkpoint("e", 0), List.of());
    intake.failed("mine", new Failure(FailureKind.QUERY, "out of order"));
    int events = 0;
    int read = -1;
    boolean joined = false;
    for (int time = 1; time <= story.transactions.size(); time++) {
      TreeSet<String> rows = new TreeSet<>(states.getLast());
      int within = 0;
      for (Toggle toggle : story.transactions.get(time - 1)) {
        if (events++ == story.begins) {
          intake.joining("mine");
          read = time + story.read; // what is told now was committed before it is read
        }
        if (!joined && read >= 0 && time - 1 >= read + story.told && within == story.inside) {
          intake.joined("mine", TABLE, new Checkpoint("e", read), rows(states.get(read)));
          joined = true;
        }
        within++;
        tell(intake, toggle, toggle.mine ? rows : others);
      }
      intake.commit(time);
      intake.progress(time);
      states.add(rows);
      assertEquals(others, ids(other));
      assertEquals(!joined, intake.hasFailed(mine));
      assertEquals(joined ? rows : new TreeSet<>(), ids(mine));
      assertEquals(joined ? time : 0, position(mine));
    }
    assertEquals(story.transactions.size(), position(other));
    assertTrue(other.generation().orElseThrow().log().head() <= story.transactions.size());
    assertFalse(hasResync(other));
  }

  private static void tell(Intake intake, Toggle toggle, Set<String> rows) {
    String id = "" + toggle.id;
    RowEvent event =
        rows.add(id)
            ? new RowEvent.Inserted(Row.of(id))
            : new RowEvent.Deleted(new Key(Row.of(id)));
    if (event instanceof RowEvent.Deleted) {
      rows.remove(id);
    }
    intake.row(toggle.mine ? "mine" : "other", event);
  }

  private static List<Row> rows(Set<String> ids) {
    return ids.stream().map(Row::of).toList();
  }

  private static Set<String> ids(Source source) {
    Set<String> ids = new TreeSet<>();
    Generation generation = source.generation().orElseThrow();
    for (long at = 1; at <= generation.log().head(); at++) {
      Batch batch = generation.log().entry(at).orElseThrow().batch();
      batch
          .changes()
          .forEach(change -> {
            switch (change) {
              case Change.Insert(Row row) -> ids.add(String.valueOf(row.value(0)));
              case Change.Delete(Row before) -> ids.remove(String.valueOf(before.value(0)));
              case Change.Update update -> throw new AssertionError("a row has but its key");
            }
          });
    }
    return ids;
  }

  private static long position(Source source) {
    return source.generation().orElseThrow().progress().position().time();
  }

  private static boolean hasResync(Source source) {
    Generation generation = source.generation().orElseThrow();
    for (long at = 1; at <= generation.log().head(); at++) {
      Optional<Batch> batch = generation.log().entry(at).map(entry -> entry.batch());
      if (batch.orElseThrow().resync()) {
        return true;
      }
    }
    return false;
  }
}
