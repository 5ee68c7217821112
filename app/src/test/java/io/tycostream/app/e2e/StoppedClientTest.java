package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.session.SessionSettings;
import io.tycostream.domain.source.SourceLimits;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A client reads nothing any more, and its connection stays, because the gateway is told to be
 * patient without end: it costs the gateway no memory and the others nothing, and when it reads
 * again it gets to the present state.
 */
class StoppedClientTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int ROWS = 1_000;
  private static final int OTHERS = 3;

  /** So many transactions fill the log many times over. */
  private static final int UNTIL_STEADY = 200;

  private static final int HISTORY_EVENTS = 50_000;
  private static final long MOST_MORE = 64L << 20;

  @Test
  void shouldCostNothingWhile200_000RowsChange() throws Exception {
    stand(200, 100);
  }

  /** As many as 5,000 changes a second come to in ten minutes. */
  @Test
  @Tag("long")
  void shouldCostNothingWhile3_000_000RowsChange() throws Exception {
    stand(3_000, 500);
  }

  private static void stand(int transactions, int step) throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
        GatewayServer gateway = start(postgres)) {
      HttpClient http = HttpClient.newHttpClient();
      try {
        stand(transactions, step, postgres, gateway, http);
      } finally {
        http.shutdownNow(); // its close() waits for the connections to end by themselves
      }
    }
  }

  private static void stand(
      int transactions, int step, EmbeddedPostgres postgres, GatewayServer gateway, HttpClient http)
      throws Exception {
    Returning.Reader reader = new Returning.Reader(10);
    List<Returning> others =
        IntStream.range(0, OTHERS)
            .mapToObj(i -> new Returning(http, reader, "other-" + i, ROWS, OptionalInt.empty()))
            .toList();
    others.forEach(other -> other.visit(gateway.port()));
    Stopped stopped = new Stopped();
    WebSocket socket = stopped.connect(http, gateway.port());
    awaitVersion(others, 0);
    Await.until("rows", PATIENCE, () -> stopped.rows.size() == ROWS);
    stopped.reads = false;

    long steady = 0;
    long most = 0;
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      for (int i = 1; i <= UNTIL_STEADY + transactions; i++) {
        statement.executeUpdate("UPDATE items SET version = version + 1");
        if (i % 5 == 0) {
          awaitVersion(others, i); // as fast as they are
        }
        if (i == UNTIL_STEADY) {
          steady = heapInUse();
        } else if (i > UNTIL_STEADY && i % step == 0) {
          most = Math.max(most, heapInUse());
        }
      }
    }
    int last = UNTIL_STEADY + transactions;
    long more = most - steady;
    assertTrue(more <= MOST_MORE, "bytes more than at first: " + more);
    assertFalse(stopped.isAt(last), "it was to read nothing");

    stopped.readAgain(socket);
    Await.until("it is at the end", PATIENCE, () -> stopped.isAt(last) || stopped.ended);
    assertTrue(stopped.isAt(last), "" + stopped.words);
    assertTrue(stopped.words.contains("gap"), "" + stopped.words);
    awaitVersion(others, last);
    System.out.print(
        String.format(
            "proof: a client stopped during %,d changes: at most %,d KiB more than before, each"
                + " change to %d others, and then %s%n",
            (long) transactions * ROWS, more >> 10, OTHERS, stopped.words));
  }

  /** All others have had as many updates of each row; they object to one left out. */
  private static void awaitVersion(List<Returning> others, long version) throws Exception {
    long[] rows = new long[ROWS];
    Arrays.fill(rows, version);
    for (Returning other : others) {
      Await.until(
          "version " + version, PATIENCE, () -> !other.objections().isEmpty() || other.has(rows));
      assertEquals(List.of(), other.objections());
    }
  }

  private static long heapInUse() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static GatewayServer start(EmbeddedPostgres postgres) throws Exception {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE items (id int4 PRIMARY KEY, version int4) WITH (fillfactor = 50)");
      statement.execute(
          "INSERT INTO items SELECT i, 0 FROM generate_series(0, %d) i".formatted(ROWS - 1));
    }
    Configuration usual =
        Configuration.onLoopback(
            0,
            Configuration.Database.onLoopback(
                "stopped", postgres.port(), postgres.database(), postgres.user()),
            "items");
    Configuration.StreamedTable items = usual.sources().getFirst();
    SourceLimits limits = items.limits();
    HistoryLimits history =
        new HistoryLimits(HISTORY_EVENTS, limits.history().maxAge(), limits.history().maxBytes());
    ClientLimits clients = usual.clients().limits();
    Duration forEver = Duration.ofHours(1);
    return GatewayServer.start(
        new Configuration(
            usual.server(),
            usual.databases(),
            List.of(
                new Configuration.StreamedTable(
                    items.name(),
                    items.database(),
                    items.relation(),
                    items.key(),
                    items.subscription(),
                    new SourceLimits(history, limits.maxRows(), limits.maxBytes()))),
            new Configuration.Clients(
                new ClientLimits(
                    clients.maxConnections(),
                    clients.maxSubscriptions(),
                    clients.maxRequest(),
                    clients.maxMessage(),
                    clients.requestsPerSecond(),
                    clients.maxWaiting(),
                    clients.requestPatience(),
                    clients.buffers(),
                    forEver,
                    new SessionSettings(
                        clients.times().helloTimeout(),
                        forEver,
                        clients.times().closePatience(),
                        clients.times().ttl())),
                usual.clients().socketSendBuffer(),
                usual.clients().resumeSecret()),
            usual.auth(),
            usual.node()),
        Optional.empty());
  }

  /** Holds the rows, and can leave off reading; the JDK's WebSocket then reads no byte more. */
  private static final class Stopped implements WebSocket.Listener {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<Integer, Long> rows = new ConcurrentHashMap<>();
    private final Queue<String> words = new ConcurrentLinkedQueue<>();
    private final StringBuilder begun = new StringBuilder();
    private volatile boolean reads = true;
    private volatile boolean ended;

    WebSocket connect(HttpClient http, int port) {
      return http.newWebSocketBuilder()
          .buildAsync(URI.create("ws://127.0.0.1:" + port + "/v1/stream"), this)
          .join();
    }

    void readAgain(WebSocket socket) {
      words.clear();
      reads = true;
      socket.request(1);
    }

    boolean isAt(long version) {
      return rows.size() == ROWS && rows.values().stream().allMatch(each -> each == version);
    }

    @Override
    public void onOpen(WebSocket socket) {
      CompletableFuture<?> unused =
          socket
              .sendText("{\"type\":\"hello\"}", true)
              .thenCompose(sent ->
                  sent.sendText(
                      "{\"type\":\"subscribe\",\"ref\":\"i\",\"source\":\"items\"}", true))
              .thenAccept(sent -> sent.request(1));
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      begun.append(data);
      if (last) {
        hear(begun.toString());
        begun.setLength(0);
      }
      if (reads) {
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      words.add("closed with " + code + " " + reason);
      ended = true;
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      words.add("broken: " + failure);
      ended = true;
    }

    private void hear(String text) {
      try {
        JsonNode message = JSON.readTree(text);
        String type = message.get("type").textValue();
        switch (type) {
          case "snapshot" -> message.get("rows").forEach(this::put);
          case "batch" -> message.get("changes").forEach(change -> put(change.get("row")));
          case "gap" -> words.add("gap");
          default -> {}
        }
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(text, e);
      }
    }

    private void put(JsonNode row) {
      rows.put(row.get("id").intValue(), row.get("version").longValue());
    }
  }
}
