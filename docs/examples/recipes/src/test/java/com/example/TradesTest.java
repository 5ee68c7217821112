package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.client.TycostreamClient;
import io.tycostream.client.testing.TestGateway;
import io.tycostream.client.testing.TestSource;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Alerts, with a gateway that fails when the test says so. */
class TradesTest {

  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private TestGateway gateway;
  private TestSource trades;
  private TycostreamClient client;

  @BeforeEach
  void begin() throws InterruptedException {
    gateway = TestGateway.start();
    trades =
        gateway
            .source("trades")
            .column("id", "int8")
            .column("symbol", "text")
            .column("price", "numeric")
            .column("quantity", "int4")
            .key("id")
            .create();
    client =
        TycostreamClient.builder(gateway.address())
            .backoff(Duration.ofMillis(10), Duration.ofMillis(50))
            .connect();
    client.subscribe(Alerts.LARGE_TRADES, new Alerts(said::add));
    trades.awaitSubscriptions(1);
    trades.progress();
    assertSaid("watching");
  }

  @AfterEach
  void end() {
    client.close();
    gateway.close();
  }

  private static Map<String, Object> trade(long id, String symbol, int quantity) {
    return Map.of(
        "id", id, "symbol", symbol, "price", new BigDecimal("1.0842"), "quantity", quantity);
  }

  private void assertSaid(String expected) throws InterruptedException {
    assertEquals(expected, said.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void saysEachLargeTradeOnceAlthoughTheConnectionBreaks() throws InterruptedException {
    trades.put(trade(1, "EURUSD", 900));
    assertSaid("large trade: 900 EURUSD");
    gateway.refuseConnections();
    gateway.dropConnections();
    trades.put(trade(2, "EURGBP", 499));
    trades.put(trade(3, "EURCHF", 501));
    gateway.acceptConnections();
    assertSaid("large trade: 501 EURCHF");
    trades.put(trade(4, "EURJPY", 700));
    assertSaid("large trade: 700 EURJPY");
  }

  @Test
  void saysThatItMissedSome() throws InterruptedException {
    trades.gapWithSnapshot(t -> t.put(trade(1, "EURUSD", 900)));
    assertSaid("missed 1 changes: drop-oldest");
    trades.put(trade(2, "EURGBP", 800));
    assertSaid("large trade: 800 EURGBP");
  }
}
