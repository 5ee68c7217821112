package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.TestGateway.greet;
import static io.tycostream.adapters.ws.TestGateway.subscribe;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A client that takes nothing. */
class SlowClientTest {

  /** Changes that the log keeps. */
  private static final int HISTORY = 50;

  /** Who is so far behind is out of the log, whatever is in one write and in the kernel. */
  private static final int HOPELESS = 3 * HISTORY;

  private static final String LONG_NOTE = "x".repeat(3_000);

  private final HandFed things = new HandFed("things", HISTORY).load(5);

  @Test
  void whoStopsReadingDelaysNobodyAndIsRightAfterwards() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient slow = greet(RawClient.openNarrow(gateway.port()));
        RawClient quick = gateway.following("things")) {
      slow.send(subscribe("things"));
      FollowedTable slowly = new FollowedTable();
      FollowedTable quickly = new FollowedTable();
      slowly.follow(slow, things.position());
      quickly.follow(quick, things.position());

      // The slow client reads nothing from here on; the quick one gets each change before the next
      // is made, so that a delay by the slow one would end this in a deadlock.
      int made = 0;
      while (gateway.waitingFor(slow) <= HOPELESS) {
        things.put(1 + made % 5, made + LONG_NOTE);
        made++;
        quickly.follow(quick, things.position());
      }
      assertEquals(List.of(), quickly.gaps());
      assertEquals(things.rows(), quickly.rows());

      // What it finds in its socket comes first, then the word that the rest is lost.
      JsonNode message = slow.message();
      int received = 0;
      while (!TestGateway.type(message).equals("gap")) {
        slowly.take(message);
        received += TestGateway.type(message).equals("batch") ? 1 : 0;
        message = slow.message();
      }
      slowly.take(message);
      assertEquals("drop-oldest", message.get("reason").textValue());
      assertEquals("snapshot", message.get("recovery").textValue());
      slowly.follow(slow, message.get("upTo").textValue());
      int replayed = 0;
      while (!slowly.rows().equals(things.rows())) {
        JsonNode later = slow.message();
        replayed += TestGateway.type(later).equals("batch") ? 1 : 0;
        slowly.take(later);
      }
      // It may have fallen out of the log again while it took the snapshot: each gap counts its
      // own.
      long dropped = slowly.gaps().stream().mapToLong(gap -> gap.get("dropped").longValue()).sum();
      assertEquals(made - received - replayed, dropped);

      // It is an ordinary client again.
      things.put(1, "short");
      slowly.follow(slow, things.position());
      assertEquals(things.rows(), slowly.rows());
    }
  }

  @Test
  void aStuckSocketIsCutOff() {
    ClientLimits limits =
        TestGateway.limits(Duration.ofMinutes(1), Duration.ofMillis(300), Duration.ofMinutes(1));
    try (TestGateway gateway = new TestGateway(limits, things);
        RawClient stuck = greet(RawClient.openNarrow(gateway.port()))) {
      stuck.send(subscribe("things"));
      fallBehind(gateway, stuck);
      gateway.awaitNobody(1);
    }
  }

  @Test
  void whoClosesWithoutReadingGetsNoFrameInsideAnother() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient slow = greet(RawClient.openNarrow(gateway.port()))) {
      slow.send(subscribe("things"));
      fallBehind(gateway, slow);
      slow.sendClose(1000);
      gateway.awaitNobody(1);
      // Whole texts, and then the close in its place, or the end, perhaps amid a text.
      int frames = 0;
      RawClient.Heard heard = slow.hear();
      while (heard.opcode() == RawClient.TEXT) {
        heard.json();
        frames++;
        heard = slow.hear();
      }
      assertTrue(frames > 0);
      assertTrue(
          List.of(RawClient.CLOSE, RawClient.END.opcode(), RawClient.CUT.opcode())
              .contains(heard.opcode()),
          heard.toString());
    }
  }

  private void fallBehind(TestGateway gateway, RawClient client) {
    TestGateway.await(
        "the client follows",
        () -> {
          List<ConnectedClient.Following> following =
              gateway.gateway().clients().getFirst().subscriptions();
          return !following.isEmpty() && following.getFirst().feed().isPresent();
        });
    for (int i = 0; gateway.waitingFor(client) <= HOPELESS; i++) {
      things.put(1, i + LONG_NOTE);
    }
  }
}
