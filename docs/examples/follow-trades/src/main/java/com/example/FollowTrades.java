package com.example;

import io.tycostream.client.LiveTable;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TycostreamClient;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.zip.CRC32;

/**
 * Follows the table {@code trades} of a tycostream gateway: prints what changes until Enter is
 * pressed, and then all trades as they are at that moment. When its connection is cut it comes back
 * by itself and goes on where it was.
 */
public final class FollowTrades {

  /** The columns that a {@link Trade} has; a change of another one is no change here. */
  private static final TableQuery TRADES =
      TableQuery.of("trades").columns("id", "symbol", "side", "price", "quantity", "executed_at");

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A row. What may be NULL is not of a primitive type. */
  private record Trade(
      long id,
      String symbol,
      String side,
      BigDecimal price,
      Integer quantity,
      Instant executedAt) {}

  private final CountDownLatch following = new CountDownLatch(1);

  private FollowTrades() {}

  public static void main(String... args) throws IOException, InterruptedException {
    if (args.length != 1) {
      System.err.println("usage: java -jar follow-trades.jar URL");
      System.exit(2);
    }
    // As the checksum is, and not as the platform says, which may not have all characters.
    System.setOut(
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
    try {
      new FollowTrades().run(args[0]);
    } catch (IllegalStateException e) {
      System.err.println("cannot follow trades: " + e.getMessage());
      System.exit(1);
    }
  }

  private void run(String url) throws IOException, InterruptedException {
    LiveTable<Long, Trade> trades;
    // Somebody is watching, so it comes back sooner than a client does by default.
    try (TycostreamClient client =
        TycostreamClient.builder(url)
            .clientId("follow-trades")
            .backoff(Duration.ofMillis(50), Duration.ofMillis(500))
            .connectTimeout(Duration.ofSeconds(2))
            .connect()) {
      trades = client.table(TRADES, Trade.class, Trade::id);
      trades.onChanges(this::show);
      if (!trades.awaitRows(PATIENCE)) {
        throw new IllegalStateException("no rows within " + PATIENCE.toSeconds() + " seconds");
      }
      following.await();
      new BufferedReader(new InputStreamReader(System.in)).readLine();
    }
    // The client is closed: nothing is shown any more, and the rows stay as the last change that
    // was shown left them.
    printAll(trades.view());
  }

  /** The first time these are all rows, as new ones, and from then on what became of them. */
  private void show(LiveTable.Changes<Long, Trade> changes) {
    if (following.getCount() > 0) {
      System.out.println(
          "following " + changes.changes().size() + " trades, until Enter is pressed");
      following.countDown();
    } else {
      changes.changes().forEach(FollowTrades::print);
    }
  }

  private static void print(LiveTable.Change<Long, Trade> change) {
    String what = change.before().isEmpty() ? "+ " : change.now().isEmpty() ? "- " : "~ ";
    System.out.println(what + change.now().or(change::before).orElseThrow());
  }

  private static void printAll(LiveTable.View<Long, Trade> view) {
    CRC32 checksum = new CRC32();
    for (Trade trade : new TreeMap<>(view.rows()).values()) {
      System.out.println("= " + trade);
      checksum.update((trade + "\n").getBytes(StandardCharsets.UTF_8));
    }
    System.out.println(
        view.rows().size()
            + " trades at "
            + view.position().orElseThrow()
            + ", checksum "
            + String.format("%08x", checksum.getValue()));
  }
}
