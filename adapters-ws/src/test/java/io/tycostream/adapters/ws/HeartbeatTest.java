package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.RawClient.PING;
import static io.tycostream.adapters.ws.RawClient.PONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a client is still there. */
class HeartbeatTest {

  private static final Duration HEARTBEAT = Duration.ofMillis(400);

  private TestGateway gateway;

  @BeforeEach
  void start() {
    gateway =
        new TestGateway(
            TestGateway.limits(Duration.ofMinutes(1), HEARTBEAT, Duration.ofMinutes(1)));
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  @Test
  void aSilentClientIsSentAway() {
    try (RawClient client = gateway.greeted()) {
      RawClient.Heard heard = client.hear();
      int pings = 0;
      while (heard.opcode() == PING) {
        pings++;
        heard = client.hear();
      }
      assertTrue(pings >= 1, "pinged before it was given up");
      assertEquals(4408, heard.json().get("code").intValue());
      assertTrue(heard.json().get("resumable").booleanValue());
      assertEquals(4408, client.hear().code());
      // It does not answer that either, and is cut off.
      assertEquals(RawClient.END, client.hear());
      gateway.awaitNobody(1);
      assertEquals(List.of(4408), gateway.endings());
    }
  }

  @Test
  void aClientThatAnswersStays() {
    try (RawClient client = gateway.greeted()) {
      // Many times as long as the silence that would end it.
      for (int pings = 0; pings < 6; pings++) {
        RawClient.Heard heard = client.hear();
        assertEquals(PING, heard.opcode(), heard.payload());
        client.send(PONG, true, new byte[0]);
      }
      assertEquals(1, gateway.gateway().clients().size());
    }
  }
}
