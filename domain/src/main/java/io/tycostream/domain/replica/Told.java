package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import java.time.Instant;
import java.util.List;

/** What a program is told of its subscriptions, each by its ref. */
public sealed interface Told {

  /** The subscription that it is about; empty where it is about none. */
  String ref();

  /** All rows are new; they are the table's at its position. */
  record Snapshot(String ref, String position) implements Told {}

  /**
   * Rows changed; they are right at the position.
   *
   * @param exact whether these are all single changes since the position before
   */
  record Batch(String ref, String position, List<Change> changes, boolean exact) implements Told {

    public Batch {
      changes = List.copyOf(changes);
    }
  }

  /** An event subscription begins with all rows as they were at a position; none is kept. */
  record Rows(String ref, String position, List<Row> rows) implements Told {

    public Rows {
      rows = List.copyOf(rows);
    }
  }

  /** Changes of an event subscription, as they came. */
  record Changes(String ref, String position, List<RowChange> changes, boolean exact)
      implements Told {

    public Changes {
      changes = List.copyOf(changes);
    }
  }

  /** Nothing else changed up to here. */
  record Progress(String ref, String position) implements Told {}

  /** Single changes are not going to be told. */
  record Gap(String ref, ServerMessage.Gap gap) implements Told {}

  /** How the gateway's own connection to the database stands. */
  record SourceState(String ref, ServerMessage.SourceStatus status) implements Told {}

  /** The connection is falling behind, mostly with this subscription, or has caught up. */
  record Pressure(String ref, ServerMessage.Pressure pressure) implements Told {}

  /**
   * The gateway refused to subscribe. A retryable refusal is tried again by itself; any other one
   * ended the subscription.
   */
  record Refused(String ref, ServerMessage.Refused refusal) implements Told {}

  /** The subscription began anew too often, and is left alone until then. */
  record Looping(String ref, String reason, Instant until) implements Told {}

  /** The subscription has ended, and not because the program ended it. */
  record Ended(String ref, String reason) implements Told {}

  /** A request that is of no subscription, or of one only inside, was refused. */
  record Remarked(ServerMessage.Refused refusal) implements Told {

    @Override
    public String ref() {
      return refusal.ref().orElse("");
    }
  }
}
