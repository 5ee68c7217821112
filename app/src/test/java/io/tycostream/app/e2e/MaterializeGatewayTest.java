package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.adapters.db.simulator.materialize.CatalogRows;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.adapters.db.simulator.materialize.MzRow;
import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Faults;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A whole gateway before a simulated Materialize, and a client that compares its rows after every
 * batch with what the relation was at exactly that time.
 */
class MaterializeGatewayTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long START = 1_700_000_000_000L;

  private final MaterializeSimulator database = MaterializeSimulator.start();
  private final Auditor auditor = new Auditor();
  private MzObject orders;
  private GatewayServer gateway;
  private TycostreamClient client;

  /** Compares, and remembers what was wrong. */
  private final class Auditor implements SubscriptionListener {
    final Queue<String> objections = new ConcurrentLinkedQueue<>();
    final Queue<Gap> gaps = new ConcurrentLinkedQueue<>();
    final Queue<String> states = new ConcurrentLinkedQueue<>();
    final AtomicInteger snapshots = new AtomicInteger();
    volatile long at;

    @Override
    public void onSnapshot(Subscription subscription, TableState state) {
      snapshots.incrementAndGet();
      compare(state);
    }

    @Override
    public void onBatch(Subscription subscription, TableBatch batch) {
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
      TreeMap<MzRow, Long> rows = new TreeMap<>();
      for (TableRow row : state.rows()) {
        MzRow values = MzRow.of(row.text("id"), row.isNull("note") ? null : row.text("note"));
        rows.merge(values, 1L, Long::sum);
      }
      if (!rows.equals(orders.state(time)) || Long.compareUnsigned(time, at) < 0) {
        objections.add("from " + at + " to " + time + ": " + rows);
      }
      at = time;
    }
  }

  @BeforeEach
  void start() {
    database.clock(START);
    orders = database.materializedView("orders", MzColumn.int4("id"), MzColumn.text("note"));
    orders.retainHistory(3_600_000);
    orders.insert(START, "1", "a").insert(START, "2", null);
    orders.advance(START + 1);
    gateway = GatewayServer.start(configuration(0), Optional.empty());
    client =
        TycostreamClient.builder("http://127.0.0.1:" + gateway.port())
            .backoff(Duration.ofMillis(10), Duration.ofMillis(100))
            .connect();
    client.subscribe("orders", auditor);
  }

  @AfterEach
  void stop() {
    client.close();
    gateway.close();
    database.close();
    assertEquals(List.of(), List.copyOf(auditor.objections));
    assertEquals(List.of(), database.failures());
  }

  private Configuration configuration(int port) {
    UpstreamSettings upstream =
        new UpstreamSettings(
            Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200), 2, 0.1),
            OptionalInt.empty(),
            Duration.ofSeconds(7),
            Duration.ofSeconds(7),
            Duration.ofSeconds(1),
            Duration.ofMillis(500),
            Duration.ofMinutes(1),
            Duration.ofSeconds(2));
    Configuration.Database environment =
        new Configuration.Database(
            "mz",
            new Configuration.Product.Materialize(Optional.of(MaterializeSimulator.CLUSTER)),
            List.of(
                new Configuration.Endpoint(
                    "127.0.0.1", database.server().port(), "materialize", false, "")),
            "materialize",
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
            "orders",
            "mz",
            "public.orders",
            Optional.of(List.of("id")),
            Optional.empty(),
            SourceLimits.DEFAULT);
    return new Configuration(
        new Configuration.Server("127.0.0.1", port, Set.of(), Optional.empty()),
        List.of(environment),
        List.of(source),
        new Configuration.Clients(
            ClientLimits.DEFAULT, Configuration.Clients.SOCKET_SEND_BUFFER, Optional.empty()),
        new Configuration.Auth.Nobody(),
        "test");
  }

  /** Something happens, and the client gets there. */
  private void write(int id) throws Exception {
    long time = orders.upper() + 3;
    orders.insert(time, Integer.toString(id), "note " + id);
    orders.advance(time + 5);
    awaitClient();
  }

  private void awaitClient() throws Exception {
    long last = orders.upper() - 1;
    Await.until("the client is at " + last, PATIENCE, () -> auditor.at == last);
  }

  @Test
  void shouldResumeOnBothSidesWhateverBreaks() throws Exception {
    awaitClient();
    write(10);
    database.restart();
    write(11);
    database.faults().mute(Faults.Mute.STREAMS);
    long time = orders.upper() + 3;
    orders.insert(time, "12", "told to nobody for a while");
    orders.advance(time + 5);
    Await.until("silence is noticed", PATIENCE, () -> auditor.states.contains("reconnecting"));
    database.faults().unmute();
    awaitClient();
    int port = gateway.port();
    gateway.close();
    long missed = orders.upper() + 3;
    orders.insert(missed, "13", "while the gateway was away");
    orders.advance(missed + 5);
    gateway = GatewayServer.start(configuration(port), Optional.empty());
    awaitClient();
    write(14);
    assertEquals(1, auditor.snapshots.get(), "snapshots");
    assertEquals(List.of(), List.copyOf(auditor.gaps));
  }

  /**
   * A view that has no index is computed anew for each stream, which may take longer than silence
   * may.
   */
  @Test
  void shouldWaitForAPlainViewThatIsReadAgainForLongerThanAStreamMayBeSilent() throws Exception {
    awaitClient();
    database.answer(
        "tycostream:frontiers",
        CatalogRows.of(
            List.of(Column.text("read_frontier"), Column.text("write_frontier")), List::of));
    database.clock(orders.upper() + 500);
    database.restart();
    Await.until("it catches up", PATIENCE, () -> auditor.states.contains("catching-up"));
    long asked = asked("tycostream:frontiers");
    Await.until(
        "30 heartbeats are over", PATIENCE, () -> asked("tycostream:frontiers") > asked + 30);
    assertEquals(1, asked("SNAPSHOT = false"), "streams after the break");
    assertEquals("catching-up", List.copyOf(auditor.states).getLast());
    orders.insert(database.clock(), "50", "meanwhile");
    orders.advance(database.clock() + 1);
    awaitClient();
    Await.until("it is live", PATIENCE, () -> List.copyOf(auditor.states).getLast().equals("live"));
  }

  private long asked(String part) {
    return database.statements().stream().filter(sql -> sql.contains(part)).count();
  }

  @Test
  void shouldTellADifferenceOnceWhenHistoryIsCompacted() throws Exception {
    awaitClient();
    database.stop();
    long time = orders.upper() + 3;
    orders.delete(time, "1", "a").insert(time + 10, "20", "x").delete(time + 20, "20", "x");
    orders.advance(time + 100);
    orders.compact(time + 50);
    database.resume();
    awaitClient();
    write(21);
    assertEquals(1, auditor.snapshots.get(), "snapshots");
    assertEquals(List.of(), List.copyOf(auditor.gaps));
  }

  @Test
  void shouldSayThatARelationNeverChangesAgain() throws Exception {
    awaitClient();
    orders.insert(orders.upper(), "40", "the last one");
    orders.end();
    Await.until("the end is told", PATIENCE, () -> auditor.states.contains("completed"));
    Await.until("the client has it all", PATIENCE, () -> auditor.at == -1);
  }

  @Test
  void shouldSayThatARelationStandsStillAndStayConnected() throws Exception {
    awaitClient();
    Await.until("the stall is told", PATIENCE, () -> auditor.states.contains("stalled"));
    int accepted = database.subscriptions(orders);
    write(30);
    assertEquals(accepted, database.subscriptions(orders));
    assertEquals(List.of(), auditor.states.stream().filter("reconnecting"::equals).toList());
  }
}
