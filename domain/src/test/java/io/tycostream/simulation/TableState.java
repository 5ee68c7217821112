package io.tycostream.simulation;

import io.tycostream.domain.change.Relation;

/**
 * A table at one moment of the database.
 *
 * @param content never changed
 * @param version grows by one with each moment that really changed a row
 */
record TableState(Relation relation, Content content, long version) {

  /** The table after a moment; the same when nothing is different. */
  TableState with(Content next) {
    return next.equals(content) ? this : new TableState(relation, next, version + 1);
  }
}
