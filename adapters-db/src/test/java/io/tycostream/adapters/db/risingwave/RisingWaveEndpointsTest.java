package io.tycostream.adapters.db.risingwave;

import static io.tycostream.domain.upstream.FailureKind.BEHIND;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.upstream.Checkpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two endpoints: frontends of one cluster, or one that says it is the same cluster and is not as
 * far, which only a copy or a backup can be.
 */
class RisingWaveEndpointsTest {

  private static final String TABLE = "public.t";

  private final RisingWaveSimulator database = new RisingWaveSimulator();
  private final RisingWaveSimulator earlier = new RisingWaveSimulator();
  private final WireServer first = WireServer.listening(database);
  private final WireServer second = WireServer.listening(database);
  private final WireServer behind = WireServer.listening(earlier);

  @BeforeEach
  void make() {
    for (RisingWaveSimulator each : List.of(database, earlier)) {
      each.create(TABLE, SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "varchar"));
      each.subscribe("sub", TABLE, Duration.ofDays(1));
    }
  }

  @AfterEach
  void end() {
    for (WireServer server : List.of(first, second, behind)) {
      server.close();
      assertEquals(List.of(), server.failures());
    }
  }

  private static RisingWaveSettings settings(WireServer server, boolean replica, String historyId) {
    ConnectionSettings usual = FollowedRelation.settings(server).connection();
    return new RisingWaveSettings(
        new ConnectionSettings(
            new DatabaseEndpoint("RisingWave", server.host(), server.port(), "dev", replica, ""),
            usual.user(),
            usual.password(),
            usual.sslMode(),
            usual.connectTimeout(),
            usual.queryTimeout(),
            usual.heartbeatInterval(),
            usual.silenceLimit(),
            usual.poolSize(),
            usual.applicationName()),
        historyId);
  }

  private FollowedRelation follow(RisingWaveSettings... endpoints) {
    RisingWaveRelation relation =
        FollowedRelation.relation(TABLE, Optional.empty(), Duration.ofMinutes(10));
    RisingWaveSource changes =
        new RisingWaveSource(List.of(endpoints), relation, FollowedRelation.FAST);
    return new FollowedRelation(database, relation, changes);
  }

  private long put(String id, String value) {
    return database.commit(c -> c.put(TABLE, id, value));
  }

  @Test
  void shouldGoOnExactlyAtAnotherFrontendAndBack() {
    try (FollowedRelation followed =
        follow(settings(first, false, ""), settings(second, false, ""))) {
      followed.until(put("1", "a"));
      for (int i = 0; i < 6; i++) {
        (followed.endpoint == 0 ? first : second).stopListening();
        first.cutAll();
        second.cutAll();
        long missed = put("1", "b" + i);
        followed.endpoint = 1 - followed.endpoint;
        followed.until(missed);
        followed.until(put("2", "c" + i));
        (followed.endpoint == 0 ? second : first).listen();
      }
      followed.check();
      assertEquals(1, followed.freshOpens);
      assertEquals(0, followed.resyncs());
    }
  }

  @Test
  void shouldWaitForAReplicaThatIsNotYetWhereWeAre() {
    try (FollowedRelation followed =
        follow(settings(first, false, ""), settings(behind, true, ""))) {
      database.advance(Duration.ofMinutes(1));
      long complete = put("1", "a");
      followed.until(complete);
      followed.breakStream();
      followed.endpoint = 1;
      followed.turn();
      assertEquals(BEHIND, followed.failures.getLast().kind(), followed.failures::toString);
      assertTrue(
          followed.failures.getLast().message().contains("lags behind us by"),
          followed.failures::toString);
      followed.turn();
      assertEquals(BEHIND, followed.failures.getLast().kind());
      assertEquals(complete, followed.complete(), "it never goes backwards");
      assertEquals(1, followed.freshOpens, "and reads nothing anew there");
      followed.endpoint = 0;
      followed.until(put("1", "b"));
      followed.check();
      assertEquals(0, followed.resyncs());
    }
  }

  @Test
  void shouldRefuseADatabaseThatWasSetBackUntilTheHistoryIdIsAnother() {
    try (FollowedRelation followed =
        follow(
            settings(first, false, ""),
            settings(behind, false, ""),
            settings(behind, false, "restored"))) {
      database.advance(Duration.ofMinutes(1));
      long complete = put("1", "a");
      followed.until(complete);
      String epoch = followed.intake().complete().map(Checkpoint::epoch).orElseThrow();
      followed.breakStream();
      followed.endpoint = 1;
      followed.turn();
      assertEquals(QUERY, followed.failures.getLast().kind(), followed.failures::toString);
      assertTrue(
          followed.failures.getLast().message().contains("set a new history-id"),
          followed.failures::toString);
      assertEquals(complete, followed.complete());

      followed.endpoint = 2;
      followed.until(() ->
          followed
              .intake()
              .complete()
              .filter(at -> at.epoch().equals(epoch + "-restored"))
              .isPresent());
      assertTrue(followed.complete() < complete, "another history has times of its own");
      assertEquals(1, followed.resyncs());
      assertEquals(0, followed.source().figures().orElseThrow().rows());
    }
  }
}
