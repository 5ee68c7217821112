package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.Findings;
import io.tycostream.adapters.db.Observed;
import io.tycostream.adapters.db.simulator.materialize.CatalogRows;
import io.tycostream.adapters.db.simulator.materialize.Generation;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.adapters.db.simulator.materialize.MzRow;
import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Faults;
import io.tycostream.adapters.db.simulator.wire.Report;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the simulator, whose behaviour is what is written of Materialize's. */
class MaterializeSourceTest {

  private static final long START = 1_700_000_000_000L;

  private final MaterializeSimulator database = MaterializeSimulator.start();
  private MzObject table;

  @BeforeEach
  void makeTable() {
    database.clock(START);
    table = database.table("t", MzColumn.int4("id"), MzColumn.text("note"));
    table.retainHistory(3_600_000);
    table.insert(START, "1", "a").insert(START, "2", null);
    table.advance(START + 1);
  }

  @AfterEach
  void stop() {
    database.close();
    assertEquals(List.of(), database.failures());
  }

  private Following following() {
    return new Following(database, table, "id");
  }

  @Test
  void tellsAllRowsAndThenEachChange() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      assertTrue(following.stands());
      table.delete(START + 5, "1", "a").insert(START + 5, "1", "b\t\n\\ü");
      table.insert(START + 7, "3", "");
      table.advance(START + 10);
      following.untilCaughtUp();
      assertEquals(0, following.resyncs());
      assertEquals(1, following.opened());
      assertEquals(List.of(), following.failures());
    }
  }

  @Test
  void resumesExactlyBehindWhatIsComplete() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      database.restart();
      table.insert(START + 1, "3", "at the frontier itself");
      table.advance(START + 2);
      following.untilCaughtUp();
      assertEquals(1, following.freshOpened());
      assertTrue(following.opened() > 1);
      assertEquals(0, following.resyncs());
      String statement = database.statements().getLast();
      assertTrue(
          database.statements().stream()
              .anyMatch(sql -> sql.contains("SNAPSHOT = false) AS OF " + START + ")")),
          statement);
    }
  }

  /** Rows flow at once, and are old: it is live where the relation was when it was opened. */
  @Test
  void standsWhenItHasCaughtUpWithWhatTheRelationWasWhenItWasOpened() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      following.closeStream();
      table.insert(START + 40, "3", "c").insert(START + 60, "4", "d");
      table.advance(START + 100);
      database.answer("tycostream:frontiers", frontiers("0", Long.toString(START + 1_000)));
      following.untilCaughtUp();
      assertFalse(following.stands(), "it is not yet where the relation was");
      table.advance(START + 1_000);
      following.untilCaughtUp();
      assertTrue(following.stands());
      assertEquals(1, following.freshOpened());
    }
  }

  /** A view has no frontier of its own; the environment's time stands for it. */
  @Test
  void aViewStandsWhenItHasCaughtUpWithTheTimeAtWhichItWasOpened() throws Exception {
    database.answer("tycostream:frontiers", frontiers());
    try (Following following = following()) {
      following.untilCaughtUp();
      assertTrue(following.stands());
      following.closeStream();
      database.clock(START + 500);
      following.until(() -> database.subscriptions(table) == 1);
      for (int poll = 0; poll < 50; poll++) {
        following.step();
        assertFalse(following.stands());
      }
      table.advance(START + 501);
      following.untilCaughtUp();
      assertTrue(following.stands());
    }
  }

  private static CatalogRows frontiers(String... row) {
    return CatalogRows.of(
        List.of(Column.text("read_frontier"), Column.text("write_frontier")),
        () -> row.length == 0 ? List.of() : List.of(List.of(row)));
  }

  /** After a restart of the gateway clients resume by replay as far back as the database can. */
  @Test
  void beginsAsFarBackAsClientsMayResume() throws Exception {
    for (int second = 1; second <= 20; second++) {
      table.insert(START + second * 1000L, "" + (10 + second), "x");
      table.advance(START + second * 1000L + 1);
    }
    try (Following following = following()) { // ten seconds of history
      following.until(following::stands);
      assertEquals(START + 10_000, oldest(following));
      assertEquals(10, following.source().figures().orElseThrow().historyEvents());
    }
    table.compact(START + 15_000);
    try (Following following = following()) {
      following.until(following::stands);
      assertEquals(START + 15_000, oldest(following));
    }
  }

  private static long oldest(Following following) {
    return following.source().generation().orElseThrow().log().oldest().time();
  }

  @Test
  void readsAnewOnceWhenTheCatalogueSaysThatHistoryIsCompacted() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      following.closeStream();
      table.delete(START + 10, "2", null).insert(START + 20, "4", "d");
      table.insert(START + 30, "5", "e").delete(START + 40, "5", "e");
      table.advance(START + 100);
      table.compact(START + 60);
      table.insert(START + 101, "6", "f");
      table.advance(START + 200);
      following.untilCaughtUp();
      assertEquals(1, following.failures().size(), following.failures()::toString);
      assertEquals(FailureKind.HISTORY_LOST, following.failures().getFirst().kind());
      assertEquals(2, following.freshOpened());
      assertEquals(1, following.resyncs());
      // The difference ends where history begins; what came later is told as it happened.
      assertTrue(following.published().stream().anyMatch(at -> at.time() == START + 60));
      assertTrue(following.published().stream().anyMatch(at -> at.time() == START + 101));
    }
  }

  /** The catalogue lags, so that it is the server that says so, when the stream is resumed. */
  @ParameterizedTest
  @EnumSource(Generation.class)
  void readsAnewOnceWhenTheServerSaysThatHistoryIsCompacted(Generation generation)
      throws Exception {
    database.generation(generation);
    try (Following following = following()) {
      following.untilCaughtUp();
      following.closeStream();
      database.answer(
          "tycostream:frontiers",
          frontiers(Long.toString(table.since()), Long.toString(table.upper())));
      table.delete(START + 10, "2", null).insert(START + 20, "4", "d");
      table.insert(START + 30, "5", "e").delete(START + 40, "5", "e");
      table.advance(START + 100);
      table.compact(START + 60);
      table.insert(START + 101, "6", "f");
      table.advance(START + 200);
      following.untilCaughtUp();
      assertEquals(1, following.failures().size(), following.failures()::toString);
      Failure lost = following.failures().getFirst();
      assertEquals(FailureKind.HISTORY_LOST, lost.kind());
      String said =
          switch (generation) {
            case OLD -> "is not valid for all inputs: [(Storage inputs: [u1])] (SQLSTATE XX000)";
            case NEWEST -> "could not find a valid timestamp for the query: Constraints:";
          };
      assertTrue(lost.message().contains(said), lost.message());
      assertTrue(lost.message().contains("RETAIN HISTORY"), lost.message());
      assertEquals(2, following.freshOpened());
      assertEquals(3, following.opened());
      assertEquals(1, following.resyncs());
      assertEquals(0, following.repeated());
      following.assertEachMomentPublished();
      assertTrue(following.published().stream().anyMatch(at -> at.time() == START + 60));
      assertTrue(following.published().stream().anyMatch(at -> at.time() == START + 101));
      // And not once more, although the catalogue goes on saying the same.
      database.restart();
      table.insert(START + 210, "7", "g").advance(START + 220);
      following.untilCaughtUp();
      assertEquals(2, following.freshOpened());
      assertEquals(1, following.resyncs());
    }
  }

  @ParameterizedTest
  @EnumSource(Generation.class)
  void readsARelationAnewThatWasMadeAgain(Generation generation) throws Exception {
    database.generation(generation);
    try (Following following = following()) {
      following.untilCaughtUp();
      database.drop(table);
      StreamException gone =
          assertThrows(StreamException.class, () -> following.until(() -> false));
      assertEquals(FailureKind.QUERY, gone.failure().kind());
      assertTrue(gone.getMessage().contains("there is no relation public.t"), gone.getMessage());
      MzObject again = database.table("t", MzColumn.int4("id"), MzColumn.text("note"));
      again.insert(database.clock(), "9", "new");
      again.advance(database.clock() + 1);
      try (Following other = new Following(database, again, "id")) {
        other.untilCaughtUp();
      }
    }
  }

  /** Between the look at the catalogue and the statement, which names it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void doesNotReadARelationThatIsMadeAgainJustThen(boolean fresh) throws Exception {
    try (Following following = following()) {
      if (!fresh) {
        following.untilCaughtUp();
        following.closeStream();
      }
      database.beforeNextStatement(
          "SUBSCRIBE",
          () -> {
            MzObject again = database.recreate(table);
            again.advance(table.upper() + 10);
            following.follow(again);
          });
      following.untilCaughtUp();
      Failure first = following.failures().getFirst();
      assertEquals(FailureKind.HISTORY_LOST, first.kind());
      assertTrue(first.message().contains("made again while"), first.message());
      assertEquals(2, following.freshOpened());
    }
  }

  @Test
  void readsAnewWhatBeginsLaterThanItWasAskedFor() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      following.closeStream();
      table.insert(START + 110, "7", "g").advance(START + 130);
      database.nextStartLater(20);
      following.untilCaughtUp();
      assertEquals(FailureKind.HISTORY_LOST, following.failures().getFirst().kind());
      assertEquals(2, following.freshOpened());
    }
  }

  @Test
  void doesNotTakeAnotherRelationForTheOneThatItFollowed() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      following.closeStream();
      database.clock(START + 100);
      MzObject again = database.recreate(table);
      again.insert(database.clock(), "9", "new");
      again.advance(database.clock() + 1);
      following.follow(again);
      following.untilCaughtUp();
      assertEquals(2, following.freshOpened());
      assertEquals(FailureKind.HISTORY_LOST, following.failures().getFirst().kind());
    }
  }

  @Test
  void doesNotResumeInAnotherEnvironment() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      following.closeStream();
      database.environment("another-one");
      following.untilCaughtUp();
      assertEquals(2, following.freshOpened());
      assertTrue(following.failures().getFirst().message().contains("this is another history"));
    }
  }

  @Test
  void aViewOfConstantsIsCompleteForEver() throws Exception {
    MzObject view =
        database.constantView(
            "c", List.of(MzColumn.int4("id")), List.of(MzRow.of("1"), MzRow.of("1")));
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server(), Duration.ofMillis(20))),
            Following.relation(view, Duration.ofSeconds(10)));
    try (Following following = new Following(changes, view)) {
      following.until(() -> following.complete().filter(at -> at.time() == -1).isPresent());
      assertTrue(following.stands());
      assertEquals(2L, following.rows().get(MzRow.of("1")));
      // It lives from that the environment says so, and goes on after a break.
      following.closeStream();
      following.until(following::stands);
      assertEquals(1, following.freshOpened());
      assertEquals(List.of(), following.failures());
    }
  }

  /** What never changes again is complete for ever; what comes behind it begins a history anew. */
  @Test
  void aRelationThatWasAheadOfTheClockCanBeMadeAgainAsAnother() throws Exception {
    MzObject view =
        database.constantView("c", List.of(MzColumn.int4("id")), List.of(MzRow.of("1")));
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server(), Duration.ofMillis(20))),
            Following.relation(view, Duration.ofSeconds(10), "id"));
    try (Following following = new Following(changes, view)) {
      following.until(() -> following.complete().filter(at -> at.time() == -1).isPresent());
      MzObject other = view;
      for (int again = 1; again <= 2; again++) {
        database.drop(other);
        other = database.table("c", MzColumn.int4("id"));
        other.retainHistory(3_600_000);
        other.insert(database.clock(), "2").insert(database.clock(), "" + (2 + again));
        other.advance(database.clock() + 1);
        following.follow(other);
        String own = "-" + other.id();
        following.until(
            () -> following.complete().filter(at -> at.epoch().endsWith(own)).isPresent());
        following.untilCaughtUp();
        assertEquals(again, following.resyncs());
        String epoch = following.complete().orElseThrow().epoch();
        assertEquals(epoch, changes.probe(0).orElseThrow().epoch());
        following.closeStream();
        other.insert(other.upper() + 5, "7").advance(other.upper() + 10);
        following.untilCaughtUp();
        assertEquals(1 + again, following.freshOpened());
      }
      assertTrue(
          following.failures().stream().allMatch(each -> each.kind() == FailureKind.HISTORY_LOST),
          following.failures()::toString);
    }
  }

  @Test
  void aRelationThatEndsIsAnEndAndNoFailure() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      table.insert(START + 3, "7", "last");
      table.end();
      following.until(() -> following.complete().filter(at -> at.time() == -1).isPresent());
      assertEquals(table.state(-1), following.rows());
      assertEquals(List.of(), following.failures());
    }
  }

  @Test
  void aKeyThatIsNotUniqueFailsLoudlyAndKeepsTheRows() throws Exception {
    try (Following following = following()) {
      following.untilCaughtUp();
      table.insert(START + 3, "1", "again");
      table.advance(START + 4);
      following.until(() -> following.source().state().condition() == SourceCondition.FAILED);
      String reason = following.source().state().reason().orElseThrow();
      assertTrue(reason.contains("not unique"), reason);
      assertEquals(table.state(START), following.rows());
    }
  }

  /** The database tells of the time when they were too many, for as long as it retains that. */
  @Test
  void rowsThatWereTooManyAreReadAnewAsTheyAreNow() throws Exception {
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server())),
            Following.relation(table, Duration.ofSeconds(10), "id"));
    SourceLimits three = new SourceLimits(HistoryLimits.DEFAULT, 3, 1 << 20);
    try (Following following = new Following(changes, table, three)) {
      following.untilCaughtUp();
      table.insert(START + 10, "3", "c").insert(START + 10, "4", "d");
      table.advance(START + 11);
      following.until(() -> following.source().state().condition() == SourceCondition.FAILED);
      table.delete(START + 20, "3", "c").insert(START + 21, "5", "e");
      table.delete(START + 22, "4", "d");
      table.advance(START + 30);
      database.clock(START + 25);
      following.loseHistory();
      following.untilCaughtUp();
      assertEquals(3, following.rows().size());
    }
  }

  @Test
  void rowsWithoutAKeyMayStandSeveralTimes() throws Exception {
    try (Following following = new Following(database, table)) {
      following.untilCaughtUp();
      table.write(START + 3, 3, "1", "a").write(START + 4, -2, "1", "a");
      table.write(START + 5, 2, "1", "b");
      table.advance(START + 9);
      following.untilCaughtUp();
    }
  }

  @Test
  void silenceIsExplainedWhileTheRelationStandsStillAndNotWhenItMoves() throws Exception {
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server(), Duration.ofMillis(20))),
            Following.relation(table, Duration.ofSeconds(10), "id"));
    try (Following following = new Following(changes, table)) {
      following.untilCaughtUp();
      following.until(following::isHeldUp);
      database.faults().mute(Faults.Mute.STREAMS);
      table.advance(START + 50);
      following.until(() -> !following.isHeldUp());
      // From now on nothing explains it; it is for the machine to lose patience.
      for (int poll = 0; poll < 50; poll++) {
        assertFalse(following.step());
        assertFalse(following.isHeldUp());
      }
      database.faults().unmute();
      following.untilCaughtUp();
    }
  }

  @Test
  void failsLoudlyWhenTheEnvironmentWasSetBack() throws Exception {
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server(), Duration.ofMillis(20))),
            Following.relation(table, Duration.ofSeconds(10), "id"));
    try (Following following = new Following(changes, table)) {
      following.untilCaughtUp();
      long[] upper = {START - 10_000};
      database.answer(
          "tycostream:frontiers",
          CatalogRows.of(
              List.of(Column.text("read_frontier"), Column.text("write_frontier")),
              () -> List.of(List.of("0", Long.toString(upper[0]++)))));
      StreamException e = assertThrows(StreamException.class, () -> following.until(() -> false));
      assertEquals(FailureKind.QUERY, e.failure().kind());
      assertTrue(e.getMessage().contains("set back"), e.getMessage());
    }
  }

  @Test
  void refusesWhatCannotBeFollowedAndSaysWhatToDo() {
    StreamException key =
        assertThrows(
            StreamException.class, () -> new Following(database, table, "nope").until(() -> false));
    assertEquals(FailureKind.QUERY, key.failure().kind());
    assertTrue(key.getMessage().contains("has no column nope: correct key"), key.getMessage());
    MzObject sink =
        database.create("materialize", "public", "s", "sink", List.of(MzColumn.int4("id")));
    StreamException type =
        assertThrows(StreamException.class, () -> new Following(database, sink).until(() -> false));
    assertTrue(type.getMessage().contains("of the type sink"), type.getMessage());
  }

  @Test
  void aProbeTellsTheHistoryAndHowFarItIs() throws Exception {
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server())),
            Following.relation(table, Duration.ofSeconds(10), "id"));
    try (Following following = new Following(changes, table)) {
      following.untilCaughtUp();
      Checkpoint present = changes.probe(0).orElseThrow();
      assertEquals(following.complete().orElseThrow().epoch(), present.epoch());
      assertTrue(present.time() >= START);
      database.faults().refuse(Report.fatal("08004", "upstream server not available"));
      assertEquals(Optional.empty(), changes.probe(0));
    }
  }

  /** Of the cluster of the stream, and without the stream being opened anew. */
  @Test
  void theMarginFollowsWhatIsRetained() throws Exception {
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server(), Duration.ofMillis(20))),
            Following.relation(table, Duration.ofSeconds(10), "id"));
    try (Following following = new Following(changes, table)) {
      table.advance(START + 100_000);
      following.untilCaughtUp();
      awaitMargin(following, changes, table.upper() - table.since());
      table.retainHistory(50_000);
      awaitMargin(following, changes, 50_000);
      table.index("elsewhere", "another_cluster", 10);
      table.index("here", MaterializeSimulator.CLUSTER, 7_000);
      awaitMargin(following, changes, 7_000);
      table.dropIndex("here");
      awaitMargin(following, changes, 50_000);
      assertEquals(1, following.opened());
    }
  }

  private static void awaitMargin(Following following, MaterializeSource changes, long millis)
      throws StreamException {
    Optional<Duration> wanted = Optional.of(Duration.ofMillis(millis));
    following.until(() -> changes.margin().filter(seen -> seen.time().equals(wanted)).isPresent());
  }

  /** Whatever the relation keeps, an index on the cluster keeps a second, unless told otherwise. */
  @Test
  void anIndexOnTheClusterOfTheStreamDecidesHowLongABreakMayBe() throws Exception {
    table.index("here", MaterializeSimulator.CLUSTER);
    try (Following following = following()) {
      table.advance(START + 5_000);
      following.untilCaughtUp();
      following.closeStream();
      table.insert(START + 5_500, "3", "c").advance(START + 5_900);
      following.untilCaughtUp();
      assertEquals(1, following.freshOpened());
      following.closeStream();
      table.insert(START + 6_500, "4", "d").advance(START + 9_000);
      following.untilCaughtUp();
      assertEquals(2, following.freshOpened());
      assertEquals(1, following.resyncs());
      String message = following.failures().getFirst().message();
      assertTrue(message.contains("Indexed inputs"), message);
      assertTrue(message.contains("an index on the cluster"), message);
      following.assertEachMomentPublished();
    }
  }

  /** At each tenth of a second one row is changed and one comes. */
  @Test
  void aLookTellsHowMuchChangesInTheRelationsOwnTime() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    try (ExecutorService writer = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> written =
          writer.submit(() -> {
            database.awaitSubscriptions(table, 1, Duration.ofSeconds(30));
            String before = "a";
            for (int n = 1; !over.get() && n < 10_000; n++) {
              long time = START + n * 100L;
              table.delete(time, "1", before).insert(time, "1", "v" + n);
              table.insert(time, "" + (10 + n), "x");
              table.advance(time + 1);
              before = "v" + n;
              database.awaitCaughtUp(table, Duration.ofMillis(100));
            }
          });
      MaterializeRelation relation = Following.relation(table, Duration.ofSeconds(10), "id");
      MaterializeSettings settings = Following.settings(database.server());
      Observed seen = MaterializeRate.observe(settings, relation, Duration.ofSeconds(1));
      over.set(true);
      written.get(30, TimeUnit.SECONDS);
      Observed.Changes changes = assertInstanceOf(Observed.Changes.class, seen);
      assertTrue(changes.changes() > 0);
      assertEquals(20, changes.perSecond(), 1e-6, seen::toString);
    }
  }

  @Test
  void aLookSaysWhyItDoesNotKnowHowMuchChanges() {
    MaterializeSettings settings = Following.settings(database.server());
    Duration history = Duration.ofSeconds(10);
    Duration shortly = Duration.ofMillis(100);
    assertEquals(
        new Observed.NotKnown("public.t did not get on in 100 ms"),
        MaterializeRate.observe(settings, Following.relation(table, history, "id"), shortly));
    MzObject view =
        database.constantView("c", List.of(MzColumn.int4("id")), List.of(MzRow.of("1")));
    assertEquals(
        new Observed.NotKnown("public.c never changes again"),
        MaterializeRate.observe(settings, Following.relation(view, history), shortly));
    MaterializeRelation missing = new MaterializeRelation("u", "public.u", List.of(), history);
    Observed.NotKnown unknown =
        assertInstanceOf(
            Observed.NotKnown.class, MaterializeRate.observe(settings, missing, shortly));
    assertTrue(unknown.why().contains("there is no relation public.u"), unknown.why());
  }

  @Test
  void aCheckTellsWhatWouldBeFollowed() {
    MaterializeRelation good = Following.relation(table, Duration.ofSeconds(10), "id");
    MaterializeRelation bad = new MaterializeRelation("u", "public.u", List.of(), Duration.ZERO);
    Findings found =
        MaterializeCheck.run(Following.settings(database.server()), List.of(good, bad));
    assertEquals(1, found.problems().size(), found::toString);
    assertTrue(found.problems().getFirst().contains("there is no relation public.u"));
    assertTrue(
        found.summary().getLast().contains("table public.t, key id, can be resumed"),
        found::toString);
  }
}
