package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.Faults;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.client.Gap;
import io.tycostream.client.SourceState;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableRow;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A whole gateway before a simulated RisingWave, and a client that compares its rows after every
 * batch with what the table was at exactly that time.
 */
class RisingWaveGatewayTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TABLE = "public.trades";

  private final RisingWaveSimulator database = new RisingWaveSimulator();
  private final WireServer server = WireServer.listening(database);
  private final Auditor auditor = new Auditor();
  private GatewayServer gateway;
  private TycostreamClient client;

  /** Compares, and remembers what was wrong. */
  private final class Auditor implements SubscriptionListener {
    final Queue<String> objections = new ConcurrentLinkedQueue<>();
    final Queue<Gap> gaps = new ConcurrentLinkedQueue<>();
    final Queue<String> states = new ConcurrentLinkedQueue<>();
    final AtomicInteger snapshots = new AtomicInteger();
    final AtomicInteger resyncs = new AtomicInteger();
    volatile long at;

    @Override
    public void onSnapshot(Subscription subscription, TableState state) {
      snapshots.incrementAndGet();
      compare(state);
    }

    @Override
    public void onBatch(Subscription subscription, TableBatch batch) {
      if (!batch.exact()) {
        resyncs.incrementAndGet();
      }
      compare(subscription.state());
    }

    @Override
    public void onProgress(Subscription subscription, String position) {
      compare(subscription.state());
    }

    @Override
    public void onGap(Subscription subscription, Gap gap) {
      gaps.add(gap);
    }

    @Override
    public void onSourceState(Subscription subscription, SourceState status) {
      states.add(status.state());
    }

    private void compare(TableState state) {
      long time = Position.parse(state.position().orElseThrow()).orElseThrow().time();
      TreeSet<String> rows = new TreeSet<>();
      for (TableRow row : state.rows()) {
        rows.add(Arrays.asList(row.text("id"), row.isNull("v") ? null : row.text("v")).toString());
      }
      TreeSet<String> there = new TreeSet<>();
      database.state(TABLE, time).forEach(row -> there.add(row.toString()));
      if (!rows.equals(there) || time < at) {
        objections.add("from " + at + " to " + time + ": " + rows + " instead of " + there);
      }
      at = time;
    }
  }

  @BeforeEach
  void start() {
    database.create(TABLE, SimulatedColumn.key("id", "int4"), SimulatedColumn.of("v", "varchar"));
    long unused = database.commit(c -> c.put(TABLE, "1", "a").put(TABLE, "2", null));
    gateway = GatewayServer.start(configuration(0), Optional.empty());
    client =
        TycostreamClient.builder("http://127.0.0.1:" + gateway.port())
            .backoff(Duration.ofMillis(10), Duration.ofMillis(100))
            .connect();
    client.subscribe("trades", auditor);
  }

  @AfterEach
  void stop() {
    client.close();
    gateway.close();
    server.close();
    assertEquals(List.of(), List.copyOf(auditor.objections));
    assertEquals(List.of(), server.failures());
  }

  private Configuration configuration(int port) {
    UpstreamSettings upstream =
        new UpstreamSettings(
            Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200), 2, 0.1),
            OptionalInt.empty(),
            Duration.ofSeconds(7),
            Duration.ofSeconds(7),
            Duration.ofSeconds(1),
            UpstreamSettings.DEFAULT.stallAfter(),
            Duration.ofMinutes(1),
            Duration.ofSeconds(2));
    Configuration.Database cluster =
        new Configuration.Database(
            "rw",
            new Configuration.Product.RisingWave(),
            List.of(new Configuration.Endpoint(server.host(), server.port(), "dev", false, "")),
            "root",
            "",
            "disable",
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofMillis(100),
            Configuration.Database.POOL_SIZE,
            upstream,
            "");
    Configuration.StreamedTable source =
        new Configuration.StreamedTable(
            "trades",
            "rw",
            TABLE,
            Optional.empty(),
            Optional.of(new Configuration.Subscription("trades_sub", true)),
            SourceLimits.DEFAULT);
    return new Configuration(
        new Configuration.Server("127.0.0.1", port, Set.of(), Optional.empty()),
        List.of(cluster),
        List.of(source),
        new Configuration.Clients(
            ClientLimits.DEFAULT, Configuration.Clients.SOCKET_SEND_BUFFER, Optional.empty()),
        new Configuration.Auth.Nobody(),
        "test");
  }

  private long put(int id) {
    return database.commit(
        c -> c.put(TABLE, Integer.toString(id), "v" + id).put(TABLE, "1", "after " + id));
  }

  private void awaitClient(long time) throws Exception {
    Await.until("the client is at " + time, PATIENCE, () -> auditor.at >= time);
  }

  private void awaitState(String state) throws Exception {
    Await.until(state + " is told: " + auditor.states, PATIENCE, () -> last().equals(state));
  }

  private String last() {
    List<String> told = new ArrayList<>(auditor.states);
    return told.isEmpty() ? "" : told.getLast();
  }

  @Test
  void shouldResumeOnBothSidesWhateverBreaks() throws Exception {
    awaitClient(put(10));
    awaitState("live");
    server.cutAll();
    awaitClient(put(11));
    awaitState("live");
    assertTrue(auditor.states.contains("reconnecting"), auditor.states::toString);
    auditor.states.clear();

    server.faults().mute(Faults.Mute.STREAMS); // half open: others are answered
    long hidden = put(12);
    Await.until("silence is noticed", PATIENCE, () -> auditor.states.contains("reconnecting"));
    assertTrue(auditor.at < hidden, "it was told to nobody");
    server.faults().unmute();
    awaitClient(hidden);
    awaitState("live");
    assertTrue(auditor.states.contains("catching-up"), auditor.states::toString);

    database.loseCursors();
    awaitClient(put(13));

    int port = gateway.port();
    gateway.close();
    long missed = put(14);
    gateway = GatewayServer.start(configuration(port), Optional.empty());
    awaitClient(missed);
    awaitClient(put(15));
    assertEquals(1, auditor.snapshots.get(), "snapshots");
    assertEquals(0, auditor.resyncs.get(), "all of it was in the log");
    assertEquals(List.of(), List.copyOf(auditor.gaps));
  }

  @Test
  void shouldTellOneDifferenceWhenHistoryIsLost() throws Exception {
    awaitClient(put(20));
    awaitState("live");
    server.stopListening();
    server.cutAll();
    database.unsubscribe("trades_sub");
    long unlogged = database.commit(c -> c.remove(TABLE, "1").put(TABLE, "21", "in no log"));
    database.subscribe("trades_sub", TABLE, Duration.ofDays(1));
    put(22);
    Await.until("it is told", PATIENCE, () -> auditor.states.contains("reconnecting"));
    server.listen();
    awaitClient(unlogged);
    awaitState("live");
    awaitClient(put(23));
    server.cutAll(); // and what follows is resumed as ever
    awaitClient(put(24));
    assertEquals(1, auditor.resyncs.get(), "resyncs");
    assertEquals(1, auditor.snapshots.get(), "snapshots");
    assertEquals(List.of(), List.copyOf(auditor.gaps));
  }

  @Test
  void shouldSayThatADatabaseIsAwayAndServeItsRowsMeanwhile() throws Exception {
    awaitClient(put(30));
    server.stopListening();
    server.cutAll();
    awaitState("reconnecting");
    Auditor late = new Auditor();
    try (TycostreamClient other =
        TycostreamClient.builder("http://127.0.0.1:" + gateway.port()).connect()) {
      other.subscribe("trades", late);
      Await.until("old rows are told", PATIENCE, () -> late.snapshots.get() == 1);
      Await.until(
          "that they are old is told", PATIENCE, () -> late.states.contains("reconnecting"));
      server.listen();
      long back = put(31);
      awaitClient(back);
      Await.until("the other client is there", PATIENCE, () -> late.at >= back);
    }
    assertEquals(List.of(), List.copyOf(late.objections));
    assertEquals(0, auditor.resyncs.get());
  }
}
