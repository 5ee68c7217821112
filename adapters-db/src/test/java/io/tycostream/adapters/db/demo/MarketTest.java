package io.tycostream.adapters.db.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MarketTest {
  @Test
  void shouldRepeatItselfFromTheSameSeed() {
    assertEquals(events(7), events(7));
    assertNotEquals(events(7), events(8));
  }

  @Test
  void shouldKeepPricesBelievableForDays() {
    Market market = new Market(1);
    for (int i = 0; i < 1_000_000; i++) {
      market.next();
    }
    for (Quote quote : market.quotes()) {
      assertTrue(quote.changePercent().abs().doubleValue() < 10, quote::toString);
      assertTrue(quote.bid().compareTo(quote.last()) < 0, quote::toString);
      assertTrue(quote.ask().compareTo(quote.last()) > 0, quote::toString);
    }
  }

  @Test
  void shouldGoOnFromAnEarlierPrice() {
    Market market = new Market(1);
    market.resumeAt("AAPL", new BigDecimal("231.07"));
    market.resumeAt("GONE", BigDecimal.ONE);
    assertEquals(12, market.quotes().size());
    Quote apple =
        market.quotes().stream().filter(q -> q.symbol().equals("AAPL")).findFirst().orElseThrow();
    assertEquals("231.07", apple.last().toPlainString());
  }

  private static List<MarketEvent> events(long seed) {
    Market market = new Market(seed);
    return IntStream.range(0, 10_000).mapToObj(i -> market.next()).toList();
  }
}
