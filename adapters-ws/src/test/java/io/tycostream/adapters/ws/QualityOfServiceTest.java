package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.TestGateway.subscribeWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.session.BufferTerms;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How much of the gateway one client may have. */
class QualityOfServiceTest {

  private final HandFed things = new HandFed("things").load(10);

  @Test
  void aClientGetsNoMoreChangesASecondThanItWants() {
    int rate = 20;
    int changes = 40;
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.greeted()) {
      client.send(subscribeWith("r", "things", "`maxRate`:" + rate));
      client.await("progress");
      Instant began = Instant.now();
      for (int i = 0; i < changes; i++) {
        things.put(1, "change " + i);
      }
      for (int i = 0; i < changes; i++) {
        assertEquals(1, client.await("batch").get("changes").size());
      }
      Duration took = Duration.between(began, Instant.now());
      // The limiter lets the first ones through at once; the rest come one by one.
      Duration least = Duration.ofMillis((changes - 4) * 1_000L / rate);
      assertTrue(took.compareTo(least) >= 0, took + " for what takes " + least);
    }
  }

  @Test
  void withConflateASlowRateShowsFewerAndNewerChanges() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient client = gateway.greeted()) {
      client.send(subscribeWith("r", "things", "`maxRate`:5,`buffer`:{`dropPolicy`:`conflate`}"));
      client.await("progress");
      for (int i = 0; i <= 500; i++) {
        things.put(1, "change " + i);
      }
      int batches = 1;
      JsonNode batch = client.await("batch");
      while (!batch.toString().contains("change 500")) {
        batches++;
        batch = client.await("batch");
      }
      assertTrue(batches < 20, batches + " batches for 501 changes");
      assertEquals(things.position(), batch.get("position").textValue());
    }
  }

  @Test
  void theOthersAreNotSlowedByIt() {
    try (TestGateway gateway = new TestGateway(things);
        RawClient slow = gateway.greeted();
        RawClient fast = gateway.greeted()) {
      slow.send(subscribeWith("r", "things", "`maxRate`:0.01"));
      slow.await("progress");
      fast.send(subscribeWith("r", "things", "`maxRate`:1000000"));
      fast.await("progress");
      for (int i = 0; i < 100; i++) {
        things.put(1, "change " + i);
        assertTrue(fast.await("batch").toString().contains("change " + i));
      }
    }
  }

  @Test
  void whoAsksTooFastIsReadSlowerAndAnsweredAll() {
    int requests = 80; // 53 at once, and the rest at ten a second
    try (TestGateway gateway =
            new TestGateway(new TestGateway.Changed().requestsPerSecond(10).limits(), things);
        RawClient client = gateway.greeted()) {
      Instant began = Instant.now();
      for (int i = 0; i < requests; i++) {
        client.send("{\"type\":\"ping\",\"nonce\":\"" + i + "\"}");
      }
      for (int i = 0; i < requests; i++) {
        assertEquals("" + i, client.message("pong").get("nonce").textValue());
      }
      Duration took = Duration.between(began, Instant.now());
      assertTrue(took.compareTo(Duration.ofSeconds(2)) > 0, "read at once: " + took);
    }
  }

  @Test
  void whoGoesOnAskingTooFastIsSentAwayForAWhile() throws Exception {
    try (TestGateway gateway =
            new TestGateway(new TestGateway.Changed().requestsPerSecond(10).limits(), things);
        RawClient client = gateway.greeted();
        ScheduledExecutorService flood = Executors.newSingleThreadScheduledExecutor()) {
      Future<?> asking =
          flood.scheduleWithFixedDelay(
              () -> client.send("{\"type\":\"ping\"}"), 0, 10, TimeUnit.MILLISECONDS);
      JsonNode bye = client.await("bye");
      asking.cancel(true);
      assertEquals(4429, bye.get("code").intValue());
      assertEquals(10_000, bye.get("retryInMs").longValue());
    }
  }

  @Test
  void acksAreFree() {
    try (TestGateway gateway =
            new TestGateway(new TestGateway.Changed().requestsPerSecond(1).limits(), things);
        RawClient client = gateway.greeted()) {
      client.send(TestGateway.subscribe("things"));
      int feed = client.message("subscribed").get("feed").intValue();
      String position = client.await("progress").get("position").textValue();
      for (int i = 0; i < 500; i++) {
        client.send("{\"type\":\"ack\",\"feed\":" + feed + ",\"position\":\"" + position + "\"}");
      }
      client.send("{\"type\":\"ping\"}");
      client.await("pong");
    }
  }

  @Test
  void aSocketThatTakesTooLittleForTooLongIsSentAway() {
    BufferTerms small =
        new BufferTerms(
            new Buffer(100, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofSeconds(10), 10),
            100,
            Duration.ofMinutes(1));
    try (TestGateway gateway =
            new TestGateway(
                new TestGateway.Changed()
                    .buffers(small)
                    .sustainedFor(Duration.ofMillis(1_500))
                    .limits(),
                things);
        RawClient slow = TestGateway.greet(RawClient.openNarrow(gateway.port()));
        RawClient other = gateway.following("things");
        ScheduledExecutorService database = Executors.newSingleThreadScheduledExecutor()) {
      slow.send(TestGateway.subscribe("things"));
      slow.await("progress");
      other.await("progress");
      String large = "x".repeat(3_000);
      AtomicInteger changes = new AtomicInteger();
      Future<?> feeding =
          database.scheduleWithFixedDelay(
              () -> {
                for (int i = 0; i < 50; i++) {
                  things.put(i % 10, large + changes.incrementAndGet());
                }
              },
              0,
              10,
              TimeUnit.MILLISECONDS);
      // It takes a little now and then, so that it is not stuck; the other takes everything.
      ScheduledExecutorService reading = Executors.newScheduledThreadPool(2);
      List<Future<?>> readers =
          List.of(
              reading.scheduleWithFixedDelay(slow::hear, 0, 50, TimeUnit.MILLISECONDS),
              reading.scheduleWithFixedDelay(other::hear, 0, 1, TimeUnit.NANOSECONDS));
      TestGateway.await("it is sent away", () -> gateway.endings().equals(List.of(4503)));
      TestGateway.await(
          "its socket is gone, and it may come back",
          () -> gateway.gateway().connected() == 1 && gateway.gateway().detached() == 1);
      feeding.cancel(true);
      readers.forEach(each -> each.cancel(true));
      reading.shutdown();
    }
  }
}
