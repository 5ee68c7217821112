package io.tycostream.adapters.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent.Upserted;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.Checkpoint;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceFeederTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Relation TABLE =
      new Relation("public.t", "1", List.of(new Column("id", "text")), List.of("id"));
  private static final long MIB = 1 << 20;

  private final Source small = source("small", 2 * MIB);
  private final Source large = source("large", 64 * MIB);
  private final SourceFeeder feeder =
      new SourceFeeder(List.of(small, large), InstantSource.fixed(NOW));

  private static Source source(String name, long maxBytes) {
    return new Source(
        name, new SourceLimits(HistoryLimits.DEFAULT, 1_000, maxBytes), NOW, () -> {});
  }

  private void load() {
    for (Source source : List.of(small, large)) {
      feeder.loaded(source.name(), TABLE, new Checkpoint("e", 10), List.of());
    }
  }

  private void tell(String source, int rows) {
    for (int i = 0; i < rows; i++) {
      feeder.row(source, new Upserted(Optional.empty(), Row.of(i + "x".repeat(10_000))));
    }
  }

  @Test
  void shouldNotBlameASourceForWhatATransactionBringsToAnother() {
    load();
    tell("large", 500);
    tell("small", 100);
    assertFalse(feeder.hasFailed(small));
    assertFalse(feeder.hasFailed(large));
    feeder.commit(20);
    assertEquals(100, small.figures().orElseThrow().rows());
    assertEquals(500, large.figures().orElseThrow().rows());
  }

  @Test
  void shouldFailTheSourceThatGrowsTooLargeAndGoOnWithTheOther() {
    load();
    tell("small", 500);
    tell("large", 500);
    assertTrue(feeder.hasFailed(small));
    assertEquals(SourceCondition.FAILED, small.state().condition());
    feeder.commit(20);
    assertEquals(0, small.figures().orElseThrow().rows());
    assertEquals(500, large.figures().orElseThrow().rows());
  }

  @Test
  void shouldKnowAnewThatNothingHappenedSince() {
    load();
    tell("large", 1);
    feeder.commit(20);
    feeder.progress(20);
    assertEquals(20, small.generation().orElseThrow().progress().position().time());
    assertEquals(20, large.generation().orElseThrow().progress().position().time());
  }

  @Test
  void shouldForgetWhatAStreamToldOfATransactionThatItDidNotEnd() {
    load();
    tell("large", 5);
    feeder.beginStream(false);
    feeder.commit(20);
    assertEquals(0, large.figures().orElseThrow().rows());
  }
}
