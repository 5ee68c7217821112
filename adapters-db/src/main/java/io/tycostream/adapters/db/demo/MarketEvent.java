package io.tycostream.adapters.db.demo;

/** Something that happens on the market; each one is a transaction. */
sealed interface MarketEvent {

  /** A desk trades; the price moves with it. */
  record TradeEntered(
      Quote quote, Side side, int quantity, String trader, String desk, TradeStatus status)
      implements MarketEvent {}

  /**
   * An open trade is filled, or only a part of it when it is new.
   *
   * @param choice which one of those that are open, as a fraction of them: at least 0, below 1
   */
  record TradeProgressed(double choice, boolean partly) implements MarketEvent {}

  /**
   * A trade on which nothing has happened yet is taken back.
   *
   * @param choice which one of those, as a fraction of them: at least 0, below 1
   */
  record TradeCancelled(double choice) implements MarketEvent {}

  /** A price moves without a trade of ours. */
  record PriceMoved(Quote quote) implements MarketEvent {}
}
