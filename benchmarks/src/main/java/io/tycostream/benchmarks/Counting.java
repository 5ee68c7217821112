package io.tycostream.benchmarks;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import java.util.List;
import java.util.Optional;

/** Counts the rows of a stream of timestamps, and does nothing with them. */
final class Counting implements ChangeSink {

  long rows;
  long closed;

  @Override
  public void row(String source, long time, RowEvent event) {
    rows++;
  }

  @Override
  public void closed(long before) {
    closed = before;
  }

  @Override
  public Optional<Checkpoint> complete() {
    return Optional.empty();
  }

  @Override
  public Optional<Relation> relation(String source) {
    return Optional.empty();
  }

  @Override
  public void failed(String source, Failure failure) {
    throw new IllegalStateException(failure.message());
  }

  @Override
  public void snapshotStarted() {}

  @Override
  public void snapshotProgressed() {}

  @Override
  public void loaded(String source, Relation relation, Checkpoint at, List<Row> all) {}

  @Override
  public void loading(String source, Relation relation, Checkpoint at) {}

  @Override
  public void resumed(long behind) {}

  @Override
  public void row(String source, RowEvent event) {}

  @Override
  public void commit(long time) {}

  @Override
  public void progress(long time) {}

  @Override
  public void completed() {}
}
