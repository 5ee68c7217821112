package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tycostream.client.ScriptedGateway.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TokenProviderTest {

  private final ScriptedGateway gateway = new ScriptedGateway();
  private final Recorder told = new Recorder();

  @AfterEach
  void end() {
    gateway.close();
  }

  /** A client whose credentials are those, one after the other; empty ones cannot be had. */
  private TycostreamClient client(String... tokens) {
    Queue<String> left = new ConcurrentLinkedQueue<>(List.of(tokens));
    return TycostreamClient.builder(gateway.address())
        .backoff(Duration.ofMillis(1), Duration.ofMillis(4))
        .tokenProvider(() -> {
          String next = left.poll();
          if (next != null && next.isEmpty()) {
            throw new IOException("whoever gives out tokens is away");
          }
          return Optional.ofNullable(next);
        })
        .connectionListener(told)
        .connect();
  }

  @Test
  void asksForCredentialsFirstAndAgainWhenTheyAreNotGoodAnyMore() {
    TycostreamClient client = client("", "first", "", "", "second");
    Connection connection = gateway.next();
    assertEquals("{\"type\":\"hello\",\"token\":\"first\",\"acks\":true}", connection.received());
    connection.send("{\"type\":\"bye\",\"code\":4401,\"reason\":\"expired\",\"resumable\":true}");
    Connection again = gateway.next();
    assertEquals("{\"type\":\"hello\",\"token\":\"second\",\"acks\":true}", again.received());
    again.send("{\"type\":\"bye\",\"code\":4401,\"reason\":\"expired\",\"resumable\":true}");
    told.await("closed 4401 expired"); // there are no more
    await(client);
  }

  @Test
  void endsWhenTheProgramHasNoCredentials() {
    TycostreamClient client = client();
    told.expect("closed 4401 the program has no credentials");
    await(client);
    assertFalse(gateway.hasNext());
  }

  @Test
  void endsThoughCredentialsAreStillBeingAskedFor() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    TycostreamClient client =
        TycostreamClient.builder(gateway.address())
            .tokenProvider(() -> {
              asked.countDown();
              try {
                new CountDownLatch(1).await();
                return Optional.empty();
              } finally {
                interrupted.countDown();
              }
            })
            .connect();
    asked.await();
    client.close();
    assertFalse(client.isAlive());
    interrupted.await();
  }

  /** It ends by itself. */
  private static void await(TycostreamClient client) {
    while (client.isAlive()) {
      Thread.onSpinWait();
    }
  }
}
