package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.StreamException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What was read while a stream was opened, and is told by its first polls: the rows at one moment,
 * and what changed after it. Whatever was told is let go.
 */
final class Told {

  private static final int PIECE = 4_096;

  /** A relation whose rows at a moment come first. */
  record Loading(Relation relation, Checkpoint at) {}

  private final Queue<Row> rows;
  private final Queue<LoggedRow> changes;
  private final long complete;
  private final AtomicBoolean all;
  private Optional<Loading> loading;
  private boolean begun;

  /**
   * @param loading the moment of the rows
   * @param changes after that moment, in the order in which they were told
   * @param complete through where the changes are whole, in milliseconds; those that are later may
   *     be a part of their epoch
   * @param all set when everything was told
   */
  Told(Loading loading, List<Row> rows, List<LoggedRow> changes, long complete, AtomicBoolean all) {
    this(Optional.of(loading), rows, changes, complete, all);
  }

  private Told(
      Optional<Loading> loading,
      List<Row> rows,
      List<LoggedRow> changes,
      long complete,
      AtomicBoolean all) {
    this.loading = loading;
    this.rows = new ArrayDeque<>(rows);
    this.changes = new ArrayDeque<>(changes);
    this.complete = complete;
    this.all = all;
  }

  /** For a stream that goes on behind what the sink has. */
  static Told nothing() {
    return new Told(Optional.empty(), List.of(), List.of(), 0, new AtomicBoolean());
  }

  boolean isOver() {
    return loading.isEmpty();
  }

  /** Tells the next piece, if it is not over. */
  void tell(String source, ChangeSink sink) throws StreamException {
    if (loading.isEmpty()) {
      return;
    }
    Loading first = loading.get();
    long at = first.at.time();
    if (!begun) {
      sink.loading(source, first.relation, first.at);
      begun = true;
    }
    int left = PIECE;
    if (!rows.isEmpty()) {
      for (Row row = rows.poll(); row != null; row = --left > 0 ? rows.poll() : null) {
        sink.row(source, at, new RowEvent.Counted(row, 1));
      }
      return;
    }
    long last = at;
    for (LoggedRow change = changes.poll();
        change != null;
        change = --left > 0 ? changes.poll() : null) {
      last = change.time();
      sink.row(source, last, change.event());
    }
    if (changes.isEmpty()) {
      if (last <= complete) {
        sink.closed(complete + 1);
      }
      loading = Optional.empty();
      all.set(true);
    }
  }
}
