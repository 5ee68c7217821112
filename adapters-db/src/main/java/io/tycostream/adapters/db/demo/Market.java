package io.tycostream.adapters.db.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Decides what happens next: which instrument, which way, at which price. The same seed gives the
 * same events. Prices walk at random and are drawn back to their opening price, so that they stay
 * believable however long it runs. One thread.
 */
final class Market {
  /** How much of the distance to the opening price a step takes back. */
  private static final double PULL_BACK = 0.002;

  private static final Map<String, List<String>> TRADERS =
      Map.of(
          "us-equities", List.of("alvarez", "brooks", "chen", "diaz"),
          "eu-equities", List.of("eriksson", "fischer", "garnier"),
          "tech", List.of("haddad", "ito", "jansen"),
          "fx", List.of("kovacs", "lindqvist", "moreau", "novak"));

  private final Random random;
  private final Map<String, Double> prices = new HashMap<>();

  Market(long seed) {
    this.random = new Random(seed);
    Instrument.ALL.forEach(each -> prices.put(each.symbol(), each.openingPrice()));
  }

  /** Goes on from a price that was reached earlier. Symbols that are not ours are ignored. */
  void resumeAt(String symbol, BigDecimal last) {
    prices.computeIfPresent(symbol, (name, price) -> last.doubleValue());
  }

  /** The price of every instrument now. */
  List<Quote> quotes() {
    return Instrument.ALL.stream().map(this::quote).toList();
  }

  MarketEvent next() {
    double kind = random.nextDouble();
    if (kind < 0.37) {
      return nextTrade(TradeStatus.NEW);
    }
    // A little more often than it takes to fill all new trades, or open ones would pile up.
    if (kind < 0.85) {
      return new MarketEvent.TradeProgressed(random.nextDouble(), random.nextDouble() < 0.3);
    }
    if (kind < 0.89) {
      return new MarketEvent.TradeCancelled(random.nextDouble());
    }
    return new MarketEvent.PriceMoved(step(anyInstrument()));
  }

  /** A trade from before the start: mostly filled by now. */
  MarketEvent.TradeEntered earlierTrade() {
    return nextTrade(random.nextDouble() < 0.95 ? TradeStatus.FILLED : TradeStatus.PARTIAL);
  }

  private MarketEvent.TradeEntered nextTrade(TradeStatus status) {
    Instrument instrument = anyInstrument();
    String desk = any(instrument.desks());
    Side side = random.nextBoolean() ? Side.BUY : Side.SELL;
    // Small quantities often, large ones seldom.
    int lots = 1 + (int) (49 * Math.pow(random.nextDouble(), 3));
    String trader = any(TRADERS.getOrDefault(desk, List.of("desk")));
    return new MarketEvent.TradeEntered(
        step(instrument), side, lots * instrument.lot(), trader, desk, status);
  }

  private Quote step(Instrument instrument) {
    prices.computeIfPresent(
        instrument.symbol(),
        (symbol, price) ->
            price * (1 + instrument.volatility() * random.nextGaussian())
                + PULL_BACK * (instrument.openingPrice() - price));
    return quote(instrument);
  }

  private Quote quote(Instrument instrument) {
    double price = prices.getOrDefault(instrument.symbol(), instrument.openingPrice());
    BigDecimal last =
        BigDecimal.valueOf(price).setScale(instrument.decimals(), RoundingMode.HALF_UP);
    BigDecimal halfSpread =
        BigDecimal.valueOf(price * 0.0001).setScale(instrument.decimals(), RoundingMode.UP);
    BigDecimal change =
        BigDecimal.valueOf(100 * (last.doubleValue() / instrument.openingPrice() - 1))
            .setScale(2, RoundingMode.HALF_UP);
    return new Quote(
        instrument.symbol(), last.subtract(halfSpread), last.add(halfSpread), last, change);
  }

  private Instrument anyInstrument() {
    return any(Instrument.ALL);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
