package com.example;

import io.tycostream.client.LiveTable;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TableRow;
import io.tycostream.client.TycostreamClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Shows credentials that expire, from a file that somebody else renews, as Kubernetes does. It is
 * read before the first connection and whenever the gateway does not accept what was in it; the
 * rows stay meanwhile.
 */
public final class TokenRefresh {

  private TokenRefresh() {}

  /** Takes the gateway's address and the file. */
  public static void main(String[] args) throws IOException, InterruptedException {
    Path file = Path.of(args[1]);
    try (TycostreamClient client =
        TycostreamClient.builder(args[0])
            .clientId("token-refresh")
            .tokenProvider(() -> Optional.of(Files.readString(file).strip()))
            .connectionListener(System.out::println)
            .connect()) {
      LiveTable<Long, TableRow> trades =
          client.table(TableQuery.of("trades"), row -> row, row -> row.longValue("id"));
      if (trades.awaitRows(Duration.ofMinutes(1))) {
        System.out.println(trades.size() + " trades");
      }
      System.in.read();
    }
  }
}
