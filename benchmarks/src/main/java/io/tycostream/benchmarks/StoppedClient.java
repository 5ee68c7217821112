package io.tycostream.benchmarks;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TycostreamClient;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.SourceLimits;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a client that stops reading costs the others, and the gateway: 5,000 rows change each
 * second, ten clients follow, and from some minute on another one reads nothing any more. As it
 * answers no heartbeat, the gateway cuts it after half a minute, as it does with the defaults; that
 * it costs nothing when it is not cut either is a test's matter ({@code StoppedClientTest}).
 *
 * <p>The rival is the same gateway in the same run, before anybody stopped. Latency is from the
 * moment when a commit was due to the listeners of the others.
 */
public final class StoppedClient {

  private static final int OTHERS = 10;
  private static final int ROWS = 50;
  private static final int COMMITS_PER_SECOND = 100;
  private static final int HISTORY_EVENTS = 100_000;
  private static final int WARM_UP_SECONDS = 30;
  private static final int MINUTES_BEFORE = 2;

  private volatile Histogram latency = new ConcurrentHistogram(3);

  private StoppedClient() {}

  /**
   * Measures and prints a table.
   *
   * @param args minutes with a client that is stopped, default 10
   */
  public static void main(String[] args) throws Exception {
    new StoppedClient().run(args.length > 0 ? Integer.parseInt(args[0]) : 10);
    System.exit(0);
  }

  private void run(int minutes) throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults())) {
      try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE TABLE items (id int4 PRIMARY KEY, due int8) WITH (fillfactor = 50)");
        statement.execute(
            "INSERT INTO items SELECT i, 0 FROM generate_series(0, %d) i".formatted(ROWS - 1));
        try (GatewayServer gateway =
            GatewayServer.start(configuration(postgres), Optional.empty())) {
          List<TycostreamClient> others = follow(gateway.port());
          try (PreparedStatement update = connection.prepareStatement("UPDATE items SET due = ?")) {
            change(update, WARM_UP_SECONDS);
            System.out.println("| minute | p50 ms | p99 ms | p99.9 ms | heap MB |");
            System.out.println("| --- | ---: | ---: | ---: | ---: |");
            for (int minute = -MINUTES_BEFORE; minute < 0; minute++) {
              measure(update, minute + " before");
            }
            WebSocket stopped = stop(gateway.port());
            for (int minute = 1; minute <= minutes; minute++) {
              measure(update, minute + " stopped");
            }
            stopped.abort();
          }
          others.forEach(TycostreamClient::close);
        }
      }
    }
  }

  private List<TycostreamClient> follow(int port) {
    List<TycostreamClient> others = new ArrayList<>();
    for (int i = 0; i < OTHERS; i++) {
      TycostreamClient client = TycostreamClient.builder("http://127.0.0.1:" + port).connect();
      others.add(client);
      client.subscribe(
          "items",
          new SubscriptionListener() {
            @Override
            public void onBatch(Subscription subscription, TableBatch batch) {
              long due = batch.changes().getFirst().row().longValue("due");
              latency.recordValue(Math.max(0, System.nanoTime() - due));
            }
          });
    }
    return others;
  }

  private void measure(PreparedStatement update, String minute) throws SQLException {
    latency = new ConcurrentHistogram(3);
    change(update, 60);
    Histogram seen = latency;
    System.gc();
    System.out.printf(
        "| %s | %.2f | %.2f | %.2f | %d |%n",
        minute,
        millis(seen, 50),
        millis(seen, 99),
        millis(seen, 99.9),
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() >> 20);
  }

  private static double millis(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e6;
  }

  private static void change(PreparedStatement update, int seconds) throws SQLException {
    long interval = TimeUnit.SECONDS.toNanos(1) / COMMITS_PER_SECOND;
    long next = System.nanoTime();
    for (int i = 0; i < seconds * COMMITS_PER_SECOND; i++) {
      next += interval;
      LockSupport.parkNanos(next - System.nanoTime());
      update.setLong(1, next);
      update.executeUpdate();
    }
  }

  /** A client that hears of the rows there are, and then reads no byte any more. */
  private static WebSocket stop(int port) {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(
            URI.create("ws://127.0.0.1:" + port + "/v1/stream"),
            new WebSocket.Listener() {
              @Override
              public void onOpen(WebSocket socket) {
                CompletableFuture<?> unused =
                    socket
                        .sendText("{\"type\":\"hello\"}", true)
                        .thenCompose(sent ->
                            sent.sendText(
                                "{\"type\":\"subscribe\",\"ref\":\"i\",\"source\":\"items\"}",
                                true))
                        .thenAccept(sent -> sent.request(1));
              }

              @Override
              public @Nullable CompletionStage<?> onText(
                  WebSocket socket, CharSequence data, boolean last) {
                return null; // and asks for nothing more
              }
            })
        .join();
  }

  private static Configuration configuration(EmbeddedPostgres postgres) {
    Configuration usual =
        Configuration.onLoopback(
            0,
            Configuration.Database.onLoopback(
                "bench", postgres.port(), postgres.database(), postgres.user()),
            "items");
    Configuration.StreamedTable items = usual.sources().getFirst();
    SourceLimits limits = items.limits();
    return new Configuration(
        usual.server(),
        usual.databases(),
        List.of(
            new Configuration.StreamedTable(
                items.name(),
                items.database(),
                items.relation(),
                items.key(),
                items.subscription(),
                new SourceLimits(
                    new HistoryLimits(
                        HISTORY_EVENTS, Duration.ofMinutes(10), limits.history().maxBytes()),
                    limits.maxRows(),
                    limits.maxBytes()))),
        usual.clients(),
        usual.auth(),
        usual.node());
  }
}
