package io.tycostream.adapters.db.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Writes the events of the market into the three tables over one connection, each event in one
 * transaction. After every commit hold:
 *
 * <ul>
 *   <li>a position's quantity is the signed sum of its trades that were not cancelled, including
 *       those that were removed since for their age;
 *   <li>a position's market value is its quantity at the symbol's last price, and its profit is
 *       that less the quantity at its average price.
 * </ul>
 *
 * <p>One thread. After an {@link SQLException} this object and its connection are of no use.
 */
final class TradingDatabase implements AutoCloseable {
  private static final String SCHEMA =
      """
      create table if not exists trades (
        id          bigint generated always as identity primary key,
        symbol      text not null,
        side        text not null check (side in ('buy', 'sell')),
        price       numeric(12,4) not null,
        quantity    int not null check (quantity > 0),
        trader      text not null,
        desk        text not null,
        status      text not null check (status in ('new', 'partial', 'filled', 'cancelled')),
        executed_at timestamptz not null
      );
      create table if not exists positions (
        desk          text not null,
        symbol        text not null,
        quantity      bigint not null,
        average_price numeric(12,4) not null,
        market_value  numeric(20,4) not null,
        pnl           numeric(20,4) not null,
        updated_at    timestamptz not null,
        primary key (desk, symbol)
      );
      create table if not exists prices (
        symbol     text primary key,
        bid        numeric(12,4) not null,
        ask        numeric(12,4) not null,
        last       numeric(12,4) not null,
        change_pct numeric(6,2) not null,
        updated_at timestamptz not null
      )
      """;

  private static final String ENTER_TRADE =
      """
      insert into trades (symbol, side, price, quantity, trader, desk, status, executed_at)
      values (?, ?, ?, ?, ?, ?, ?, clock_timestamp() - ? * interval '1 second')
      """;

  /** The average price moves only when a position grows; one that changes its side starts anew. */
  private static final String BOOK_POSITION =
      """
      insert into positions as p
        (desk, symbol, quantity, average_price, market_value, pnl, updated_at)
      values (?, ?, ?, ?, 0, 0, now())
      on conflict (desk, symbol) do update set
        quantity = p.quantity + excluded.quantity,
        average_price = case
          when p.quantity + excluded.quantity = 0 then 0
          when sign(p.quantity) * sign(excluded.quantity) >= 0
            then (p.quantity * p.average_price + excluded.quantity * excluded.average_price)
              / (p.quantity + excluded.quantity)
          when sign(p.quantity + excluded.quantity) = sign(p.quantity) then p.average_price
          else excluded.average_price
        end
      """;

  private static final String QUOTE_PRICE =
      """
      insert into prices (symbol, bid, ask, last, change_pct, updated_at)
      values (?, ?, ?, ?, ?, now())
      on conflict (symbol) do update set bid = excluded.bid, ask = excluded.ask,
        last = excluded.last, change_pct = excluded.change_pct, updated_at = excluded.updated_at
      """;

  private static final String REVALUE_POSITIONS =
      """
      update positions set
        market_value = quantity * prices.last,
        pnl = quantity * (prices.last - average_price),
        updated_at = now()
      from prices
      where prices.symbol = positions.symbol and positions.symbol = ?
      """;

  /** The youngest trades are left alone, so that some are always to be seen open. */
  private static final String PROGRESS_TRADE =
      """
      with open as (
        select id from trades where status in ('new', 'partial')
        order by id desc offset 40)
      update trades set status =
        case when status = 'new' and ? then 'partial' else 'filled' end
      where id = (
        select id from open order by id
        offset floor(? * (select count(*) from open)) limit 1)
      """;

  private static final String CANCEL_TRADE =
      """
      with untouched as (select id from trades where status = 'new')
      update trades set status = 'cancelled'
      where id = (
        select id from untouched order by id
        offset floor(? * (select count(*) from untouched)) limit 1)
      returning desk, symbol, price, case side when 'buy' then -quantity else quantity end
      """;

  /** Cancelled trades stay to be seen for a while: until so many have come after them. */
  private static final String REMOVE_OLD_TRADES =
      """
      delete from trades where
        id <= (select id from trades order by id desc offset ? limit 1)
        or status = 'cancelled' and id <= (select id from trades order by id desc offset ? limit 1)
      """;

  private final Connection connection;
  private final PreparedStatement enterTrade;
  private final PreparedStatement bookPosition;
  private final PreparedStatement quotePrice;
  private final PreparedStatement revaluePositions;
  private final PreparedStatement progressTrade;
  private final PreparedStatement cancelTrade;
  private final PreparedStatement removeOldTrades;

