package io.tycostream.benchmarks.sdk;

import com.sun.management.OperatingSystemMXBean;
import io.tycostream.client.LiveTable;
import io.tycostream.client.PositionStore;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TycostreamClient;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * How many row changes a second the Java client takes on one connection, and what each costs: with
 * a listener, as a table of records, and where the program keeps its rows itself. The rivals are a
 * client written by hand, and one that takes the texts and looks into none.
 */
public final class SdkRate {

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** What the table has. */
  record Trade(long id, String symbol, BigDecimal price, int quantity, Instant at) {}

  /** Follows to the end. */
  private interface Way {
    void follow(CannedGateway gateway, int batches) throws Exception;
  }

  /**
   * @param perSecond changes
   * @param cpuNanos of the client, for each change
   */
  private record Measured(double perSecond, double cpuNanos) {}

  private SdkRate() {}

  /**
   * Measures and prints a table.
   *
   * @param args changes a round, default 2,000,000; rounds, default 5
   */
  public static void main(String[] args) throws Exception {
    int changes = args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    int batches = changes / CannedGateway.CHANGES_PER_BATCH;
    Map<String, Way> ways = new LinkedHashMap<>();
    ways.put("a listener, rows kept", (gateway, upTo) -> listen(gateway, false));
    ways.put("a listener of a durable subscription", (gateway, upTo) -> listen(gateway, true));
    ways.put("a `LiveTable` of records", (gateway, upTo) -> table(gateway));
    ways.put(
        "rival: by hand, a tree of each message",
        (gateway, upTo) -> ByHand.follow(gateway.port(), upTo, true));
    ways.put(
        "… texts taken, not looked into",
        (gateway, upTo) -> ByHand.follow(gateway.port(), upTo, false));
    Map<String, List<Measured>> measured = new LinkedHashMap<>();
    try (CannedGateway gateway = new CannedGateway(batches)) {
      for (int round = -1; round < rounds; round++) {
        for (Map.Entry<String, Way> way : ways.entrySet()) {
          Measured result = measure(way.getValue(), gateway, batches);
          if (round >= 0) {
            measured.computeIfAbsent(way.getKey(), name -> new ArrayList<>()).add(result);
          }
        }
      }
    }
    print(measured);
    System.exit(0);
  }

  private static Measured measure(Way way, CannedGateway gateway, int batches) throws Exception {
    System.gc();
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = process.getProcessCpuTime() - gateway.cpuNanos();
    long start = System.nanoTime();
    way.follow(gateway, batches);
    double seconds = (System.nanoTime() - start) / 1e9;
    long spent = process.getProcessCpuTime() - gateway.cpuNanos() - cpu;
    long changes = (long) batches * CannedGateway.CHANGES_PER_BATCH;
    return new Measured(changes / seconds, (double) spent / changes);
  }

  private static TycostreamClient client(CannedGateway gateway) {
    return TycostreamClient.builder("http://127.0.0.1:" + gateway.port())
        .positionStore(PositionStore.inMemory())
        .connect();
  }

  private static void listen(CannedGateway gateway, boolean durable) throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    TableQuery query = TableQuery.of("trades");
    try (TycostreamClient client = client(gateway)) {
      client.subscribe(
          durable ? query.durable("rate") : query,
          new SubscriptionListener() {
            @Override
            public void onBatch(Subscription trades, TableBatch batch) {
              if (batch.position().equals(gateway.end())) {
                end.countDown();
              }
            }
          });
      end.await();
    }
  }

  private static void table(CannedGateway gateway) throws InterruptedException {
    try (TycostreamClient client = client(gateway)) {
      LiveTable<Long, Trade> trades = client.table(TableQuery.of("trades"), Trade.class, Trade::id);
      if (!trades.awaitPosition(gateway.end(), PATIENCE)) {
        throw new IllegalStateException("the table has come to " + trades.position());
      }
    }
  }

  private static void print(Map<String, List<Measured>> measured) {
    Measured rival = median(measured.values().stream().toList().get(3));
    System.out.println("| | changes/s | ratio | client CPU ns a change | ratio |");
    System.out.println("| --- | ---: | ---: | ---: | ---: |");
    measured.forEach((name, all) -> {
      Measured median = median(all);
      System.out.printf(
          "| %s | %,.0f | %.2f | %,.0f | %.2f |%n",
          name,
          median.perSecond(),
          median.perSecond() / rival.perSecond(),
          median.cpuNanos(),
          median.cpuNanos() / rival.cpuNanos());
    });
  }

  private static Measured median(List<Measured> all) {
    return new Measured(
        all.stream().mapToDouble(Measured::perSecond).sorted().toArray()[all.size() / 2],
        all.stream().mapToDouble(Measured::cpuNanos).sorted().toArray()[all.size() / 2]);
  }
}
