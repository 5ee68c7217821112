package io.tycostream.domain.upstream;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.List;
import java.util.Optional;

/**
 * Takes what a {@link ChangeStream} tells.
 *
 * <p>A database tells whole moments, one after the other: some {@link #row}s, then {@link #commit}.
 * What was told of a moment that never committed is forgotten when the stream breaks.
 */
public interface ChangeSink {

  /** Everything up to here is applied; unsigned. Nothing before the first snapshot. */
  Optional<Checkpoint> complete();

  /** The definition that a source has had so far; nothing before its first snapshot. */
  Optional<Relation> relation(String source);

  /** All rows are going to be read. */
  void snapshotStarted();

  /** More rows were read, or another step of the snapshot is done; told often. */
  void snapshotProgressed();

  /** All rows of one relation, as they are at a moment. The same moment for all relations. */
  void loaded(String source, Relation relation, Checkpoint at, List<Row> rows);

  /** One source cannot be followed although the stream can: the others go on without it. */
  void failed(String source, Failure failure);

  /** Something happened to a row in the moment that is being told. */
  void row(String source, RowEvent event);

  /**
   * The moment that was being told is complete; ignored when it is not after {@link #complete}.
   *
   * @throws StreamException when it cannot be applied to the rows there are
   */
  void commit(long time) throws StreamException;

  /** Between two moments: nothing else happened up to here. Ignored when it is behind. */
  void progress(long time);
}
