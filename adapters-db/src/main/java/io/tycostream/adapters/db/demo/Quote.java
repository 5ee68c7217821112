package io.tycostream.adapters.db.demo;

import java.math.BigDecimal;

/**
 * The price of an instrument at one moment.
 *
 * @param changePercent of {@code last} against the opening price
 */
record Quote(
    String symbol, BigDecimal bid, BigDecimal ask, BigDecimal last, BigDecimal changePercent) {}
