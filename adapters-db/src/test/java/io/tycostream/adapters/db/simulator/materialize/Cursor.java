package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Column;
import io.tycostream.adapters.db.simulator.wire.Outlet;
import io.tycostream.adapters.db.simulator.wire.Refusal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A cursor over a SUBSCRIBE. DECLARE checks names alone; the first FETCH, be it of nothing, starts
 * the subscribe and chooses the AS OF. Rows that a FETCH leaves wait for the next. To faults, each
 * FETCH is a stream.
 */
final class Cursor {

  private final Subscribes subscribes;
  private final SubscribeStatement statement;
  private final MzObject object;
  private final List<Column> columns;
  private final Deque<Output> waiting = new ArrayDeque<>();
  private Optional<Subscription> running = Optional.empty();
  private boolean ended;

  Cursor(Subscribes subscribes, SubscribeStatement statement, MzObject object) {
    this.subscribes = subscribes;
    this.statement = statement;
    this.object = object;
    this.columns = statement.columns(object);
  }

  List<Column> columns() {
    return columns;
  }

  /**
   * Without a time-out it waits once, for the first batch that is not empty, and returns what is
   * ready; with one until there are as many rows as asked for, the end, or the deadline. What is
   * ready comes before the deadline is looked at.
   *
   * @return the tag
   */
  String fetch(FetchStatement fetch, Outlet out) {
    out.stream();
    out.columns(columns);
    try {
      return rows(fetch, out);
    } catch (Refusal refusal) {
      close();
      throw refusal;
    }
  }

  void close() {
    running.ifPresent(subscribes::stop);
  }

  private String rows(FetchStatement fetch, Outlet out) {
    if (running.isEmpty()) {
      running = Optional.of(subscribes.start(statement, object, out));
    }
    OptionalLong deadline =
        fetch.timeout().isPresent()
            ? OptionalLong.of(System.nanoTime() + fetch.timeout().get().toNanos())
            : OptionalLong.empty();
    long limit = fetch.count().orElse(Long.MAX_VALUE);
    long sent = 0;
    while (true) {
      while (sent < limit && !waiting.isEmpty()) {
        out.row(waiting.removeFirst().values(statement.progress()));
        sent++;
      }
      if (sent == limit || ended) {
        return "FETCH " + sent;
      }
      out.flush();
      boolean waitedEnough = deadline.isEmpty() && sent > 0;
      Optional<Subscription.Batch> batch =
          subscribes.next(
              running.get(), out, waitedEnough ? OptionalLong.of(System.nanoTime()) : deadline);
      if (batch.isEmpty()) {
        return "FETCH " + sent;
      }
      waiting.addAll(batch.get().rows());
      ended = batch.get().ends();
    }
  }
}
