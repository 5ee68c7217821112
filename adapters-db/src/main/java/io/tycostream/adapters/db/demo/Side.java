package io.tycostream.adapters.db.demo;

import java.util.Locale;

/** Which way a trade goes. */
enum Side {
  BUY(1),
  SELL(-1);

  private final int sign;

  Side(int sign) {
    this.sign = sign;
  }

  /** What a trade of this side does to a position: 1 or -1. */
  int sign() {
    return sign;
  }

  /** As it stands in the database. */
  String column() {
    return name().toLowerCase(Locale.ROOT);
  }
}
