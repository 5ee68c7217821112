package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.session.SessionSettings;
import java.net.http.HttpClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Everybody is cut off at once, while the table goes on changing, and everybody comes back at once,
 * without waiting as a kind client would: half of them with a filter that nobody else has, and each
 * time a third to the other node. All are led on from where they were.
 */
class MassReturnTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** 50 transactions a second of 20 rows each. */
  private static final int ROWS_OF_A_TRANSACTION = 20;

  private static final long TRANSACTION_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int ROWS_OF_AN_OWNER = 2;

  @Test
  void shouldLeadAHundredClientsOn() throws Exception {
    follow(100, 2);
  }

  @Test
  @Tag("long")
  void shouldLeadTwoThousandClientsOn() throws Exception {
    follow(2_000, 6);
  }

  private static void follow(int count, int rounds) throws Exception {
    int owners = count / 2;
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults())) {
      execute(postgres, "CREATE TABLE items (id int4 PRIMARY KEY, owner int4, version int4)");
      execute(
          postgres,
          "INSERT INTO items SELECT i, i %% %d, 0 FROM generate_series(0, %d) i"
              .formatted(owners, owners * ROWS_OF_AN_OWNER - 1));
      try (GatewayServer first = gateway(postgres, "first");
          GatewayServer second = gateway(postgres, "second")) {
        HttpClient http = HttpClient.newHttpClient();
        try {
          follow(count, rounds, postgres, new int[] {first.port(), second.port()}, http);
        } finally {
          http.shutdownNow(); // its close() waits for the connections to end by themselves
        }
      }
    }
  }

  private static void follow(
      int count, int rounds, EmbeddedPostgres postgres, int[] ports, HttpClient http)
      throws Exception {
    int owners = count / 2;
    int[] at = new int[count];
    Returning.Reader reader = new Returning.Reader(2_000);
    List<Returning> clients =
        IntStream.range(0, count)
            .mapToObj(i ->
                new Returning(
                    http,
                    reader,
                    "client-" + i,
                    owners * ROWS_OF_AN_OWNER,
                    i % 2 == 0 ? OptionalInt.empty() : OptionalInt.of(i / 2)))
            .toList();
    clients.forEach(client -> client.visit(ports[0]));
    awaitAll(clients, "the first rows");
    List<Long> cold = new ArrayList<>();
    List<Long> nanos = new ArrayList<>();
    int sessions = 0;
    int transactions;
    try (Writer writer = new Writer(postgres, owners * ROWS_OF_AN_OWNER)) {
      for (int round = 0; round < rounds; round++) {
        writer.awaitMore(50);
        long cut = System.nanoTime();
        clients.forEach(Returning::cut);
        for (int i = 0; i < count; i++) {
          if (i % 3 == round % 3) {
            at[i] = 1 - at[i];
          }
          clients.get(i).visit(ports[at[i]]);
        }
        awaitAll(clients, "round " + round);
        for (Returning client : clients) {
          Returning.Arrival arrival = client.arrival().orElseThrow();
          (round == 0 ? cold : nanos).add(arrival.atNanos() - cut);
          sessions += arrival.resumed() ? 1 : 0;
        }
      }
      writer.awaitMore(50);
      transactions = writer.finish();
    }
    long[] rows = rows(postgres);
    for (Returning client : clients) {
      Await.until(
          "everybody is at the end",
          PATIENCE,
          () -> !client.objections().isEmpty() || client.has(rows(rows, client, owners)));
      assertEquals(List.of(), client.objections());
    }
    Collections.sort(nanos);
    System.out.print(
        String.format(
            "proof: %,d clients cut off at once, %d times, during %,d transactions of %d rows: each"
                + " came back by replay, %,d of %,d by their session, none by a snapshot, nothing"
                + " lost or repeated; caught up after %,d ms (median), %,d ms (the last); the first"
                + " time, when the JVM is cold, %,d ms%n",
            count,
            rounds,
            transactions,
            ROWS_OF_A_TRANSACTION,
            sessions,
            count * rounds,
            TimeUnit.NANOSECONDS.toMillis(nanos.get(nanos.size() / 2)),
            TimeUnit.NANOSECONDS.toMillis(nanos.getLast()),
            TimeUnit.NANOSECONDS.toMillis(Collections.max(cold))));
  }

  private static GatewayServer gateway(EmbeddedPostgres postgres, String node) throws Exception {
    Configuration usual =
        Configuration.onLoopback(
            0,
            Configuration.Database.onLoopback(
                node, postgres.port(), postgres.database(), postgres.user()),
            "items");
    ClientLimits limits = usual.clients().limits();
    return GatewayServer.start(
        new Configuration(
            usual.server(),
            usual.databases(),
            usual.sources(),
            new Configuration.Clients(
                new ClientLimits(
                    limits.maxConnections(),
                    limits.maxSubscriptions(),
                    limits.maxRequest(),
                    limits.maxMessage(),
                    limits.requestsPerSecond(),
                    limits.maxWaiting(),
                    limits.requestPatience(),
                    limits.buffers(),
                    limits.sustainedFor(),
                    new SessionSettings(
                        PATIENCE, // the machine may be slow, with all clients on it, too
                        PATIENCE,
                        limits.times().closePatience(),
                        limits.times().ttl())),
                usual.clients().socketSendBuffer(),
                usual.clients().resumeSecret()),
            usual.auth(),
            usual.node()),
        Optional.empty());
  }

  private static void awaitAll(List<Returning> clients, String what) throws Exception {
    for (Returning client : clients) {
      Await.until(
          what, PATIENCE, () -> client.arrival().isPresent() || !client.objections().isEmpty());
      assertEquals(List.of(), client.objections(), what);
    }
  }

  /** What a client has to hold at the end. */
  private static long[] rows(long[] all, Returning client, int owners) {
    long[] rows = all.clone();
    client
        .owner()
        .ifPresent(owner -> Arrays.setAll(rows, id -> id % owners == owner ? rows[id] : -1));
    return rows;
  }

  private static long[] rows(EmbeddedPostgres postgres) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT version FROM items ORDER BY id")) {
      List<Long> rows = new ArrayList<>();
      while (result.next()) {
        rows.add(result.getLong(1));
      }
      return rows.stream().mapToLong(Long::longValue).toArray();
    }
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Updates rows at a steady rate, as far as the machine allows. */
  private static final class Writer implements AutoCloseable {
    private final EmbeddedPostgres postgres;
    private final int rows;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Future<?> work;
    private final AtomicInteger committed = new AtomicInteger();
    private volatile boolean finished;

    Writer(EmbeddedPostgres postgres, int rows) {
      this.postgres = postgres;
      this.rows = rows;
      this.work = thread.submit(this::write);
    }

    private Void write() throws SQLException {
      Random random = new Random(1);
      try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
          PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE items SET version = version + 1 WHERE id = ANY(?)")) {
        long next = System.nanoTime();
        while (!finished) {
          Object[] ids =
              random.ints(0, rows).distinct().limit(ROWS_OF_A_TRANSACTION).boxed().toArray();
          update.setArray(1, connection.createArrayOf("int4", ids));
          update.executeUpdate();
          committed.incrementAndGet();
          next += TRANSACTION_NANOS;
          LockSupport.parkNanos(next - System.nanoTime());
        }
      }
      return null;
    }

    /** Waits for so many more transactions. */
    void awaitMore(int transactions) throws Exception {
      int target = committed.get() + transactions;
      Await.until("the writer goes on", PATIENCE, () -> committed.get() >= target || work.isDone());
    }

    /** Ends the work; how many transactions it came to. */
    int finish() throws Exception {
      finished = true;
      work.get();
      return committed.get();
    }

    @Override
    public void close() {
      finished = true;
      thread.shutdown();
    }
  }
}
