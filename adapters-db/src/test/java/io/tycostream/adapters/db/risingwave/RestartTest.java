package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.Dialect;
import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.Lookup;
import io.tycostream.domain.source.Generation;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A gateway that begins: how far back its history goes, whatever RisingWave it meets. */
class RestartTest {

  private static final String TABLE = "public.t";

  private RisingWaveSimulator database = new RisingWaveSimulator();
  private WireServer server = WireServer.listening(database);

  @AfterEach
  void end() {
    server.close();
    assertEquals(List.of(), server.failures());
  }

  private void use(Dialect dialect) {
    server.close();
    database = new RisingWaveSimulator(dialect);
    server = WireServer.listening(database);
  }

  /** A table with a subscription, and a change each second for so long. */
  private void busyFor(int seconds, Duration retention) {
    database.create(TABLE, SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "varchar"));
    database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", "b"));
    database.advance(Duration.ofSeconds(1));
    database.subscribe("sub", TABLE, retention);
    for (int i = 1; i <= seconds; i++) {
      int n = i;
      database.advanceOnly(Duration.ofSeconds(1));
      database.commit(c ->
          c.put(TABLE, "1", "v" + n)
              .put(TABLE, "" + (2 + n % 5), "w")
              .remove(TABLE, "" + (2 + n % 3)));
    }
  }

  private FollowedRelation follow(Duration history) {
    return new FollowedRelation(
        server, database, FollowedRelation.relation(TABLE, Optional.empty(), history));
  }

  private static ChangeLog log(FollowedRelation followed) {
    return followed.source().generation().orElseThrow().log();
  }

  @Test
  void shouldFillItsHistorySoThatClientsResume() {
    busyFor(30, Duration.ofDays(1));
    Position of;
    try (FollowedRelation before = follow(Duration.ofSeconds(20))) {
      before.until(() -> before.complete() > 0);
      of = before.source().generation().orElseThrow().progress().position();
    }
    busyAgain();
    try (FollowedRelation after = follow(Duration.ofSeconds(20))) {
      after.until(database.committed());
      after.check();
      assertEquals(database.committed() - 20_000, after.firstTime());
      assertEquals(20, log(after).head());
      Generation generation = after.source().generation().orElseThrow();
      Lookup found = log(after).find(of, generation.progress().position());
      assertInstanceOf(Lookup.Replay.class, found);
      long last = database.commit(c -> c.put(TABLE, "1", "z"));
      after.until(last);
      after.check();
    }
  }

  private void busyAgain() {
    for (int i = 0; i < 5; i++) {
      int n = i;
      database.advanceOnly(Duration.ofSeconds(1));
      database.commit(c -> c.put(TABLE, "1", "again" + n));
    }
  }

  @Test
  void shouldGoBackNoFurtherThanTheSubscription() {
    busyFor(10, Duration.ofDays(1));
    try (FollowedRelation followed = follow(Duration.ofMinutes(10))) {
      followed.until(database.committed());
      followed.check();
      assertEquals(10, log(followed).head());
    }
  }

  @Test
  void shouldGoBackNoFurtherThanTheLogIsKept() {
    busyFor(40, Duration.ofSeconds(20));
    try (FollowedRelation followed = follow(Duration.ofMinutes(10))) {
      followed.until(database.committed());
      followed.check();
      assertEquals(database.committed() - 18_000, followed.firstTime());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void shouldBeginWithTheSnapshotWhenTheLogIsCutWhileItIsRead(int fetch) {
    busyFor(40, Duration.ofSeconds(20));
    try (FollowedRelation followed = follow(Duration.ofMinutes(10))) {
      // The snapshot takes two FETCHes; the log is declared after them.
      at(fetch, () -> database.advance(Duration.ofSeconds(10)));
      followed.until(() -> followed.complete() > 0);
      assertTrue(followed.firstTime() >= database.committed() - 20_000, "no hole in it");
      followed.until(database.commit(c -> c.put(TABLE, "1", "z")));
      followed.check();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CURRENT", "WITHOUT_CLUSTER_ID"})
  void shouldNotTakeAnAlteredLogForAnEmptyOne(Dialect dialect) {
    use(dialect);
    busyFor(30, Duration.ofDays(1));
    try (FollowedRelation followed = follow(Duration.ofSeconds(20))) {
      // The first FETCH of the log brings nothing then, although there is a lot.
      at(2, () -> database.addColumn(TABLE, SimulatedColumn.of("w", "varchar")));
      followed.until(database.commit(c -> c.put(TABLE, "1", "z", "w")));
      followed.check();
      assertEquals(2, followed.opens);
    }
  }

  private void at(int fetch, Runnable action) {
    database.beforeNextFetch(fetch == 0 ? action : () -> at(fetch - 1, action));
  }

  @Test
  void shouldBeginWithTheSnapshotWhenTheLogDoesNotFitTheRows() {
    busyFor(30, Duration.ofDays(1));
    long middle = database.committed() - 10_000;
    database.forget(TABLE, middle);
    try (FollowedRelation followed = follow(Duration.ofSeconds(20))) {
      followed.until(() -> followed.complete() > 0);
      assertEquals(database.committed(), followed.firstTime());
      followed.until(database.commit(c -> c.put(TABLE, "1", "z")));
      followed.check();
    }
  }

  @Test
  void shouldBeginWithTheSnapshotWhenThereIsMoreThanTheHistoryMayHold() {
    busyFor(30, Duration.ofDays(1));
    RisingWaveRelation usual =
        FollowedRelation.relation(TABLE, Optional.empty(), Duration.ofSeconds(20));
    HistoryLimits few = new HistoryLimits(50, Duration.ofSeconds(20), 1L << 30);
    RisingWaveRelation narrow =
        new RisingWaveRelation(
            usual.source(),
            TABLE,
            usual.key(),
            "sub",
            true,
            usual.retention(),
            new SourceLimits(few, 1_000, 1 << 20));
    try (FollowedRelation followed = new FollowedRelation(server, database, narrow)) {
      followed.until(() -> followed.complete() > 0);
      assertEquals(database.committed(), followed.firstTime());
    }
  }

  /** As when there were too many rows then. */
  @Test
  void shouldBeginWithTheSnapshotWhenThePastIsNotWanted() {
    busyFor(30, Duration.ofDays(1));
    try (FollowedRelation followed = follow(Duration.ofSeconds(20))) {
      followed.wantsPast = false;
      followed.until(() -> followed.complete() > 0);
      assertEquals(database.committed(), followed.firstTime());
      followed.check();
    }
  }

  @Test
  void shouldTellWhatHappensWhileItBegins() {
    busyFor(30, Duration.ofDays(1));
    database.cutFetchesAt(1); // each epoch has several rows
    try (FollowedRelation followed = follow(Duration.ofSeconds(20))) {
      // Behind the snapshot, while its rows and then the log are read.
      database.beforeNextFetch(() -> {
        busyAgain();
        database.beforeNextFetch(this::busyAgain);
      });
      followed.until(() -> followed.complete() >= database.committed());
      followed.check();
      assertEquals(1, followed.opens);
      assertEquals(30, log(followed).head());
    }
  }

  @Test
  void shouldNotGoBackInAResync() {
    busyFor(30, Duration.ofDays(1));
    try (FollowedRelation followed = follow(Duration.ofSeconds(20))) {
      followed.until(database.committed());
      followed.breakStream();
      database.unsubscribe("sub");
      database.commit(c -> c.put(TABLE, "1", "unseen"));
      database.subscribe("sub", TABLE, Duration.ofDays(1));
      followed.until(database.commit(c -> c.put(TABLE, "1", "seen")));
      followed.check();
      assertEquals(1, followed.resyncs());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LAZY_SNAPSHOT", "CURRENT", "WITHOUT_CLUSTER_ID"})
  void shouldFollowEachGenerationThatTellsEnough(Dialect dialect) {
    use(dialect);
    busyFor(10, Duration.ofDays(1));
    try (FollowedRelation followed = follow(Duration.ofSeconds(5))) {
      followed.until(database.commit(c -> c.put(TABLE, "1", "z")));
      followed.check();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LAZY_SNAPSHOT", "CURRENT"})
  void shouldBeginWithAnEmptyTable(Dialect dialect) {
    use(dialect);
    busyFor(0, Duration.ofDays(1));
    database.commit(c -> c.remove(TABLE, "1", "").remove(TABLE, "2", ""));
    try (FollowedRelation followed = follow(Duration.ofSeconds(5))) {
      followed.until(database.commit(c -> c.put(TABLE, "1", "z")));
      followed.check();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"WITHOUT_STATE", "NUMBERED", "LEADING"})
  void shouldRefuseAGenerationThatDoesNot(Dialect dialect) {
    use(dialect);
    busyFor(1, Duration.ofDays(1));
    try (FollowedRelation followed = follow(Duration.ofSeconds(5))) {
      followed.turn();
      assertEquals(FailureKind.QUERY, followed.failures.getLast().kind());
      String message = followed.failures.getLast().message();
      assertTrue(
          message.contains("is too old") || message.contains("at which epoch a cursor's"), message);
    }
  }
}
