package com.example;

import io.tycostream.client.LiveTable;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TableRow;
import io.tycostream.client.TokenProvider;
import io.tycostream.client.TycostreamClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Shows credentials that expire, from a file that somebody else renews, as Kubernetes does. The
 * file is read before the first connection and whenever the gateway does not accept what was in it;
 * the rows stay meanwhile.
 */
public final class TokenRefresh implements TokenProvider {

  private final Path file;
  private String shown = "";

  private TokenRefresh(Path file) {
    this.file = file;
  }

  /** Takes the gateway's address and the file. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try (TycostreamClient client =
        TycostreamClient.builder(args[0])
            .clientId("token-refresh")
            .tokenProvider(new TokenRefresh(Path.of(args[1])))
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

  /** What was not accepted is not shown again, which would be the end. */
  @Override
  public Optional<String> token() throws IOException {
    String token = Files.readString(file).strip();
    if (token.equals(shown)) {
      throw new IOException(file + " has not been renewed yet"); // and it is asked again, later
    }
    shown = token;
    return Optional.of(token);
  }
}
