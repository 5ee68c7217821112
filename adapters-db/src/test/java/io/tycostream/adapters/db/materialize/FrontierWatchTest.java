package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.adapters.db.simulator.wire.Faults;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrontierWatchTest {

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final MaterializeSimulator database = MaterializeSimulator.start();
  private final MzObject table = database.table("t", MzColumn.int4("id"));
  private final AtomicLong nanos = new AtomicLong();
  private final Connections connections =
      MaterializeSource.connections(
          Following.settings(database.server(), Duration.ofNanos(SECOND)));
  private final FrontierWatch watch =
      new FrontierWatch(connections, new Catalogue(connections.queries()), table.id(), nanos::get);

  @AfterEach
  void stop() {
    connections.abort();
    database.close();
    assertEquals(List.of(), database.failures());
  }

  private void awaitExplained() throws StreamException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!watch.explains(table.upper())) {
      assertTrue(System.nanoTime() < deadline, "nothing explains the silence");
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Silence is looked into after a heartbeat, and a look holds until the next one is overdue. */
  @Test
  void looksAfterEachHeartbeatOfSilence() throws Exception {
    nanos.addAndGet(SECOND - 1);
    assertFalse(watch.explains(table.upper()));
    assertEquals(0, looks());
    nanos.addAndGet(1);
    awaitExplained();
    assertEquals(1, looks());
    nanos.addAndGet(SECOND - 1);
    assertTrue(watch.explains(table.upper()));
    assertEquals(1, looks());
  }

  @Test
  void aLookThatBeganBeforeTheStreamWasHeardExplainsNothing() throws Exception {
    nanos.addAndGet(SECOND);
    awaitExplained(); // so that there is a connection already
    nanos.addAndGet(SECOND);
    database.faults().mute(Faults.Mute.ALL);
    assertTrue(watch.explains(table.upper()));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (looks() < 2) {
      assertTrue(System.nanoTime() < deadline, "no second look");
      LockSupport.parkNanos(1_000_000);
    }
    nanos.addAndGet(SECOND / 10);
    watch.heard();
    database.faults().unmute();
    for (int poll = 0; poll < 100; poll++) { // while the look comes to its end
      LockSupport.parkNanos(1_000_000);
      assertFalse(watch.explains(table.upper()));
    }
    nanos.addAndGet(SECOND);
    awaitExplained();
    assertEquals(3, looks());
  }

  private long looks() {
    return database.statements().stream()
        .filter(sql -> sql.contains("tycostream:frontiers"))
        .count();
  }
}
