package io.tycostream.adapters.db.demo;

import java.util.Locale;

/** Where a trade stands. It counts in its position from the start until it is cancelled. */
enum TradeStatus {
  NEW,
  PARTIAL,
  FILLED,
  CANCELLED;

  /** As it stands in the database. */
  String column() {
    return name().toLowerCase(Locale.ROOT);
  }
}
