package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.client.Gap;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** A gateway that is stopped and started again helps clients on from where they were. */
class RestartTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What a client has seen, in a word each. */
  private static final class Seen implements SubscriptionListener {
    final Queue<String> words = new ConcurrentLinkedQueue<>();

    @Override
    public void onSnapshot(Subscription subscription, TableState state) {
      words.add("snapshot");
    }

    @Override
    public void onBatch(Subscription subscription, TableBatch batch) {
      words.add(batch.exact() ? "batch" : "resync");
    }

    @Override
    public void onGap(Subscription subscription, Gap gap) {
      words.add("gap");
    }
  }

  private static void execute(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Set<String> rows(Subscription items) {
    Set<String> rows = new TreeSet<>();
    items
        .rows()
        .forEach(row -> rows.add(row.text("id") + (row.columns().size() > 1 ? row.text("v") : "")));
    return rows;
  }

  private static Configuration configuration(EmbeddedPostgres postgres) throws Exception {
    Configuration usual =
        Configuration.onLoopback(
            freePort(),
            Configuration.Database.onLoopback(
                "restart", postgres.port(), postgres.database(), postgres.user()),
            "items",
            "quiet");
    return usual;
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void shouldLeadClientsOnFromBeforeTheRestart() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults())) {
      execute(
          postgres,
          "CREATE TABLE items (id int4 PRIMARY KEY, v text); CREATE TABLE quiet (id int4 PRIMARY"
              + " KEY); INSERT INTO items SELECT i, 'a' FROM generate_series(1, 9) i; INSERT INTO"
              + " quiet VALUES (1)");
      Configuration configuration = configuration(postgres);
      Seen all = new Seen();
      Seen quiet = new Seen();
      GatewayServer gateway = GatewayServer.start(configuration, Optional.empty());
      try (TycostreamClient client =
          TycostreamClient.builder("http://127.0.0.1:" + configuration.server().port())
              .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
              .connect()) {
        Subscription items = client.subscribe("items", all);
        Subscription still = client.subscribe("quiet", quiet);
        Await.until("rows", PATIENCE, () -> rows(items).size() == 9 && rows(still).size() == 1);
        execute(postgres, "UPDATE items SET v = 'b' WHERE id = 1");
        execute(postgres, "DELETE FROM items WHERE id = 2");
        Await.until(
            "changes",
            PATIENCE,
            () -> List.copyOf(all.words).equals(List.of("snapshot", "batch", "batch")));
        assertEquals(8, rows(items).size());

        gateway.close();
        execute(postgres, "UPDATE items SET v = 'c' WHERE id IN (1, 3)");
        execute(postgres, "DELETE FROM items WHERE id = 4");
        execute(postgres, "INSERT INTO items VALUES (2, 'd'), (10, 'd')");
        execute(postgres, "UPDATE items SET id = 11 WHERE id = 5");
        gateway = GatewayServer.start(configuration, Optional.empty());
        execute(postgres, "INSERT INTO items VALUES (12, 'e')");
        Set<String> expected =
            Set.of("1c", "2d", "3c", "6a", "7a", "8a", "9a", "10d", "11a", "12e");
        Await.until("all is right", PATIENCE, () -> rows(items).equals(expected));
        execute(postgres, "INSERT INTO quiet VALUES (2)");
        Await.until(
            "and goes on",
            PATIENCE,
            () -> List.copyOf(quiet.words).equals(List.of("snapshot", "batch")));
        assertEquals(2, rows(still).size());
        Await.until("the difference", PATIENCE, () -> all.words.contains("resync"));
        assertEquals("snapshot", all.words.poll());
        assertEquals(Set.of("batch", "resync"), Set.copyOf(all.words));
        assertEquals(1, all.words.stream().filter("resync"::equals).count());
      } finally {
        gateway.close();
      }
    }
  }
}
