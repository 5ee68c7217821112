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
 * <p>Each client has one virtual thread that owns its connection, its tables and calls its
 * listeners; everything else may be called from any thread. A listener that takes its time slows
 * down its own client only: what waits is bounded, and behind that bound the socket is not read.
 */
@NullMarked
package io.tycostream.client;

import org.jspecify.annotations.NullMarked;
