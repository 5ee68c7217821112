/**
 * Sample data that moves: trades, positions and prices of a small trading house, for the demo and
 * for tests.
 *
 * <p>{@link io.tycostream.adapters.db.demo.SampleTrading} runs the workload against any PostgreSQL.
 * {@link io.tycostream.adapters.db.demo.Market} decides what happens, from a seed and without I/O;
 * {@link io.tycostream.adapters.db.demo.TradingDatabase} writes it, one transaction an event.
 */
@NullMarked
package io.tycostream.adapters.db.demo;

import org.jspecify.annotations.NullMarked;
