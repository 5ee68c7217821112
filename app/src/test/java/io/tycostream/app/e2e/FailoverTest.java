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
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Several endpoints, and a server that is not the one that it was. */
class FailoverTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What a client has seen. */
  private static final class Seen implements SubscriptionListener {
    final Queue<String> interruptions = new ConcurrentLinkedQueue<>();
    final AtomicInteger snapshots = new AtomicInteger();
    volatile String position = "";

    @Override
    public void onSnapshot(Subscription subscription, TableState state) {
      snapshots.incrementAndGet();
      position = state.position().orElse("");
    }

    @Override
    public void onBatch(Subscription subscription, TableBatch batch) {
      position = batch.position();
    }

    @Override
    public void onGap(Subscription subscription, Gap gap) {
      interruptions.add(gap.toString());
    }
  }

  private static Configuration configuration(EmbeddedPostgres... servers) {
    UpstreamSettings usual = UpstreamSettings.DEFAULT;
    UpstreamSettings upstream =
        new UpstreamSettings(
            Backoff.exponential(Duration.ofMillis(20), Duration.ofMillis(200), 2, 0.1),
            OptionalInt.empty(),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(2),
            usual.stallAfter(),
            usual.alertAfter(),
            Duration.ofMillis(500));
    Configuration.Database database =
        new Configuration.Database(
            "main",
            new Configuration.Product.Postgres(
                "tycostream_failover", "tycostream", Configuration.Product.Postgres.MAX_SLOT_WAL),
            List.of(servers).stream()
                .map(server ->
                    new Configuration.Endpoint(
                        server.host(), server.port(), server.database(), false, ""))
                .toList(),
            servers[0].user(),
            "",
            "disable",
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofMillis(200),
            Configuration.Database.POOL_SIZE,
            upstream,
            "");
    Configuration all = Configuration.onLoopback(0, database, "items");
    return new Configuration(
        all.server(), all.databases(), all.sources(), all.clients(), all.auth(), "failover");
  }

  private static void execute(EmbeddedPostgres server, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Set<String> ids(Subscription items) {
    Set<String> ids = new TreeSet<>();
    items.rows().forEach(row -> ids.add(row.text("id")));
    return ids;
  }

  private static TycostreamClient client(GatewayServer gateway) {
    return TycostreamClient.builder("http://127.0.0.1:" + gateway.port()).connect();
  }

  private static String sources(GatewayServer gateway) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + gateway.port() + "/v1/sources");
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void shouldGoOnAtAStandbyThatIsPromotedWhenThePrimaryIsKilled() throws Exception {
    EmbeddedPostgres.Options options = EmbeddedPostgres.Options.defaults();
    try (EmbeddedPostgres primary = EmbeddedPostgres.start(options)) {
      execute(primary, "CREATE TABLE items (id int4 PRIMARY KEY); INSERT INTO items VALUES (1)");
      primary.stop();
      try (EmbeddedPostgres standby = EmbeddedPostgres.startStandby(primary, options)) {
        primary.start();
        Configuration configuration = configuration(primary, standby);
        Seen seen = new Seen();
        try (GatewayServer gateway = GatewayServer.start(configuration, Optional.empty());
            TycostreamClient client = client(gateway)) {
          Subscription items = client.subscribe("items", seen);
          execute(primary, "INSERT INTO items VALUES (2)");
          Await.until("two rows", PATIENCE, () -> ids(items).equals(Set.of("1", "2")));
          Await.until(
              "positions of the first timeline", PATIENCE, () -> seen.position.contains("-1."));
          Await.until("the standby has it too", PATIENCE, () -> count(standby) == 2);

          primary.kill();
          Await.until(
              "the standby is not followed yet",
              PATIENCE,
              () -> sources(gateway).contains("is a standby for now"));
          assertEquals(Set.of("1", "2"), ids(items));
          execute(standby, "SELECT pg_promote()");
          execute(standby, "INSERT INTO items VALUES (3)");
          Await.until("three rows", PATIENCE, () -> ids(items).equals(Set.of("1", "2", "3")));
          Await.until(
              "positions of the new timeline", PATIENCE, () -> seen.position.contains("-2."));
          execute(standby, "DELETE FROM items WHERE id = 1");
          Await.until("followed on", PATIENCE, () -> ids(items).equals(Set.of("2", "3")));
          assertEquals(1, seen.snapshots.get());
          assertEquals(List.of(), List.copyOf(seen.interruptions));
        }
      }
    }
  }

  private static int count(EmbeddedPostgres server) throws SQLException {
    try (Connection connection = DriverManager.getConnection(server.jdbcUrl());
        Statement statement = connection.createStatement();
        var row = statement.executeQuery("SELECT count(*) FROM items")) {
      row.next();
      return row.getInt(1);
    }
  }

  @Test
  void shouldGoOnExactlyThroughAnotherWayToTheSameServer() throws Exception {
    try (EmbeddedPostgres server = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
        FaultProxy way = new FaultProxy(server.host(), server.port())) {
      execute(server, "CREATE TABLE items (id int4 PRIMARY KEY); INSERT INTO items VALUES (1)");
      Configuration direct = configuration(server);
      Configuration.Database database = direct.databases().getFirst();
      Configuration.Endpoint there =
          new Configuration.Endpoint("127.0.0.1", way.port(), server.database(), false, "");
      Configuration.Database two =
          new Configuration.Database(
              database.name(),
              database.product(),
              List.of(there, database.endpoints().getFirst()),
              database.user(),
              database.password(),
              database.sslMode(),
              database.connectTimeout(),
              database.queryTimeout(),
              database.heartbeat(),
              database.poolSize(),
              database.upstream(),
              database.historyId());
      Configuration configuration =
          new Configuration(
              direct.server(),
              List.of(two),
              direct.sources(),
              direct.clients(),
              direct.auth(),
              direct.node());
      Seen seen = new Seen();
      try (GatewayServer gateway = GatewayServer.start(configuration, Optional.empty());
          TycostreamClient client = client(gateway)) {
        Subscription items = client.subscribe("items", seen);
        Await.until("a row", PATIENCE, () -> ids(items).equals(Set.of("1")));
        way.shut();
        execute(server, "INSERT INTO items VALUES (2)");
        Await.until("two rows", PATIENCE, () -> ids(items).equals(Set.of("1", "2")));
        assertEquals(1, seen.snapshots.get());
        assertEquals(List.of(), List.copyOf(seen.interruptions));
      }
    }
  }

  @Test
  void shouldFailLoudlyWhenThePrimaryWasSetBack() throws Exception {
    try (EmbeddedPostgres primary =
        EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults().withFsync(true))) {
      execute(primary, "CREATE TABLE items (id int4 PRIMARY KEY); INSERT INTO items VALUES (1)");
      primary.stop();
      Path data = primary.folder().resolve("data");
      Path before = primary.folder().resolve("before");
      run("cp", "-a", data.toString(), before.toString());
      primary.start();
      Seen seen = new Seen();
      try (GatewayServer gateway = GatewayServer.start(configuration(primary), Optional.empty());
          TycostreamClient client = client(gateway)) {
        Subscription items = client.subscribe("items", seen);
        execute(primary, "INSERT INTO items SELECT generate_series(2, 1000)");
        Await.until("all rows", PATIENCE, () -> ids(items).size() == 1000);
        primary.kill();
        run("mv", data.toString(), primary.folder().resolve("after").toString());
        run("mv", before.toString(), data.toString());
        primary.start();
        Await.until("it fails", PATIENCE, () -> sources(gateway).contains("was set back"));
        assertEquals(1000, ids(items).size());
      }
    }
  }

  private static void run(String... command) throws Exception {
    assertEquals(0, new ProcessBuilder(command).inheritIO().start().waitFor());
  }
}
