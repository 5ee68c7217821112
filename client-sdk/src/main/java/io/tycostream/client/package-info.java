/**
 * The Java client: follows sources of a tycostream gateway and never loses its place.
 *
 * <pre>{@code
 * try (TycostreamClient client = TycostreamClient.builder("http://localhost:8080").connect()) {
 *   client.subscribe(
 *       "trades",
 *       new SubscriptionListener() {
 *         @Override
 *         public void onBatch(Subscription trades, TableBatch batch) {
 *           batch.changes().forEach(System.out::println);
 *         }
 *       });
 *   Thread.currentThread().join();
 * }
 * }</pre>
 *
 * <p>Or as objects of the program, always those of one position:
 *
 * <pre>{@code
 * record Trade(long id, String symbol, BigDecimal price) {}
 *
 * LiveTable<Long, Trade> trades =
 *     client.table(TableQuery.of("trades"), Trade.class, Trade::id);
 * if (trades.awaitRows(Duration.ofSeconds(10))) {
 *   trades.get(7L).ifPresent(System.out::println);
 * }
 * }</pre>
 *
 * <p>{@link io.tycostream.client.TycostreamClient#subscribe(TableQuery, SubscriptionListener)
 * Listeners}, {@link io.tycostream.client.LiveTable tables} and {@link
 * io.tycostream.client.TycostreamClient#publisher publishers} are the three ways to follow; a
 * {@link io.tycostream.client.TableQuery} says what.
 *
 * <p>Each client has a virtual thread that decides and never waits, and each listener one of its
 * own while it has something to be told; all else may be called from any thread. A listener that
 * takes its time keeps neither the connection nor other listeners from going on: what waits for it
 * is bounded, and behind that bound the socket is not read.
 *
 * <p>A <b>position</b> is a text that says "everything up to here", the same at each gateway of a
 * database and after each restart. It is of one query: another condition or other columns have
 * positions of their own. Programs keep positions, hand them back and hand them on, and do not look
 * inside.
 *
 * <p>What is logged goes to {@link System.Logger}, under the names of the classes of this package.
 */
@NullMarked
package io.tycostream.client;

import org.jspecify.annotations.NullMarked;
