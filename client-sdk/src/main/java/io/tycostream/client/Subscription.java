package io.tycostream.client;

import java.util.List;
import java.util.Optional;

/** A source that a client follows; safe from any thread. */
public interface Subscription extends AutoCloseable {

  /** The name that the client gave it, unique among its subscriptions. */
  String ref();

  String source();

  /**
   * How far the client has come; nothing before the first snapshot. Its listener may still be busy
   * with what came before.
   */
  Optional<String> position();

  /**
   * A copy of all rows as they are at one position, together with it. Costs time and memory in
   * proportion to the rows.
   *
   * @throws IllegalStateException when the client does not keep the rows: of {@linkplain
   *     TableQuery#durable durable} subscriptions, and of {@linkplain TableQuery#events events}
   */
  TableState state();

  /** The rows of {@link #state}. */
  default List<TableRow> rows() {
    return state().rows();
  }

  /**
   * Ends it, and does not wait: a call of the listener in progress goes on, and is the last one.
   */
  @Override
  void close();
}
