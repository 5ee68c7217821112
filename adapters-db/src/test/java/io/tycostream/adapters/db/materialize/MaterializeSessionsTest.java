package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each session of the adapter is set to, as the server has it. */
class MaterializeSessionsTest {

  private static final String CLUSTER = "a \"cluster\" of ours";

  private final MaterializeSimulator database = MaterializeSimulator.start();
  private MzObject table;

  @BeforeEach
  void makeTable() {
    database.clock(1_700_000_000_000L);
    database.cluster(CLUSTER, 1);
    table = database.table("t", MzColumn.int4("id"));
    table.retainHistory(3_600_000);
    table.advance(database.clock() + 1);
  }

  @AfterEach
  void stop() {
    database.close();
    assertEquals(List.of(), database.failures());
  }

  private Following following(Optional<String> cluster) {
    MaterializeSettings settings = Following.settings(database.server());
    return new Following(
        new MaterializeSource(
            List.of(new MaterializeSettings(settings.connection(), cluster, settings.historyId())),
            Following.relation(table, Duration.ofSeconds(10), "id")),
        table);
  }

  private Set<String> ofAll(String variable, boolean streaming) {
    List<String> values = database.settings(variable, streaming);
    assertFalse(values.isEmpty());
    return Set.copyOf(values);
  }

  @Test
  void theStreamAndTheQueriesBesideItRunOnTheConfiguredCluster() throws Exception {
    try (Following following = following(Optional.of(CLUSTER))) {
      following.untilCaughtUp();
      assertEquals(Set.of(CLUSTER), ofAll("cluster", true));
      assertEquals(Set.of(CLUSTER), ofAll("cluster", false));
    }
  }

  @Test
  void withoutOneTheyRunOnTheUsersOwn() throws Exception {
    try (Following following = following(Optional.empty())) {
      following.untilCaughtUp();
      assertEquals(Set.of(MaterializeSimulator.CLUSTER), ofAll("cluster", true));
      assertEquals(Set.of(MaterializeSimulator.CLUSTER), ofAll("cluster", false));
      assertTrue(database.statements().stream().noneMatch(sql -> sql.contains("SET cluster")));
    }
  }

  @Test
  void theServerEndsTheStreamForNoTimeOfItsOwn() throws Exception {
    try (Following following = following(Optional.of(CLUSTER))) {
      following.untilCaughtUp();
      assertEquals(Set.of("0"), ofAll("idle_in_transaction_session_timeout", true));
      assertEquals(Set.of("0"), ofAll("statement_timeout", true));
    }
  }

  @Test
  void eachSessionSaysWhoseItIs() throws Exception {
    try (Following following = following(Optional.of(CLUSTER))) {
      following.untilCaughtUp();
      assertEquals(Set.of("tycostream-test"), ofAll("application_name", true));
      assertEquals(Set.of("tycostream-test"), ofAll("application_name", false));
    }
  }
}
