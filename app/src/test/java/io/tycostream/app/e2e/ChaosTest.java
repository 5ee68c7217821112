package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.client.ConnectionState;
import io.tycostream.client.Subscription;
import io.tycostream.client.TableColumn;
import io.tycostream.client.TableRow;
import io.tycostream.client.TycostreamClient;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The promise of tycostream on a real PostgreSQL: while a random workload runs, the database's
 * connection is terminated, cut, left half open, the server killed and paused, and clients are
 * dropped in the middle of a frame or left half open; and after every single batch every client
 * holds exactly what the database held after that transaction, gets every transaction once and in
 * order, and never a second snapshot or a gap.
 *
 * <p>The seed and the number of rounds can be given: {@code -Dchaos.seed=… -Dchaos.rounds=…}.
 */
class ChaosTest {

  private static final int CLIENTS = 4;
  private static final int ROUNDS = Integer.getInteger("chaos.rounds", 1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Short enough that what is half open is noticed within the test. */
  private static final Duration SILENCE = Duration.ofMillis(1_500);

  private static final Duration CLIENT_HEARTBEAT = Duration.ofMillis(500);

  private enum Fault {
    WALSENDER_TERMINATED,
    DATABASE_CONNECTION_RESET,
    DATABASE_CONNECTION_CUT_INSIDE_A_MESSAGE,
    DATABASE_CONNECTION_HALF_OPEN,
    DATABASE_KILLED,
    DATABASE_PAUSED,
    CLIENTS_RESET,
    CLIENTS_CUT_INSIDE_A_FRAME,
    CLIENTS_HALF_OPEN,
  }

  @Test
  void shouldGiveEveryClientEveryTransactionOnceWhateverBreaks() throws Exception {
    follow(round -> round < ROUNDS);
  }

  /**
   * All times are a tenth of what they are by default, so that what takes three minutes stands for
   * half an hour.
   */
  @Test
  @Tag("long")
  void shouldDoSoForHalfAnHourInATenthOfTheTime() throws Exception {
    long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
    follow(round -> System.nanoTime() < end);
  }

  private static void follow(IntPredicate more) throws Exception {
    long seed = Long.getLong("chaos.seed", System.nanoTime());
    String replay = "seed " + seed;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Books books = new Books();
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults().withFsync(true));
        Teller teller = new Teller(postgres.jdbcUrl(), seed, Duration.ofMillis(3), books);
        FaultProxy toDatabase = new FaultProxy(postgres.host(), postgres.port());
        GatewayServer gateway =
            GatewayServer.start(configuration(postgres, toDatabase), Optional.empty());
        FaultProxy toGateway = new FaultProxy("127.0.0.1", gateway.port());
        Crowd crowd = new Crowd(toGateway, books)) {
      teller.start();
      crowd.awaitAtLeast(teller.committed(), replay);

      int performed = 0;
      for (int round = 0; more.test(round); round++) {
        List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
        Collections.shuffle(faults, new Random(seed + round));
        for (Fault fault : faults) {
          int before = crowd.connections();
          perform(fault, postgres, toDatabase, toGateway, random);
          performed++;
          // Not merely alive again: at something that was committed after the fault.
          long target = teller.committed() + 5;
          Await.until(
              "the teller goes on, " + replay, PATIENCE, () -> teller.committed() >= target);
          crowd.awaitAtLeast(target, replay + ", after " + fault);
          if (fault.name().startsWith("CLIENTS")) {
            Await.until(
                "all clients came back, " + replay,
                PATIENCE,
                () -> crowd.connections() >= before + CLIENTS);
          }
        }
      }

      teller.finish();
      crowd.awaitAtLeast(teller.committed(), replay);
      crowd.leaveNothingToObjectTo(replay);
      crowd.equalDatabase(postgres.jdbcUrl(), replay);
      System.out.print(
          String.format(
              "proof: PostgreSQL under %d faults on both legs: %d transactions to each of %d"
                  + " clients, each once and in order (%s)%n",
              performed, teller.committed(), CLIENTS, replay));
    }
  }

  private static void perform(
      Fault fault,
      EmbeddedPostgres postgres,
      FaultProxy toDatabase,
      FaultProxy toGateway,
      RandomGenerator random)
      throws Exception {
    switch (fault) {
      case WALSENDER_TERMINATED -> Hasty.terminateWalsenders(postgres.jdbcUrl());
      case DATABASE_CONNECTION_RESET -> toDatabase.reset();
      case DATABASE_CONNECTION_CUT_INSIDE_A_MESSAGE ->
          toDatabase.resetAfter(random.nextInt(1, 20_000));
      case DATABASE_CONNECTION_HALF_OPEN -> toDatabase.freeze();
      case DATABASE_KILLED -> {
        postgres.kill();
        postgres.start();
      }
      case DATABASE_PAUSED -> {
        postgres.pause();
        try {
          awaitLongerThan(SILENCE);
        } finally {
          postgres.resume();
        }
      }
      case CLIENTS_RESET -> toGateway.reset();
      case CLIENTS_CUT_INSIDE_A_FRAME -> toGateway.resetAfter(random.nextInt(1, 20_000));
      case CLIENTS_HALF_OPEN -> toGateway.freeze();
    }
  }

  private static void awaitLongerThan(Duration silence) throws Exception {
    long until = System.nanoTime() + silence.plusMillis(500).toNanos();
    Await.until("the pause to last", PATIENCE, () -> System.nanoTime() - until > 0);
  }

  private static Configuration configuration(EmbeddedPostgres postgres, FaultProxy proxy) {
    return new Configuration(
        new Configuration.Server("127.0.0.1", 0, Set.of(), Optional.empty()),
        List.of(
            Hasty.database(postgres, proxy, "tycostream_chaos", Duration.ofSeconds(3), SILENCE)),
        List.of(
            Configuration.StreamedTable.named(Teller.ACCOUNTS, Hasty.DATABASE),
            Configuration.StreamedTable.named(Teller.JOURNAL, Hasty.DATABASE)),
        new Configuration.Clients(
            Hasty.limits(CLIENT_HEARTBEAT),
            Configuration.Clients.SOCKET_SEND_BUFFER,
            Optional.empty()),
        new Configuration.Auth.Nobody(),
        "chaos");
  }

  /** Several clients, each with an auditor for each table. */
  private static final class Crowd implements AutoCloseable {
    private final List<TycostreamClient> clients = new ArrayList<>();
    private final List<Auditor> auditors = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    Crowd(FaultProxy gateway, Books books) {
      for (int i = 0; i < CLIENTS; i++) {
        TycostreamClient client =
            TycostreamClient.builder("http://127.0.0.1:" + gateway.port())
                .clientId("auditor-" + i)
                .backoff(Duration.ofMillis(10), Duration.ofMillis(300))
                .connectTimeout(Duration.ofSeconds(2))
                .connectionListener(state -> {
                  if (state instanceof ConnectionState.Open) {
                    connections.incrementAndGet();
                  }
                })
                .connect();
        clients.add(client);
        for (String table : List.of(Teller.ACCOUNTS, Teller.JOURNAL)) {
          Auditor auditor = new Auditor("client " + i + " at " + table, books);
          auditors.add(auditor);
          subscriptions.add(client.subscribe(table, auditor));
        }
      }
    }

    /** How often any client was welcomed. */
    int connections() {
      return connections.get();
    }

    void awaitAtLeast(long transaction, String where) throws Exception {
      try {
        Await.until(
            "all clients at transaction " + transaction + ", " + where,
            PATIENCE,
            () ->
                auditors.stream()
                    .allMatch(each -> each.at() >= transaction || !each.objections().isEmpty()));
      } catch (AssertionError late) {
        throw new AssertionError(
            late.getMessage() + "; they are at " + auditors.stream().map(Auditor::at).toList(),
            late);
      }
      leaveNothingToObjectTo(where);
    }

    void leaveNothingToObjectTo(String where) {
      for (Auditor auditor : auditors) {
        assertEquals(List.of(), auditor.objections(), where);
        assertEquals(1, auditor.snapshots(), "snapshots, " + where);
      }
    }

    void equalDatabase(String jdbcUrl, String where) throws SQLException {
      assertTrue(auditors.stream().allMatch(each -> each.batches() > 0), where);
      for (Subscription subscription : subscriptions) {
        Map<String, List<String>> held = new TreeMap<>();
        for (TableRow row : subscription.rows()) {
          List<String> values =
              row.columns().stream().map(TableColumn::name).map(row::text).toList();
          held.put(values.getFirst(), values);
        }
        Map<String, List<String>> expected = new TreeMap<>();
        Teller.rows(jdbcUrl, subscription.source())
            .forEach(row -> expected.put(row.getFirst(), row));
        assertEquals(expected, held, where);
      }
    }

    @Override
    public void close() {
      clients.forEach(TycostreamClient::close);
    }
  }
}
