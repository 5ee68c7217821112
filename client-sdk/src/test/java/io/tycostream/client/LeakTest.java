package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.tycostream.client.testing.TestGateway;
import io.tycostream.client.testing.TestSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever comes and goes, nothing of it stays behind: no thread, no memory. And little is there.
 */
@Timeout(120)
final class LeakTest {

  private static final int RECONNECTS = 1_000;
  private static final int CLIENTS = 200;
  private static final int MANY = 1_000;
  private static final long MOST_EACH = 200_000; // bytes
  private static final long MAY_STAY = 8 << 20; // bytes; the JIT and the collector have their own
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private Path directory;
  private int dumps;

  record Item(int id, String note) {}

  @Test
  void nothingIsLeftOfAThousandReconnectsAndOfClientsThatEnded() throws Exception {
    try (TestGateway gateway = TestGateway.start()) {
      TestSource items =
          gateway.source("items").column("id", "int4").column("note", "text").key("id").create();
      items.put(Map.of("id", 1, "note", "a"));
      try (TycostreamClient client = client(gateway)) {
        LiveTable<Integer, Item> table = client.table(TableQuery.of("items"), Item.class, Item::id);
        assertTrue(table.awaitRows(PATIENCE));
        reconnect(gateway, client, RECONNECTS / 10); // what is made once is there
        long memory = usedBytes();
        long threads = threads();
        assertTrue(threads > 0, "the threads of the client are not found");
        reconnect(gateway, client, RECONNECTS);
        String last = items.put(Map.of("id", 2, "note", "z"));
        assertTrue(table.awaitPosition(last, PATIENCE));
        Eventually.holds(() -> threads() <= threads);
        assertTrue(usedBytes() - memory < MAY_STAY, () -> usedBytes() - memory + " bytes more");
      }
      for (int i = 0; i < CLIENTS; i++) {
        try (TycostreamClient client = client(gateway)) {
          client.table(TableQuery.of("items"), Item.class, Item::id).awaitRows(PATIENCE);
        }
      }
      Eventually.holds(() -> threads() == 0);
    }
    assertEquals(0, threads());
  }

  /** Far below what a thread of the platform's would take; the gateway's side is counted, too. */
  @Test
  void aThousandClientsTakeLittleMemoryAndNoThreadOfThePlatforms() throws Exception {
    try (TestGateway gateway = TestGateway.start()) {
      TestSource items =
          gateway.source("items").column("id", "int4").column("note", "text").key("id").create();
      items.put(Map.of("id", 1, "note", "a"));
      List<TycostreamClient> clients = new ArrayList<>();
      try {
        connect(gateway, clients, 10); // what is made once is there
        long memory = usedBytes();
        int threads = ManagementFactory.getThreadMXBean().getThreadCount();
        connect(gateway, clients, MANY);
        long each = (usedBytes() - memory) / MANY;
        assertTrue(each < MOST_EACH, () -> each + " bytes for a client and its peer");
        int more = ManagementFactory.getThreadMXBean().getThreadCount() - threads;
        assertTrue(more < MANY / 20, () -> more + " threads more");
      } finally {
        clients.forEach(TycostreamClient::close);
      }
    }
  }

  private static void connect(TestGateway gateway, List<TycostreamClient> clients, int many)
      throws InterruptedException {
    List<LiveTable<Integer, Item>> tables = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      TycostreamClient client = client(gateway);
      clients.add(client);
      tables.add(client.table(TableQuery.of("items"), Item.class, Item::id));
    }
    for (LiveTable<Integer, Item> table : tables) {
      assertTrue(table.awaitRows(PATIENCE));
    }
  }

  private static TycostreamClient client(TestGateway gateway) {
    return TycostreamClient.builder(gateway.address())
        .backoff(Duration.ofMillis(1), Duration.ofMillis(2))
        .connect();
  }

  private static void reconnect(TestGateway gateway, TycostreamClient client, int times) {
    for (int i = 0; i < times; i++) {
      long connections = client.figures().connections();
      gateway.dropConnections();
      Eventually.holds(() -> client.figures().connections() > connections);
    }
  }

  private static long usedBytes() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** How many threads of clients there are; they are virtual ones, which only a dump tells. */
  private long threads() {
    Path dump = directory.resolve("threads-" + dumps++);
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), ThreadDumpFormat.TEXT_PLAIN);
      try (var lines = Files.lines(dump)) {
        return lines.filter(line -> line.contains("\"tycostream-")).count();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
