package io.tycostream.adapters.db.materialize;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.StreamException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The first who sees what an adapter has decoded: counts rows that were complete when the stream
 * was opened, or that the same stream told before, and hands all on.
 */
final class Decoded implements ChangeSink {

  private record Seen(long time, Row row) {}

  private final ChangeSink sink;
  private final Set<Seen> seen = new HashSet<>();
  private Optional<Checkpoint> complete = Optional.empty();
  private Optional<Checkpoint> loading = Optional.empty();
  private int repeated;

  Decoded(ChangeSink sink) {
    this.sink = sink;
  }

  /**
   * Another stream is opened.
   *
   * @param resumedBehind nothing for one that begins with all rows
   */
  void beginStream(Optional<Checkpoint> resumedBehind) {
    seen.clear();
    complete = resumedBehind;
    loading = Optional.empty();
  }

  /** The moment with all of whose rows this stream begins, once it is known. */
  Optional<Checkpoint> loading() {
    return loading;
  }

  int repeated() {
    return repeated;
  }

  @Override
  public boolean wantsPast() {
    return sink.wantsPast();
  }

  @Override
  public void row(String source, long time, RowEvent event) throws StreamException {
    if (event instanceof RowEvent.Counted counted) {
      boolean old = complete.filter(at -> Long.compareUnsigned(time, at.time()) <= 0).isPresent();
      repeated += old || !seen.add(new Seen(time, counted.row())) ? 1 : 0;
    }
    sink.row(source, time, event);
  }

  @Override
  public Optional<Checkpoint> complete() {
    return sink.complete();
  }

  @Override
  public Optional<Relation> relation(String source) {
    return sink.relation(source);
  }

  @Override
  public void snapshotStarted() {
    sink.snapshotStarted();
  }

  @Override
  public void snapshotProgressed() {
    sink.snapshotProgressed();
  }

  @Override
  public void loaded(String source, Relation relation, Checkpoint at, List<Row> rows) {
    sink.loaded(source, relation, at, rows);
  }

  @Override
  public void loading(String source, Relation relation, Checkpoint at) {
    loading = Optional.of(at);
    sink.loading(source, relation, at);
  }

  @Override
  public void resumed(long behind) throws StreamException {
    sink.resumed(behind);
  }

  @Override
  public void failed(String source, Failure failure) {
    sink.failed(source, failure);
  }

  @Override
  public void row(String source, RowEvent event) {
    sink.row(source, event);
  }

  @Override
  public void commit(long time) throws StreamException {
    sink.commit(time);
  }

  @Override
  public void progress(long time) {
    sink.progress(time);
  }

  @Override
  public void closed(long before) throws StreamException {
    sink.closed(before);
  }

  @Override
  public void completed() throws StreamException {
    sink.completed();
  }
}
