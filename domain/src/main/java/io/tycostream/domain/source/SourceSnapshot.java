package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import java.util.List;

/**
 * All rows of a source at one position, shared by all who join at about the same time. Compared by
 * identity.
 */
public final class SourceSnapshot {

  private final Generation generation;
  private final long index;
  private final long totalChanges;
  private final Position position;
  private final List<Row> rows;

  SourceSnapshot(
      Generation generation, long index, long totalChanges, Position position, List<Row> rows) {
    this.generation = generation;
    this.index = index;
    this.totalChanges = totalChanges;
    this.position = position;
    this.rows = rows;
  }

  public Generation generation() {
    return generation;
  }

  /** The last entry of the log that is included; the next batch is the next entry. */
  public long index() {
    return index;
  }

  /** Row changes in the log's life that are included. */
  public long totalChanges() {
    return totalChanges;
  }

  public Position position() {
    return position;
  }

  /** As they are in the source; of one without a key each copy. */
  public List<Row> rows() {
    return rows;
  }
}
