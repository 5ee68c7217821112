package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent.Counted;
import io.tycostream.domain.change.RowEvent.Deleted;
import io.tycostream.domain.change.RowEvent.Inserted;
import io.tycostream.domain.change.RowEvent.Upserted;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class IntakeTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Relation TABLE =
      new Relation("public.t", "1", List.of(new Column("id", "text")), List.of("id"));
  private static final Relation KEYLESS =
      new Relation("public.t", "1", List.of(new Column("id", "text")), List.of());
  private static final long MIB = 1 << 20;

  private final Source small = source("small", 2 * MIB);
  private final Source large = source("large", 64 * MIB);
  private final Intake intake = new Intake(List.of(small, large), NOW);

  private static Source source(String name, long maxBytes) {
    return new Source(name, new SourceLimits(HistoryLimits.DEFAULT, 1_000, maxBytes), NOW);
  }

  private void load() {
    for (Source source : List.of(small, large)) {
      intake.loaded(source.name(), TABLE, new Checkpoint("e", 10), List.of());
    }
  }

  private void tell(String source, int rows) {
    for (int i = 0; i < rows; i++) {
      intake.row(source, new Upserted(Optional.empty(), Row.of(i + "x".repeat(10_000))));
    }
  }

  private void tell(String source, String... ids) {
    for (String id : ids) {
      intake.row(source, new Inserted(Row.of(id)));
    }
  }

  private static int rows(Source source) {
    return source.figures().orElseThrow().rows();
  }

  private static long time(Source source) {
    return source.generation().orElseThrow().progress().position().time();
  }

  private static Batch lastBatch(Source source) {
    var log = source.generation().orElseThrow().log();
    return log.entry(log.head()).orElseThrow().batch();
  }

  private void assertComplete(long time) {
    assertEquals(Optional.of(new Checkpoint("e", time)), intake.complete());
  }

  private static void assertHistoryLost(Executable telling) {
    StreamException e = assertThrows(StreamException.class, telling);
    assertEquals(FailureKind.HISTORY_LOST, e.failure().kind());
  }

  @Test
  void aSourceIsNotBlamedForWhatATransactionBringsToAnother() throws StreamException {
    load();
    tell("large", 500);
    tell("small", 100);
    assertFalse(intake.hasFailed(small));
    assertFalse(intake.hasFailed(large));
    intake.commit(20);
    assertEquals(100, rows(small));
    assertEquals(500, rows(large));
  }

  @Test
  void aSourceThatGrowsTooLargeFailsAndTheOtherGoesOn() throws StreamException {
    load();
    tell("small", 500);
    tell("large", 500);
    assertTrue(intake.hasFailed(small));
    assertEquals(SourceCondition.FAILED, small.state().condition());
    intake.commit(20);
    intake.progress(30);
    assertEquals(0, rows(small));
    assertEquals(10, time(small));
    assertEquals(500, rows(large));
    assertEquals(30, time(large));
    assertComplete(30);
  }

  /** The history of the epoch before can be read nowhere any more, and is no reason to let go. */
  @Test
  void whatFollowsAnotherEpochIsNeededFromItsBeginningOn() throws StreamException {
    load();
    tell("large", "1");
    intake.commit(20);
    assertEquals(Optional.of(new Checkpoint("e", 10)), intake.needed());
    intake.beginStream(true);
    intake.loaded("small", TABLE, new Checkpoint("f", 5), List.of());
    intake.loaded("large", TABLE, new Checkpoint("f", 5), List.of());
    tell("large", "2");
    intake.commit(8);
    assertEquals(Optional.of(new Checkpoint("f", 8)), intake.complete());
    assertEquals(Optional.of(new Checkpoint("f", 5)), intake.needed());
  }

  /** As they were then there would be too many of them again. */
  @Test
  void rowsThatWereTooManyAreNotReadAnewAsTheyWere() throws StreamException {
    assertTrue(intake.wantsPast());
    load();
    assertTrue(intake.wantsPast());
    intake.failed("large", new Failure(FailureKind.QUERY, "there is no such table"));
    assertTrue(intake.wantsPast());
    tell("small", 500);
    assertTrue(intake.hasFailed(small));
    assertFalse(intake.wantsPast());
    intake.beginStream(true);
    assertFalse(intake.wantsPast());
    load();
    assertTrue(intake.wantsPast());
    for (int i = 0; i < 1_001; i++) {
      tell("small", "" + i);
    }
    intake.commit(20);
    assertFalse(intake.wantsPast());
  }

  @Test
  void aMomentThatWouldTakeASourceOverItsLimitsIsNotApplied() throws StreamException {
    load();
    for (int i = 0; i < 1_001; i++) {
      tell("small", "" + i);
    }
    tell("large", "1");
    intake.commit(20);
    assertTrue(intake.hasFailed(small));
    assertEquals(SourceCondition.FAILED, small.state().condition());
    assertTrue(small.state().reason().orElseThrow().contains("1,000 rows"));
    assertEquals(0, rows(small));
    assertEquals(1, rows(large));
    assertComplete(20);
  }

  @Test
  void aSourceOutOfStepStopsNeitherTheMomentNorTheOthersAndIsReadAnew() throws StreamException {
    load();
    tell("small", "1");
    intake.commit(15);
    tell("small", "1");
    tell("large", "1");
    assertHistoryLost(() -> intake.commit(20));
    assertEquals(1, rows(large));
    assertEquals(20, time(large));
    assertEquals(15, time(small));
    assertFalse(intake.hasFailed(small));
    assertEquals(Optional.empty(), intake.complete());
    assertEquals(Optional.empty(), intake.relation("small"));
    intake.progress(25);
    assertEquals(15, time(small));
    intake.beginStream(false);
    assertEquals(Optional.empty(), intake.complete(), "a stream that is resumed cannot heal it");
    intake.beginStream(true);
    intake.loaded("small", TABLE, new Checkpoint("e", 30), List.of(Row.of("1"), Row.of("2")));
    intake.loaded("large", TABLE, new Checkpoint("e", 30), List.of(Row.of("1")));
    assertEquals(2, rows(small));
    assertTrue(lastBatch(small).resync());
    assertEquals(30, time(small));
    assertFalse(lastBatch(large).resync(), "nothing differed");
    assertComplete(30);
  }

  @Test
  void thatNothingHappenedSinceIsKnownAnew() throws StreamException {
    load();
    tell("large", 1);
    intake.commit(20);
    intake.at(NOW.plusSeconds(5));
    intake.progress(20);
    for (Source source : List.of(small, large)) {
      assertEquals(20, time(source));
      assertEquals(NOW.plusSeconds(5), source.generation().orElseThrow().progress().at());
    }
    intake.at(NOW.plusSeconds(6));
    intake.progress(19);
    assertEquals(NOW.plusSeconds(5), small.generation().orElseThrow().progress().at());
  }

  @Test
  void whatAStreamToldOfATransactionThatItDidNotEndIsForgotten() throws StreamException {
    load();
    tell("large", 5);
    intake.beginStream(false);
    intake.commit(20);
    assertEquals(0, rows(large));
  }

  @Test
  void aSnapshotToldRowByRowIsLoadedWhenItIsComplete() throws StreamException {
    intake.loading("large", TABLE, new Checkpoint("e", 10));
    intake.closed(10);
    intake.row("large", 10, new Counted(Row.of("1"), 1));
    assertEquals(Optional.empty(), large.generation());
    assertEquals(Optional.empty(), intake.complete());
    intake.row("large", 12, new Counted(Row.of("2"), 1));
    assertEquals(1, rows(large));
    assertEquals(10, time(large));
    assertComplete(11);
    intake.row("large", 12, new Counted(Row.of("3"), 1));
    intake.row("large", 12, new Counted(Row.of("1"), -1));
    assertEquals(1, rows(large));
    intake.closed(15);
    assertEquals(2, rows(large));
    assertEquals(14, time(large));
    assertEquals(12, lastBatch(large).position().time());
    assertComplete(14);
    assertFalse(small.generation().isPresent());
  }

  @Test
  void aResumedTimedStreamGoesOnAndDropsWhatItTellsAgain() throws StreamException {
    load();
    intake.row("large", 20, new Inserted(Row.of("1")));
    intake.row("large", 30, new Inserted(Row.of("2")));
    assertComplete(29);
    intake.beginStream(false);
    intake.resumed(29);
    intake.closed(29);
    intake.row("large", 29, new Inserted(Row.of("1")));
    intake.row("large", 30, new Inserted(Row.of("2")));
    intake.closed(31);
    assertEquals(2, rows(large));
    assertEquals(30, time(small));
    assertComplete(30);
  }

  @Test
  void aStreamThatBeginsTooLateOrGoesBackIsGivenUp() throws StreamException {
    load();
    assertHistoryLost(() -> intake.resumed(11));
    intake.beginStream(false);
    intake.closed(20);
    assertHistoryLost(() -> intake.closed(19));
    intake.beginStream(false);
    intake.row("large", 30, new Inserted(Row.of("1")));
    assertHistoryLost(() -> intake.row("large", 29, new Inserted(Row.of("2"))));
    assertHistoryLost(() -> intake.closed(40));
    assertHistoryLost(intake::completed);
    assertEquals(0, rows(large));
    assertComplete(29);
  }

  @Test
  void rowsOfASourceThatFailedStillSayHowFarTheOthersAre() throws StreamException {
    load();
    intake.failed("small", new Failure(FailureKind.QUERY, "no such table"));
    intake.row("large", 20, new Inserted(Row.of("1")));
    intake.row("small", 21, new Inserted(Row.of("1")));
    assertEquals(1, rows(large));
    assertEquals(0, rows(small));
    assertEquals("no such table", small.state().reason().orElseThrow());
    assertEquals(Optional.empty(), intake.relation("small"));
    assertHistoryLost(() -> intake.row("small", 20, new Inserted(Row.of("1"))));
  }

  @Test
  void aStreamThatEndsAsItShouldIsCompleteThroughTheLastTime() throws StreamException {
    intake.loading("large", KEYLESS, new Checkpoint("e", -1));
    intake.closed(-1);
    intake.row("large", -1, new Counted(Row.of("1"), 3));
    intake.completed();
    assertEquals(3, rows(large));
    assertComplete(-1);
    intake.completed();
    assertEquals(-1, time(large));
  }

  @Test
  void aSnapshotOfMoreCopiesThanAllowedFailsBeforeTheyAreMade() throws StreamException {
    intake.loading("large", KEYLESS, new Checkpoint("e", 10));
    intake.row("large", 10, new Counted(Row.of("1"), Long.MAX_VALUE));
    intake.closed(11);
    assertTrue(intake.hasFailed(large));
    assertEquals(Optional.empty(), large.generation());
  }

  @Test
  void aSnapshotIsMeasuredWhileItIsTold() throws StreamException {
    intake.loading("small", TABLE, new Checkpoint("e", 10));
    intake.loading("large", TABLE, new Checkpoint("e", 10));
    for (int i = 0; i < 500; i++) {
      intake.row("small", 10, new Counted(Row.of(i + "x".repeat(10_000)), 1));
      intake.row("large", 10, new Counted(Row.of(i + "x".repeat(10_000)), 1));
    }
    assertTrue(intake.hasFailed(small));
    assertFalse(intake.hasFailed(large));
    assertEquals(Optional.empty(), intake.uselessness());
    for (int i = 0; i < 50_000; i++) {
      intake.row("large", 10, new Counted(Row.of("y" + i), 1));
    }
    assertTrue(intake.hasFailed(large), "of more than a thousand rows");
    intake.closed(11);
    assertEquals(Optional.empty(), large.generation());
    assertEquals(Optional.empty(), intake.complete(), "there is nobody to go on for");
    assertEquals(FailureKind.QUERY, intake.uselessness().orElseThrow().kind());
  }

  @Test
  void aSnapshotThatIsAsLargeAsTheRowsThereAreIsNoReasonToFail() throws StreamException {
    List<Row> rows = IntStream.range(0, 150).mapToObj(i -> Row.of(i + "x".repeat(10_000))).toList();
    intake.loaded("small", TABLE, new Checkpoint("e", 10), rows);
    intake.beginStream(true);
    intake.loading("small", TABLE, new Checkpoint("e", 20));
    for (Row row : rows) {
      intake.row("small", 20, new Counted(row, 1));
    }
    intake.closed(21);
    assertFalse(intake.hasFailed(small));
    assertEquals(150, rows(small));
    assertEquals(20, time(small));
    assertEquals(0, small.generation().orElseThrow().log().head(), "nothing differs");
  }

  @Test
  void aSnapshotThatBreaksLeavesTheRowsAndTheCheckpoint() throws StreamException {
    load();
    intake.beginStream(true);
    intake.loading("large", TABLE, new Checkpoint("f", 5));
    intake.row("large", 5, new Counted(Row.of("1"), 1));
    intake.beginStream(true);
    assertComplete(10);
    assertEquals(0, rows(large));
    intake.failed("small", new Failure(FailureKind.QUERY, "it is not there any more"));
    intake.loading("large", TABLE, new Checkpoint("f", 6));
    intake.row("large", 6, new Counted(Row.of("2"), 1));
    intake.closed(7);
    assertEquals(Optional.of(new Checkpoint("f", 6)), intake.complete());
    assertTrue(lastBatch(large).resync());
    assertEquals(1, rows(large));
  }

  @Test
  void aSnapshotWithAKeyThatIsNotUniqueFailsAlone() throws StreamException {
    load();
    intake.loaded("small", TABLE, new Checkpoint("e", 20), List.of(Row.of("1"), Row.of("1")));
    intake.loaded("large", TABLE, new Checkpoint("e", 20), List.of(Row.of("1")));
    assertTrue(intake.hasFailed(small));
    assertEquals(0, rows(small));
    intake.row("large", new Deleted(new Key(Row.of("1"))));
    intake.commit(30);
    assertEquals(0, rows(large));
  }

  @Test
  void aSnapshotThatBreaksIsForgottenBeforeTheNextOne() throws StreamException {
    intake.touched("small", new Checkpoint("e", 5), Set.of());
    intake.loading("large", TABLE, new Checkpoint("e", 10));
    intake.beginStream(true);
    intake.loading("small", TABLE, new Checkpoint("e", 20));
    intake.closed(21);
    assertEquals(Optional.empty(), large.generation(), "nobody told its rows");
    assertEquals(20, small.generation().orElseThrow().log().oldest().time());
  }

  @Test
  void aFreshStreamIsForThoseThatFailedToo() {
    load();
    intake.failed("small", new Failure(FailureKind.QUERY, "no such table"));
    intake.beginStream(false);
    assertTrue(intake.hasFailed(small));
    intake.beginStream(true);
    assertFalse(intake.hasFailed(small));
    assertEquals(Optional.of(TABLE), intake.relation("small"));
  }

  @Test
  void theRelationsThatAreHeldAreThoseOfTheSourcesThatAreFollowed() {
    assertEquals(Map.of(), intake.relations());
    load();
    assertEquals(Map.of("small", TABLE, "large", TABLE), intake.relations());
    intake.failed("small", new Failure(FailureKind.QUERY, "no such table"));
    assertEquals(Map.of("large", TABLE), intake.relations());
    assertEquals(Optional.of(TABLE), intake.relation("large"));
  }

  @Test
  void whatEndsAsItShouldIsKnownOfAllSources() throws StreamException {
    load();
    intake.row("large", 12, new Inserted(Row.of("1")));
    intake.completed();
    assertEquals(1, rows(large));
    assertEquals(-1, time(large));
    assertEquals(-1, time(small));
    assertComplete(-1);
  }

  private static final Failure SMALL = new Failure(FailureKind.QUERY, "out of order");

  @Test
  void aSourceThatFailsIsToldOfOnceEachTimeAndFailedSinceTheFirst() {
    load();
    intake.failed("small", SMALL);
    assertEquals(List.of(new Intake.FailedAlone(small, SMALL)), intake.newlyFailed());
    assertEquals(List.of(), intake.newlyFailed());
    intake.at(NOW.plusSeconds(60));
    Failure again = new Failure(FailureKind.RESOURCES, "still");
    intake.failed("small", again);
    assertEquals(List.of(new Intake.FailedAlone(small, again)), intake.newlyFailed());
    assertEquals(NOW, small.state().since());
    assertEquals(Optional.of("still"), small.state().reason());
  }

  @Test
  void onlyASourceThatFailedCanJoinAndItsRowsMayNotBeEarly() throws StreamException {
    load();
    intake.joining("large");
    tell("large", "1");
    intake.commit(20);
    intake.joined("large", TABLE, new Checkpoint("e", 20), List.of());
    assertEquals(1, rows(large));
    intake.failed("small", SMALL);
    intake.joining("small");
    List<Row> rows = List.of(Row.of("1"));
    assertThrows(
        IllegalArgumentException.class,
        () -> intake.joined("small", TABLE, new Checkpoint("e", 21), rows));
    assertThrows(
        IllegalArgumentException.class,
        () -> intake.joined("small", TABLE, new Checkpoint("f", 20), rows));
    intake.joined("small", TABLE, new Checkpoint("e", 20), rows);
    assertFalse(intake.hasFailed(small));
    assertEquals(1, rows(small));
    assertTrue(lastBatch(small).resync());
    assertEquals(20, time(small));
  }

  @Test
  void aSourceWhoseRowsStillDoNotFitFailsAgainAlone() throws StreamException {
    load();
    intake.failed("small", SMALL);
    intake.joining("small");
    List<Row> twice = List.of(Row.of("1"), Row.of("1"));
    intake.joined("small", TABLE, new Checkpoint("e", 10), twice);
    assertTrue(intake.hasFailed(small));
    assertEquals(2, intake.newlyFailed().size());
    intake.joining("small");
    tell("small", "1");
    tell("large", "1");
    intake.commit(20);
    intake.joined("small", TABLE, new Checkpoint("e", 10), List.of(Row.of("1")));
    assertTrue(intake.hasFailed(small), "what came behind the rows does not fit them");
    assertEquals(1, rows(large));
    assertComplete(20);
  }

  @Test
  void aSourceThatIsJoiningIsForgottenWhenItFailsOrAnotherStreamIsOpened() throws StreamException {
    load();
    intake.failed("small", SMALL);
    for (Runnable end :
        List.<Runnable>of(() -> intake.failed("small", SMALL), () -> intake.beginStream(false))) {
      intake.joining("small");
      end.run();
      intake.joined("small", TABLE, new Checkpoint("e", 10), List.of(Row.of("1")));
      assertTrue(intake.hasFailed(small));
      assertEquals(0, rows(small));
    }
  }

  @Test
  void tooMuchThatHappensWhileASourceIsReadIsNotKept() throws StreamException {
    load();
    intake.failed("small", SMALL);
    intake.newlyFailed();
    intake.joining("small");
    tell("small", 250); // more than its limit, in one transaction
    assertEquals(1, intake.newlyFailed().size());
    intake.commit(20);
    intake.joining("small");
    for (int time = 30; time < 60; time++) {
      tell("small", 10);
      intake.commit(time);
    }
    assertFalse(intake.newlyFailed().isEmpty(), "many small transactions");
    intake.joined("small", TABLE, new Checkpoint("e", 59), List.of());
    assertTrue(intake.hasFailed(small));
    assertEquals(0, rows(small));
  }

  @Test
  void aNameThatIsNotKnownIsABug() {
    assertThrows(IllegalArgumentException.class, () -> intake.relation("other"));
  }
}
