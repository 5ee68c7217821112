package io.tycostream.app.postgres;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import java.util.List;
import java.util.Optional;

/**
 * The first to see what a stream decodes, before anything that is told again is dropped: counts by
 * the numbers that one writer inserts into a table, one a transaction, what is told a second time
 * although it was complete, and what is left out. All else goes on to another sink.
 */
final class LedgerSink implements ChangeSink {

  private final RecordingSink next;
  private final String source;
  private long last;
  private long open;
  private boolean inside;
  private boolean wasInside;
  private long lost;
  private long repeated;

  /**
   * @param source the name of the source that the numbers are in
   */
  LedgerSink(RecordingSink next, String source) {
    this.next = next;
    this.source = source;
  }

  /** The last number of a complete transaction. */
  long last() {
    return last;
  }

  /** Numbers that were left out. */
  long lost() {
    return lost;
  }

  /** Numbers that were told again after their transaction was complete. */
  long repeated() {
    return repeated;
  }

  /** Whether the stream broke inside a transaction the last time. */
  boolean wasInside() {
    return wasInside;
  }

  /** The stream broke. */
  void forgetPending() {
    wasInside = inside;
    inside = false;
    open = 0;
    next.forgetPending();
  }

  @Override
  public void row(String name, RowEvent event) {
    inside = true;
    if (name.equals(source) && event instanceof RowEvent.Inserted(Row row)) {
      open = Long.parseLong(String.valueOf(row.value(0)));
      if (open <= last) {
        repeated++;
      } else {
        lost += open - last - 1;
      }
    }
    next.row(name, event);
  }

  @Override
  public void commit(long time) {
    inside = false;
    if (open > last) {
      last = open;
    }
    open = 0;
    next.commit(time);
  }

  @Override
  public void loaded(String name, Relation relation, Checkpoint at, List<Row> rows) {
    if (name.equals(source)) {
      last =
          rows.stream()
              .mapToLong(row -> Long.parseLong(String.valueOf(row.value(0))))
              .max()
              .orElse(0);
    }
    next.loaded(name, relation, at, rows);
  }

  @Override
  public Optional<Checkpoint> complete() {
    return next.complete();
  }

  @Override
  public Optional<Relation> relation(String name) {
    return next.relation(name);
  }

  @Override
  public void snapshotStarted() {
    next.snapshotStarted();
  }

  @Override
  public void snapshotProgressed() {
    next.snapshotProgressed();
  }

  @Override
  public void loading(String name, Relation relation, Checkpoint at) {
    next.loading(name, relation, at);
  }

  @Override
  public void resumed(long behind) {
    next.resumed(behind);
  }

  @Override
  public void failed(String name, Failure failure) {
    next.failed(name, failure);
  }

  @Override
  public void row(String name, long time, RowEvent event) {
    next.row(name, time, event);
  }

  @Override
  public void progress(long time) {
    next.progress(time);
  }

  @Override
  public void closed(long before) {
    next.closed(before);
  }

  @Override
  public void completed() {
    next.completed();
  }
}