  /** Creates the tables where they are missing. The connection belongs to this object from now. */
  TradingDatabase(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(SCHEMA);
    }
    connection.commit();
    enterTrade = connection.prepareStatement(ENTER_TRADE);
    bookPosition = connection.prepareStatement(BOOK_POSITION);
    quotePrice = connection.prepareStatement(QUOTE_PRICE);
    revaluePositions = connection.prepareStatement(REVALUE_POSITIONS);
    progressTrade = connection.prepareStatement(PROGRESS_TRADE);
    cancelTrade = connection.prepareStatement(CANCEL_TRADE);
    removeOldTrades = connection.prepareStatement(REMOVE_OLD_TRADES);
  }

  /**
   * Fills empty tables, in one transaction, with a price for every instrument and {@code trades}
   * trades of the last hour; where there are prices already, the market goes on from them.
   */
  void open(Market market, int trades) throws SQLException {
    if (resume(market)) {
      return;
    }
    for (Quote quote : market.quotes()) {
      quote(quote);
    }
    for (int i = trades; i > 0; i--) {
      enter(market.earlierTrade(), 3600.0 * i / trades);
    }
    connection.commit();
  }

  /**
   * Writes one event and commits it.
   *
   * @param maxTrades the oldest trades beyond this number are removed
   */
  void write(MarketEvent event, int maxTrades) throws SQLException {
    switch (event) {
      case MarketEvent.TradeEntered trade -> {
        enter(trade, 0);
        removeOldTrades(maxTrades);
      }
      case MarketEvent.TradeProgressed progress -> {
        progressTrade.setBoolean(1, progress.partly());
        progressTrade.setDouble(2, progress.choice());
        progressTrade.executeUpdate();
      }
      case MarketEvent.TradeCancelled cancel -> cancel(cancel);
      case MarketEvent.PriceMoved move -> quote(move.quote());
    }
    connection.commit();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private boolean resume(Market market) throws SQLException {
    boolean found = false;
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select symbol, last from prices")) {
      while (rows.next()) {
        market.resumeAt(rows.getString(1), rows.getBigDecimal(2));
        found = true;
      }
    }
    connection.commit();
    return found;
  }

  private void enter(MarketEvent.TradeEntered trade, double secondsAgo) throws SQLException {
    Quote quote = trade.quote();
    enterTrade.setString(1, quote.symbol());
    enterTrade.setString(2, trade.side().column());
    enterTrade.setBigDecimal(3, quote.last());
    enterTrade.setInt(4, trade.quantity());
    enterTrade.setString(5, trade.trader());
    enterTrade.setString(6, trade.desk());
    enterTrade.setString(7, trade.status().column());
    enterTrade.setDouble(8, secondsAgo);
    enterTrade.executeUpdate();

    bookPosition.setString(1, trade.desk());
    bookPosition.setString(2, quote.symbol());
    bookPosition.setLong(3, (long) trade.side().sign() * trade.quantity());
    bookPosition.setBigDecimal(4, quote.last());
    bookPosition.executeUpdate();

    quote(quote);
  }

  private void cancel(MarketEvent.TradeCancelled cancel) throws SQLException {
    cancelTrade.setDouble(1, cancel.choice());
    try (ResultSet cancelled = cancelTrade.executeQuery()) {
      if (!cancelled.next()) {
        return; // Nothing is open just now.
      }
      String symbol = cancelled.getString(2);
      bookPosition.setString(1, cancelled.getString(1));
      bookPosition.setString(2, symbol);
      bookPosition.setLong(3, cancelled.getLong(4));
      bookPosition.setBigDecimal(4, cancelled.getBigDecimal(3));
      bookPosition.executeUpdate();
      revalue(symbol);
    }
  }

  private void quote(Quote quote) throws SQLException {
    quotePrice.setString(1, quote.symbol());
    quotePrice.setBigDecimal(2, quote.bid());
    quotePrice.setBigDecimal(3, quote.ask());
    quotePrice.setBigDecimal(4, quote.last());
    quotePrice.setBigDecimal(5, quote.changePercent());
    quotePrice.executeUpdate();
    revalue(quote.symbol());
  }

  private void revalue(String symbol) throws SQLException {
    revaluePositions.setString(1, symbol);
    revaluePositions.executeUpdate();
  }

  private void removeOldTrades(int maxTrades) throws SQLException {
    removeOldTrades.setInt(1, maxTrades);
    removeOldTrades.setInt(2, maxTrades / 10);
    removeOldTrades.executeUpdate();
  }
}
