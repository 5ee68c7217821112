package io.tycostream.benchmarks.sdk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The client that a Java programmer writes in an afternoon: the JDK's WebSocket, Jackson's trees,
 * and a map of rows. It checks nothing, and does not come back.
 */
final class ByHand implements WebSocket.Listener {

  private final ObjectMapper mapper = new ObjectMapper();
  private final boolean parses;
  private final Map<String, JsonNode> rows = new HashMap<>();
  private final StringBuilder text = new StringBuilder();
  private final int batches;
  private final CountDownLatch done = new CountDownLatch(1);
  private int heard;

  private ByHand(int batches, boolean parses) {
    this.batches = batches;
    this.parses = parses;
  }

  /**
   * Follows until the last batch.
   *
   * @param parses else it only takes the texts
   */
  static void follow(int port, int batches, boolean parses) throws InterruptedException {
    ByHand client = new ByHand(batches, parses);
    try (HttpClient http = HttpClient.newHttpClient()) {
      WebSocket socket =
          http.newWebSocketBuilder()
              .subprotocols("tycostream.v1.json")
              .buildAsync(URI.create("ws://127.0.0.1:" + port + "/v1/stream"), client)
              .join();
      socket.sendText("{\"type\":\"hello\"}", true).join();
      socket.sendText("{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"trades\"}", true).join();
      client.done.await();
      socket.abort();
      http.shutdownNow();
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      if (parses) {
        parse(text.toString());
      } else if (text.indexOf("\"batch\"") == 8) {
        heard++;
      }
      text.setLength(0);
      if (heard == batches) {
        done.countDown();
      }
    }
    socket.request(1);
    return CompletableFuture.completedFuture(null);
  }

  private void parse(String message) {
    try {
      JsonNode tree = mapper.readTree(message);
      switch (tree.get("type").asText()) {
        case "snapshot" -> tree.get("rows").forEach(row -> rows.put(row.get("id").asText(), row));
        case "batch" -> {
          heard++;
          for (JsonNode change : tree.get("changes")) {
            JsonNode row = change.get("row");
            String id = row.get("id").asText();
            if (change.get("op").asText().equals("delete")) {
              rows.remove(id);
            } else {
              rows.put(id, row);
            }
          }
        }
        default -> {}
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
