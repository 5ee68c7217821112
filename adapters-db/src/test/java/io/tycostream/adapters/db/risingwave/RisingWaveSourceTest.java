package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RisingWaveSourceTest {

  private static final String TABLE = "public.t";

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

  private FollowedRelation follow(Duration history) {
    return new FollowedRelation(
        server, database, FollowedRelation.relation(TABLE, Optional.empty(), history));
  }

  @Test
  void shouldTellAllRowsAndThenEveryChange() {
    keyed();
    database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", null));
    try (FollowedRelation followed = follow(Duration.ofMinutes(1))) {
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
    try (FollowedRelation followed = follow(Duration.ofMinutes(1))) {
      followed.until(() -> followed.complete() > 0);
      long start = followed.complete();
      long wanted = database.now() + 5_000;
      followed.until(() -> {
        database.advance(Duration.ofMillis(500));
        return followed.complete() >= wanted;
      });
      assertTrue(followed.complete() > start);
      followed.check();
    }
  }
}
