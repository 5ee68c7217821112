package io.tycostream.adapters.db.demo;

import java.util.List;

/**
 * What is traded, where, and how its price behaves.
 *
 * @param openingPrice the price at the start, and the one that {@code change_pct} compares with
 * @param decimals decimal places of its prices
 * @param volatility standard deviation of one price step, as a fraction of the price
 * @param lot quantities are multiples of it
 * @param desks the desks that trade it
 */
record Instrument(
    String symbol,
    double openingPrice,
    int decimals,
    double volatility,
    int lot,
    List<String> desks) {

  static final List<Instrument> ALL =
      List.of(
          share("AAPL", 228.50, 0.0006, "us-equities", "tech"),
          share("MSFT", 421.30, 0.0005, "us-equities", "tech"),
          share("NVDA", 135.75, 0.0012, "us-equities", "tech"),
          share("AMZN", 186.40, 0.0008, "us-equities", "tech"),
          share("TSLA", 248.90, 0.0016, "us-equities"),
          share("JPM", 211.15, 0.0005, "us-equities"),
          share("ASML", 842.60, 0.0009, "eu-equities", "tech"),
          share("SAP", 203.85, 0.0006, "eu-equities", "tech"),
          share("NESN", 87.92, 0.0003, "eu-equities"),
          currencyPair("EURUSD", 1.0842, 4, 0.00015),
          currencyPair("GBPUSD", 1.2967, 4, 0.00018),
          currencyPair("USDJPY", 149.62, 2, 0.0002));

  private static Instrument share(String symbol, double price, double volatility, String... desks) {
    return new Instrument(symbol, price, 2, volatility, 10, List.of(desks));
  }

  private static Instrument currencyPair(
      String symbol, double price, int decimals, double volatility) {
    return new Instrument(symbol, price, decimals, volatility, 10_000, List.of("fx"));
  }
}
