package com.example;

import io.tycostream.client.LiveTable;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TycostreamClient;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.zip.CRC32;

/**
 * Follows the source {@code trades} of a gateway and prints what changes. When Enter is pressed, or
 * its input ends, it prints what it has: the rows, one by one, how many, at which position, and a
 * checksum of them.
 */
public final class FollowTrades {

  /** A row of the source; the columns that no component names are left out. */
  record Trade(
      long id, String symbol, String side, BigDecimal price, int quantity, Instant executedAt) {}

  private FollowTrades() {}

  /** Takes the gateway's address, for example {@code http://localhost:8080}. */
  public static void main(String[] args) throws InterruptedException, IOException {
    if (args.length != 1) {
      System.err.println("usage: FollowTrades URL");
      System.exit(2);
    }
    try (TycostreamClient client =
        TycostreamClient.builder(args[0])
            .clientId("follow-trades")
            // Somebody watches. Where many programs come back at once, the default is kinder.
            .backoff(Duration.ofMillis(100), Duration.ofSeconds(1))
            .connect()) {
      LiveTable<Long, Trade> trades = client.table(TableQuery.of("trades"), Trade.class, Trade::id);
      trades.onChanges(changes -> changes.changes().forEach(FollowTrades::print));
      if (!trades.awaitRows(Duration.ofSeconds(30))) {
        System.err.println("no rows from " + args[0] + " within 30 seconds");
        System.exit(1);
      }
      System.out.println("following " + trades.size() + " trades, until Enter is pressed");
      while (System.in.read() > '\n') {
        // the rest of a line
      }
      print(trades.view());
    }
  }

  private static void print(LiveTable.Change<Long, Trade> change) {
    if (change.now().isEmpty()) {
      System.out.println("- " + change.before().orElseThrow());
    } else {
      System.out.println((change.before().isEmpty() ? "+ " : "~ ") + change.now().get());
    }
  }

  private static void print(LiveTable.View<Long, Trade> view) {
    CRC32 checksum = new CRC32();
    view.rows().values().stream()
        .sorted(Comparator.comparing(Trade::id))
        .forEach(trade -> {
          System.out.println("= " + trade);
          checksum.update((trade + "\n").getBytes(StandardCharsets.UTF_8));
        });
    System.out.printf(
        "%d trades at %s, checksum %08x%n",
        view.rows().size(), view.position().orElse("no position"), checksum.getValue());
  }
}
