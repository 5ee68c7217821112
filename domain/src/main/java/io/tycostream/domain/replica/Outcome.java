package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.List;

/** What a message did to a {@link ReplicaTable}. */
public sealed interface Outcome {

  /** Nothing that is seen yet: a part that waits for the others, or a beginning. */
  record Staged() implements Outcome {}

  /** All rows were replaced; they are right at the table's position. */
  record Replaced() implements Outcome {}

  /**
   * The rows were changed; they are right at the table's position.
   *
   * @param changes those that really changed a row
   * @param exact whether these are all single changes since the position before; not so in a merged
   *     batch or a resync
   */
  record Applied(List<Change> changes, boolean exact) implements Outcome {

    public Applied {
      changes = List.copyOf(changes);
    }
  }

  /** All rows as they were at the table's position, of an event subscription, which keeps none. */
  record Shown(List<Row> rows) implements Outcome {

    public Shown {
      rows = List.copyOf(rows);
    }
  }

  /**
   * Changes of an event subscription, up to the table's position, as they came.
   *
   * @param exact as with {@link Applied}
   */
  record Passed(List<RowChange> changes, boolean exact) implements Outcome {

    public Passed {
      changes = List.copyOf(changes);
    }
  }

  /** The position went forward, the rows are the same. */
  record Advanced() implements Outcome {}

  /** What an event subscription missed is lost to it; its position is behind that. */
  record Lost() implements Outcome {}

  /**
   * The message does not follow what came before; the table is as it was.
   *
   * @param rowsWrong whether it shows that the rows themselves are not right, so that going on from
   *     the position would not help
   */
  record Broken(String reason, boolean rowsWrong) implements Outcome {}

  /** The gateway offers what this client cannot follow; asking again would not help. */
  record Unusable(String reason) implements Outcome {}
}
