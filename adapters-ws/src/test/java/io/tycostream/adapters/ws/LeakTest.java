package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.TestGateway.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.session.SessionSettings;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** After many connections of every kind everything is back where it was. */
class LeakTest {

  private static final int CONNECTIONS = 10_000;
  private static final int WAYS = 8;
  private static final long TOLERATED_BYTES = 16 << 20;

  private final HandFed things = new HandFed("things").load(20);

  @Test
  void nothingIsLeftOfTenThousandConnectionsOfEveryKind() {
    SessionSettings brief =
        new SessionSettings(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(200),
            Duration.ofMillis(200));
    try (TestGateway gateway =
        new TestGateway(new TestGateway.Changed().times(brief).limits(), things)) {
      connectAndLeave(gateway, 1_000); // whatever is made once is made now
      settle(gateway);
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      long heap = usedHeap();
      connectAndLeave(gateway, CONNECTIONS);
      settle(gateway);
      TestGateway.await(
          "threads are gone: " + threads,
          () -> ManagementFactory.getThreadMXBean().getThreadCount() <= threads + 4);
      long grown = usedHeap() - heap;
      assertTrue(grown < TOLERATED_BYTES, grown + " bytes are left");
      assertEquals(0, gateway.gateway().waiting());
    }
  }

  private void settle(TestGateway gateway) {
    TestGateway.await("nobody is left", () -> gateway.gateway().clients().isEmpty());
  }

  private static void connectAndLeave(TestGateway gateway, int connections) {
    String resume = "none";
    for (int i = 0; i < connections; i++) {
      RawClient client = gateway.client();
      int way = i % WAYS;
      if (way > 0) {
        client.send("{\"type\":\"hello\",\"resume\":\"" + resume + "\"}");
        JsonNode welcome = client.await("welcome");
        resume = welcome.get("resume").textValue();
        client.send(subscribe("things"));
      }
      switch (way) {
        case 0, 1 -> client.reset();
        case 2 -> {
          client.await("snapshot");
          client.sendClose(1000);
          client.close();
        }
        case 3 -> {
          client.send("not JSON");
          client.close();
        }
        case 4 -> {
          client.await("snapshot");
          client.reset();
        }
        case 5 -> client.sendClose(1001);
        case 6 -> client.finish();
        default -> client.send("{\"type\":\"unsubscribe\",\"ref\":\"r-things\"}");
      }
      client.close();
    }
  }

  private static long usedHeap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
