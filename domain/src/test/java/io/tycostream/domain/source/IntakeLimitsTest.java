package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.change.RowEvent.Counted;
import io.tycostream.domain.change.RowEvent.Upserted;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.StreamException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * When a source is found too large while a moment is being told: about each MiB of what waits is
 * looked at, together with the rows there are, or in their place where all rows are told anew.
 */
final class IntakeLimitsTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation TABLE =
      new Relation("public.t", "1", List.of(new Column("id", "text")), List.of("id"));
  private static final long MIB = 1 << 20;

  private static Source source(long maxRows, long maxBytes) {
    return new Source("t", new SourceLimits(HistoryLimits.DEFAULT, maxRows, maxBytes), NOW);
  }

  private static Intake intake(Source source) {
    Source other = new Source("other", SourceLimits.DEFAULT, NOW);
    return new Intake(List.of(source, other), NOW);
  }

  /** A row that takes so many bytes. */
  private static Row row(int id, long bytes) {
    String text = id + "-";
    long least = Row.of(text).bytes();
    return Row.of(text + "x".repeat((int) (bytes - least)));
  }

  private static List<Row> rows(int count, long bytes) {
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      rows.add(row(id, bytes));
    }
    return rows;
  }

  @Test
  void aMomentThatIsNoMebibyteIsLookedAtInTheEndAlone() throws StreamException {
    Source source = source(100, 2 * MIB);
    Intake intake = intake(source);
    List<Row> rows = rows(19, MIB / 10);
    intake.loaded("t", TABLE, new Checkpoint("e", 10), rows);
    for (Row each : rows.subList(0, 5)) { // all is within the limits again when it is applied
      intake.row("t", new Upserted(Optional.empty(), each));
    }
    intake.commit(20);
    for (Row each : rows.subList(0, 5)) {
      intake.row("t", 30, new Upserted(Optional.empty(), each));
    }
    intake.closed(31);
    assertFalse(intake.hasFailed(source));
    assertEquals(19, source.figures().orElseThrow().rows());
  }

  @Test
  void theFirstRowOfAMomentIsLookedAtForItselfAlone() throws StreamException {
    Source source = source(100, 2 * MIB);
    Intake intake = intake(source);
    intake.loaded("t", TABLE, new Checkpoint("e", 10), List.of());
    for (Row each : rows(15, MIB / 10)) {
      intake.row("t", 20, new Upserted(Optional.empty(), each));
    }
    assertFalse(intake.hasFailed(source));
    intake.row("t", 30, new Upserted(Optional.empty(), row(99, MIB + MIB / 2)));
    assertTrue(intake.hasFailed(source));
    assertEquals(15, source.figures().orElseThrow().rows());
  }

  @Test
  void rowsThatAreToldAnewMayTakeJustWhatIsAllowed() throws StreamException {
    List<Row> rows = rows(3, MIB / 3 + 1);
    long bytes = rows.stream().mapToLong(Row::bytes).sum();
    assertFalse(failsInSnapshot(source(3, bytes), rows));
    assertTrue(failsInSnapshot(source(3, bytes - 1), rows));
    assertTrue(failsInSnapshot(source(2, bytes), rows));
  }

  private static boolean failsInSnapshot(Source source, List<Row> rows) throws StreamException {
    Intake intake = intake(source);
    intake.loading("t", TABLE, new Checkpoint("e", 10));
    for (Row each : rows) {
      intake.row("t", 10, new Counted(each, 1));
    }
    boolean failed = intake.hasFailed(source);
    intake.closed(11);
    assertEquals(failed, intake.hasFailed(source));
    return failed;
  }

  /** What comes behind them is more than they are, and not in their place. */
  @Test
  void rowsThatWereToldAnewCountWithWhatComesBehindThem() throws StreamException {
    Source source = source(100, 2 * MIB);
    Intake intake = intake(source);
    intake.loading("t", TABLE, new Checkpoint("e", 10));
    for (Row each : rows(15, MIB / 10)) {
      intake.row("t", 10, new Counted(each, 1));
    }
    intake.closed(11);
    assertFalse(intake.hasFailed(source));
    RowEvent large = new Upserted(Optional.empty(), row(99, MIB + MIB / 10));
    intake.row("t", 20, large);
    assertTrue(intake.hasFailed(source));
  }
}
