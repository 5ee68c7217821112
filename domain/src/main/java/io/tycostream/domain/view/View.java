package io.tycostream.domain.view;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.List;
import java.util.Optional;

/**
 * The materialized rows of a relation.
 *
 * <p>A moment is applied whole or, when it does not fit or would be too large, not at all; what
 * comes out is its net effect: each key at most once, and nothing for a row that ends as it began.
 * Without a key a row stands as often as it was inserted, and a change is told for each copy.
 */
public final class View {

  private final Capacity capacity;
  private Relation relation;
  private Rows rows;

  /**
   * Without limits.
   *
   * @throws MisfitException when two rows have the same key
   */
  public View(Relation relation, List<Row> rows) {
    this(relation, rows, Capacity.UNLIMITED);
  }

  /**
   * @throws MisfitException when two rows have the same key
   * @throws TooLargeException when that is more than the capacity
   */
  public View(Relation relation, List<Row> rows, Capacity capacity) {
    this.capacity = capacity;
    this.relation = relation;
    this.rows = hold(relation, rows);
  }

  public Relation relation() {
    return relation;
  }

  /** How many rows there are, copies counted each. */
  public int size() {
    return Math.toIntExact(rows.size());
  }

  /** About how much memory the rows take, in bytes, copies counted each. */
  public long bytes() {
    return rows.bytes();
  }

  /** The rows as they are now, in no particular order; each as often as it stands. */
  public List<Row> rows() {
    return rows.list();
  }

  /**
   * Applies what happened in one moment.
   *
   * @return its net effect
   * @throws MisfitException when it does not fit the rows there are; nothing is applied then
   * @throws TooLargeException when there would be more than the capacity; nothing is applied then
   */
  public List<Change> apply(List<RowEvent> events) {
    Draft draft = rows.draft();
    for (RowEvent event : events) {
      switch (event) {
        case RowEvent.Inserted(Row row) -> draft.insert(row);
        case RowEvent.Upserted(Optional<Key> formerKey, Row row) -> draft.upsert(formerKey, row);
        case RowEvent.Deleted(Key key) -> draft.delete(key);
        case RowEvent.Counted(Row row, long diff) -> draft.count(row, diff);
        case RowEvent.Truncated truncated -> draft.truncate();
      }
    }
    draft.settle();
    capacity.requireRows(relation.name(), draft.size());
    capacity.requireBytes(relation.name(), draft.bytes());
    return draft.commit();
  }

  /**
   * Makes these the rows.
   *
   * @param relation of the same shape as the one there is
   * @return the difference to the rows there were
   * @throws MisfitException when two rows have the same key; nothing is changed then
   * @throws TooLargeException when that is more than the capacity; nothing is changed then
   */
  public List<Change> replace(Relation relation, List<Row> fresh) {
    Rows next = hold(relation, fresh);
    List<Change> difference = Difference.between(rows, next);
    this.relation = relation;
    this.rows = next;
    return difference;
  }

  private Rows hold(Relation relation, List<Row> rows) {
    capacity.requireRows(relation.name(), rows.size());
    Rows held =
        relation.isKeyed() ? new KeyedRows(relation, rows) : new CountedRows(relation, rows);
    capacity.requireBytes(relation.name(), held.bytes());
    return held;
  }
}
