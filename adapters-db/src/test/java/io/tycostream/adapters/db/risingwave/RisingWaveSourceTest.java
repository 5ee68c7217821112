package io.tycostream.adapters.db.risingwave;

import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RisingWaveSourceTest {

  private static final String TABLE = "public.t";
  private static final Duration HISTORY = Duration.ofMinutes(10);

  private final RisingWaveSimulator database = new RisingWaveSimulator();
  private final WireServer server = WireServer.listening(database);

  @AfterEach
  void end() {
    server.close();
    assertEquals(List.of(), server.failures());
  }

  private void keyed() {
    database.create(TABLE, SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "varchar"));
  }

  private static RisingWaveRelation relation() {
    return FollowedRelation.relation(TABLE, Optional.empty(), HISTORY);
  }

  private FollowedRelation follow() {
    return new FollowedRelation(server, database, relation());
  }

  private long put(String id, String value) {
    return database.commit(c -> c.put(TABLE, id, value));
  }

  private static FailureKind lastKind(FollowedRelation followed) {
    return followed.failures.getLast().kind();
  }

  @Test
  void shouldTellAllRowsAndThenEveryChange() {
    keyed();
    database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", null));
    try (FollowedRelation followed = follow()) {
      followed.until(() -> followed.complete() > 0);
      assertEquals(List.of("id"), followed.source().relation().orElseThrow().key());
      long last = 0;
      for (int i = 0; i < 20; i++) {
        int n = i;
        last = database.commit(c -> c.put(TABLE, "1", "a" + n).put(TABLE, "" + (10 + n), "x"));
      }
      followed.until(last);
      followed.check();
      assertEquals(1, followed.opens);
      assertEquals(20, followed.source().generation().orElseThrow().log().head());
    }
  }

  @Test
  void shouldSayHowFarAQuietRelationIs() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(() -> followed.complete() > 0);
      long wanted = database.now() + 5_000;
      followed.until(() -> {
        database.advance(Duration.ofMillis(500));
        return followed.complete() >= wanted;
      });
      followed.check();
    }
  }

  /** As one does that comes upon other columns. */
  @Test
  void shouldNotTakeAFetchThatCameBackAtOnceForAProofOfQuiet() {
    keyed();
    Pace impatient =
        new Pace(1, Duration.ofHours(1), Duration.ZERO, Duration.ofSeconds(2), Duration.ZERO, 7);
    RisingWaveSource source =
        new RisingWaveSource(List.of(FollowedRelation.settings(server)), relation(), impatient);
    try (FollowedRelation followed = new FollowedRelation(database, relation(), source)) {
      followed.until(followed::stands);
      long before = followed.complete();
      for (int i = 0; i < 20; i++) {
        database.advance(Duration.ofMillis(500));
        followed.answers(1);
      }
      assertEquals(before, followed.complete());
      assertEquals(List.of(), followed.failures);
    }
  }

  @Test
  void shouldStandOnceItHasCaughtUpWithWhatHappenedMeanwhile() {
    keyed();
    database.commit(c -> c.put(TABLE, "1", "a"));
    try (FollowedRelation followed = follow()) {
      followed.until(followed::stands);
      followed.breakStream();
      long last = 0;
      for (int i = 0; i < 30; i++) {
        int n = i;
        last = database.commit(c -> c.put(TABLE, "" + n, "x").put(TABLE, "1", "y" + n));
      }
      long behind = last;
      followed.until(() -> {
        boolean caughtUp = followed.complete() >= behind;
        assertTrue(caughtUp || !followed.stands(), "rows are missing, and it says it is live");
        return caughtUp;
      });
      followed.until(followed::stands);
      assertEquals(1, followed.freshOpens);
      followed.check();
      followed.breakStream();
      followed.until(followed::stands); // and when nothing happened it is live at once
      assertEquals(3, followed.opens);
    }
  }

  @Test
  void shouldStandAlsoWhereMoreComesThanIsEverFetched() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(followed::stands);
      followed.breakStream();
      put("1", "a");
      int[] n = {0};
      followed.until(() -> {
        n[0]++;
        put("" + n[0] % 7, "v" + n[0]); // no FETCH ever comes back empty
        return followed.stands();
      });
      followed.check();
    }
  }

  @Test
  void shouldNotTakeACommitThatTheFrontendDoesNotSeeForComplete() {
    keyed();
    database.foreignDatabaseAhead(Duration.ofSeconds(2));
    try (FollowedRelation followed = follow()) {
      followed.until(() -> followed.complete() > 0);
      followed.until(() -> {
        database.advance(Duration.ofMillis(500));
        return followed.complete() >= database.now() - 5_000
            && followed.complete() > RisingWaveSimulator.START + 5_000;
      });
      database.holdFrontend();
      long hidden = put("1", "a");
      for (int i = 0; i < 100; i++) {
        database.advance(Duration.ofMillis(500));
        followed.turn();
      }
      assertTrue(followed.complete() < hidden, "it was not told yet");
      database.releaseFrontend();
      followed.until(hidden);
      followed.check();
      assertEquals(0, followed.resyncs());
      assertEquals(1, followed.opens);
    }
  }

  @Test
  void shouldNotGoBackWithAProofThatIsOlderThanARow() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(() -> followed.complete() > 0);
      for (int i = 0; i < 10; i++) {
        followed.answers(3); // how far it is was asked for before the row came
        database.advance(Duration.ofMillis(100));
        followed.until(put("1", "a" + i));
        followed.answers(3);
      }
      assertEquals(List.of(), followed.failures);
      followed.check();
    }
  }

  @Test
  void shouldFollowARelationWithoutAKeyAsAMultiset() {
    database.create(TABLE, SimulatedColumn.of("a", "int4"), SimulatedColumn.of("b", "bool"));
    database.commit(c -> c.put(TABLE, "1", "t").put(TABLE, "1", "t").put(TABLE, null, "f"));
    try (FollowedRelation followed = follow()) {
      followed.until(() -> followed.complete() > 0);
      assertEquals(List.of(), followed.source().relation().orElseThrow().key());
      database.commit(c -> c.remove(TABLE, "1", "t").put(TABLE, null, "f"));
      String[] before = {"1", "t"};
      String[] after = {"2", null};
      followed.until(database.commit(c -> c.replace(TABLE, before, after)));
      followed.check();
    }
  }

  @Test
  void shouldFollowWithAKeyThatIsNotTheOrderOfTheLog() {
    // The log is in the order of a hidden key: of one id the new row can come before the old one.
    database.create(
        TABLE, true, SimulatedColumn.of("id", "int4"), SimulatedColumn.of("v", "varchar"));
    database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", "b"));
    RisingWaveRelation byId = FollowedRelation.relation(TABLE, Optional.of(List.of("id")), HISTORY);
    try (FollowedRelation followed = new FollowedRelation(server, database, byId)) {
      followed.until(() -> followed.complete() > 0);
      String[] one = {"1", "a"};
      String[] two = {"2", "b"};
      followed.until(
          database.commit(c ->
              c.replace(TABLE, one, new String[] {"2", "x"})
                  .replace(TABLE, two, new String[] {"1", "y"})));
      followed.check();
      assertEquals(0, followed.resyncs());
    }
  }

  @Test
  void shouldGoOnWhereItWasAfterEachCut() {
    keyed();
    database.cutFetchesAt(1);
    try (FollowedRelation followed = follow()) {
      followed.until(() -> followed.complete() > 0);
      for (int i = 0; i < 20; i++) {
        int n = i;
        long at = database.commit(c -> c.put(TABLE, "1", "a" + n).put(TABLE, "2", "b" + n));
        server.cutAll();
        followed.until(at);
      }
      followed.check();
      assertEquals(1, followed.freshOpens);
      assertEquals(0, followed.resyncs());
    }
  }

  @Test
  void shouldDeclareAnewWhenTheClusterLostItsCursors() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      database.loseCursors();
      followed.until(put("1", "b"));
      followed.check();
      assertEquals(NETWORK, lastKind(followed));
      assertEquals(1, followed.freshOpens);
    }
  }

  @Test
  void shouldResyncOnceWhenTheLogWasKeptForTooShort() {
    keyed();
    database.subscribe("sub", TABLE, Duration.ofSeconds(60));
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      followed.breakStream();
      put("1", "b");
      database.advance(Duration.ofSeconds(61));
      followed.until(put("2", "c"));
      followed.check();
      assertEquals(List.of(HISTORY_LOST), followed.failures.stream().map(Failure::kind).toList());
      assertEquals(2, followed.freshOpens);
      assertEquals(1, followed.resyncs());
    }
  }

  @Test
  void shouldResyncWhenTheSubscriptionWasMadeAnewWhileAway() {
    keyed();
    database.subscribe("sub", TABLE, Duration.ofDays(1));
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      followed.breakStream();
      database.unsubscribe("sub");
      put("1", "b"); // in no log
      database.subscribe("sub", TABLE, Duration.ofDays(1));
      followed.until(put("2", "c"));
      followed.check();
      assertEquals(2, followed.freshOpens);
      assertEquals(1, followed.resyncs());
    }
  }

  @Test
  void shouldSeeThatTheSubscriptionWasMadeAnewBetweenTwoFetches() {
    keyed();
    database.subscribe("sub", TABLE, Duration.ofDays(1));
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      database.beforeNextFetch(() -> {
        database.unsubscribe("sub");
        put("1", "b"); // in no log, and the cursor does not say so
        database.subscribe("sub", TABLE, Duration.ofDays(1));
        put("2", "c");
      });
      followed.until(() -> followed.resyncs() == 1);
      followed.until(put("1", "d"));
      followed.check();
      assertEquals(1, followed.resyncs());
    }
  }

  @Test
  void shouldMakeTheSubscriptionOnlyWhenAsked() {
    keyed();
    RisingWaveRelation made = relation();
    RisingWaveRelation notMade =
        new RisingWaveRelation(
            made.source(), TABLE, made.key(), "sub", false, made.retention(), made.limits());
    try (FollowedRelation followed = new FollowedRelation(server, database, notMade)) {
      followed.turn();
      assertEquals(QUERY, lastKind(followed));
      String message = followed.failures.getLast().message();
      assertTrue(message.contains("CREATE SUBSCRIPTION \"public\".\"sub\""), message);
      assertEquals(List.of(), database.subscriptions());
    }
    try (FollowedRelation followed = follow()) {
      followed.until(() -> followed.complete() > 0);
      assertEquals(List.of("sub"), database.subscriptions());
    }
  }

  /** What changed between the two would be neither among the rows nor in the log. */
  @Test
  void shouldNotBeginWithRowsThatAreOlderThanTheSubscription() {
    keyed();
    long unused = put("1", "a");
    database.holdFrontend();
    unused = put("1", "changed before there was a log");
    database.advance(Duration.ofSeconds(1));
    database.subscribe("sub", TABLE, Duration.ofDays(1));
    try (FollowedRelation followed = follow()) {
      followed.turn();
      assertEquals(NETWORK, lastKind(followed));
      String message = followed.failures.getLast().message();
      assertTrue(message.contains("younger than the rows"), message);
      database.releaseFrontend();
      followed.until(put("2", "b"));
      followed.check();
    }
  }

  @Test
  void shouldWaitForAFrontendWhoseClockIsSlow() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      followed.breakStream();
      database.refuseAsTooLarge(3);
      followed.until(put("1", "b"));
      followed.check();
      assertEquals(2, followed.opens, "asked again, not opened again");
      assertEquals(1, followed.freshOpens);
    }
  }

  @Test
  void shouldSeeThatTheLogWasCutOffBeforeItWasRead() {
    keyed();
    database.subscribe("sub", TABLE, Duration.ofDays(1));
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      database.beforeNextFetch(() -> {
        put("1", "b");
        database.keep("sub", Duration.ofSeconds(60)); // of which the cursor is not told
        database.advance(Duration.ofSeconds(61));
        put("2", "c");
      });
      followed.until(() -> followed.resyncs() == 1);
      followed.until(put("1", "d"));
      followed.check();
      assertEquals(HISTORY_LOST, followed.failures.getFirst().kind());
    }
  }

  /** Its FETCHes bring few rows each, and more is committed than they came to. */
  @Test
  void shouldSeeThatABacklogWasCutOffWhileItIsRead() {
    keyed();
    database.subscribe("sub", TABLE, Duration.ofSeconds(60));
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      followed.breakStream();
      for (int i = 0; i < 40; i++) {
        put("1", "b" + i);
        database.advance(Duration.ofSeconds(1));
      }
      followed.until(() -> followed.complete() > RisingWaveSimulator.START + 5_000);
      assertEquals(0, followed.resyncs());
      database.advance(Duration.ofSeconds(35)); // what was committed 25 s ago and before is gone
      followed.until(put("1", "c"));
      followed.check();
      assertEquals(HISTORY_LOST, lastKind(followed));
      assertEquals(1, followed.resyncs());
    }
  }

  @Test
  void shouldReadAnewWhenColumnsCameOrWent() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      database.addColumn(TABLE, SimulatedColumn.of("w", "varchar"));
      long at = database.commit(c -> c.put(TABLE, "2", "b", "new"));
      followed.until(at);
      assertEquals(3, followed.source().relation().orElseThrow().columns().size());
      assertEquals(HISTORY_LOST, followed.failures.getFirst().kind());
      database.dropColumn(TABLE, "v");
      at = database.commit(c -> c.put(TABLE, "3", "only"));
      followed.until(at);
      assertEquals(2, followed.source().relation().orElseThrow().columns().size());
      assertEquals(3, followed.freshOpens);
    }
  }

  @Test
  void shouldReadAnewWhenTheTableWasMadeAnew() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      String print = followed.source().relation().orElseThrow().print();
      database.dropTable(TABLE);
      keyed();
      database.advance(Duration.ofSeconds(1));
      followed.until(put("9", "z"));
      assertEquals(2, followed.freshOpens);
      assertNotEquals(print, followed.source().relation().orElseThrow().print());
      assertEquals(1, followed.resyncs());
    }
  }

  @Test
  void shouldTellAnotherEpochForAnotherCluster() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      String epoch = followed.intake().complete().orElseThrow().epoch();
      database.otherCluster();
      server.cutAll();
      followed.until(put("1", "b"));
      assertNotEquals(epoch, followed.intake().complete().orElseThrow().epoch());
      assertEquals(2, followed.freshOpens);
    }
  }

  /** Whatever is wrong with the question is no reason to take the cluster for another one. */
  @ParameterizedTest
  @CsvSource({
    "Permission denied: rw_cluster_id, QUERY",
    "Bind error: function to_timestamp1() does not exist, QUERY",
    "gRPC request to meta service failed: Unavailable, NETWORK"
  })
  void shouldNotTellAnotherEpochWhenTheClusterDoesNotTellItsId(String error, FailureKind kind) {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      String epoch = followed.intake().complete().orElseThrow().epoch();
      followed.breakStream();
      database.refuseClusterId(Optional.of(error));
      followed.turn();
      assertEquals(kind, lastKind(followed));
      assertTrue(
          followed.failures.getLast().message().contains(error), followed.failures::toString);
      database.refuseClusterId(Optional.empty());
      followed.until(put("1", "b"));
      assertEquals(epoch, followed.intake().complete().orElseThrow().epoch());
      assertEquals(1, followed.freshOpens);
      followed.check();
    }
  }

  @Test
  void shouldRefuseASubscriptionOfAnotherTable() {
    keyed();
    database.create("public.other", SimulatedColumn.key("id", "int4"));
    database.subscribe("sub", "public.other", Duration.ofDays(1));
    try (FollowedRelation followed = follow()) {
      followed.turn();
      assertEquals(QUERY, lastKind(followed));
      assertTrue(followed.failures.getLast().message().contains("is not one of public.t"));
    }
  }

  @Test
  void shouldFailLoudlyWhenThereAreMoreRowsThanAllowed() {
    keyed();
    RisingWaveRelation usual = relation();
    RisingWaveRelation small =
        new RisingWaveRelation(
            usual.source(),
            TABLE,
            usual.key(),
            "sub",
            true,
            usual.retention(),
            new SourceLimits(usual.limits().history(), 2, 1 << 20));
    database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", "b").put(TABLE, "3", "c"));
    try (FollowedRelation followed = new FollowedRelation(server, database, small)) {
      followed.turn();
      assertEquals(QUERY, lastKind(followed));
      assertTrue(followed.failures.getLast().message().contains("cache.max-rows"));
    }
  }

  @Test
  void shouldStandStillInTimeWhereNobodySaysHowFarItIs() {
    keyed();
    database.hideHummock();
    try (FollowedRelation followed = follow()) {
      long at = put("1", "a");
      followed.until(at);
      for (int i = 0; i < 50; i++) {
        database.advance(Duration.ofSeconds(1));
        followed.turn();
      }
      assertEquals(at, followed.complete());
      followed.until(put("1", "b"));
      followed.check();
      assertEquals(1, followed.opens);
    }
  }

  @Test
  void shouldProbeAnEndpoint() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      RisingWaveSource source =
          new RisingWaveSource(List.of(FollowedRelation.settings(server)), relation());
      Checkpoint seen = source.probe(0).orElseThrow();
      assertEquals(followed.intake().complete().orElseThrow(), seen);
      server.stopListening();
      assertTrue(source.probe(0).isEmpty());
    }
  }

  @Test
  void shouldEndAStreamThatIsSilent() {
    keyed();
    try (FollowedRelation followed = follow()) {
      followed.until(put("1", "a"));
      database.second(Duration.ofHours(1)); // a FETCH that does not come back
      for (int i = 0; i < 10; i++) {
        followed.turn();
      }
      assertTrue(followed.isOpen());
      followed.breakStream(); // does not wait for it
      while (!server.connections().isEmpty()) {
        Thread.onSpinWait();
      }
    }
  }
}
