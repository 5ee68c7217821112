package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.Lookup;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the database is to keep, so that the history can be had again after a restart. */
final class NeededHistoryTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Duration AGE = Duration.ofMinutes(10);
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));

  private final Source busy = source("busy", 3);
  private final Source quiet = source("quiet", 100);
  private final Intake intake = new Intake(List.of(busy, quiet), NOW);

  private static Source source(String name, long maxEvents) {
    HistoryLimits history = new HistoryLimits(maxEvents, AGE, 1 << 20);
    return new Source(name, new SourceLimits(history, 1_000, 1 << 20), NOW);
  }

  private static Checkpoint at(long time) {
    return new Checkpoint("e", time);
  }

  private void load(long time) {
    for (Source source : List.of(busy, quiet)) {
      intake.loaded(source.name(), RELATION, at(time), List.of());
    }
  }

  private void insert(String id, long time) throws StreamException {
    intake.row("busy", new RowEvent.Inserted(Row.of(id)));
    intake.commit(time);
  }

  private void assertNeeded(long time) {
    assertEquals(Optional.of(at(time)), intake.needed());
  }

  @Test
  void nothingIsNeededBeforeThereAreRows() {
    assertEquals(Optional.empty(), intake.needed());
  }

  @Test
  void theHistoryOfEachSourceIsNeeded() throws StreamException {
    load(100);
    assertNeeded(100);
    for (int i = 1; i <= 9; i++) {
      insert("" + i, 100 + i);
    }
    assertNeeded(100); // of the quiet one, where clients may be anywhere since then
    intake.failed("quiet", new Failure(FailureKind.QUERY, "gone"));
    assertNeeded(106); // the three newest of the busy one are there
  }

  @Test
  void whatIsOlderThanTheHistoryMayBeIsNotNeeded() throws StreamException {
    load(100);
    intake.at(NOW);
    for (int minute = 1; minute <= 25; minute++) {
      insert("" + minute, 100 + minute);
      intake.at(NOW.plus(Duration.ofMinutes(minute)));
    }
    assertNeeded(115); // ten minutes ago
  }

  @Test
  void aFirstSnapshotBeginsWhereTheTouchedKeysDo() {
    intake.touched("busy", at(40), Set.of(new Key(Row.of("7"))));
    load(100);
    assertNeeded(40);
    Generation generation = busy.generation().orElseThrow();
    assertEquals(
        new Lookup.Replay(1),
        generation
            .log()
            .find(generation.progress().position().at(60), generation.progress().position()));
    assertEquals(
        new Lookup.Expired(),
        generation
            .log()
            .find(generation.progress().position().at(39), generation.progress().position()));
    // A source that has rows has its own history.
    intake.touched("busy", at(10), Set.of());
    load(200);
    assertNeeded(40);
  }
}
