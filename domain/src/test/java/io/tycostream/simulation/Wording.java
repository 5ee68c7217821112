package io.tycostream.simulation;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is delivered, as messages of a few rows each so that cuts fall between the parts; and
 * messages for people.
 *
 * @param feed the number of the feed
 * @param shape of the rows
 * @param delta whether updates carry only what changed
 */
record Wording(int feed, Relation shape, boolean delta, int rowsPerPart) {

  List<ServerMessage> parts(Delivery.Everything all) {
    List<ServerMessage> parts = new ArrayList<>();
    List<List<Row>> groups = groups(Shown.rows(all));
    for (int i = 0; i < groups.size(); i++) {
      boolean last = i == groups.size() - 1;
      parts.add(
          new ServerMessage.SnapshotPart(
              feed,
              i,
              groups.get(i),
              !last,
              last ? Optional.of(all.position().toString()) : Optional.empty(),
              last ? OptionalLong.of(all.seq()) : OptionalLong.empty()));
    }
    return parts;
  }

  List<ServerMessage> parts(Delivery.Next next) {
    boolean resync = next.batch().entry().batch().resync();
    return batch(next.batch().seq(), next.position(), next.changes(), 1, resync, delta && !resync);
  }

  List<ServerMessage> parts(Delivery.Merged merged) {
    return batch(
        merged.seq(), merged.position(), merged.changes(), merged.count(), merged.resync(), false);
  }

  private List<ServerMessage> batch(
      long seq,
      Position position,
      List<Change> changes,
      long merged,
      boolean resync,
      boolean patches) {
    List<ServerMessage> parts = new ArrayList<>();
    List<List<RowChange>> groups =
        groups(changes.stream().map(change -> said(change, patches)).toList());
    for (int i = 0; i < groups.size(); i++) {
      parts.add(
          new ServerMessage.BatchPart(
              feed,
              seq,
              position.toString(),
              groups.get(i),
              merged,
              resync,
              i,
              i < groups.size() - 1));
    }
    return parts;
  }

  private RowChange said(Change change, boolean patches) {
    return switch (change) {
      case Change.Insert(Row row) -> new RowChange.Insert(row);
      case Change.Update(Row before, Row row) ->
          patches ? new RowChange.Patch(patch(before, row)) : new RowChange.Update(row);
      case Change.Delete(Row before) -> new RowChange.Delete(shape.keyOf(before));
    };
  }

  private Row patch(Row before, Row row) {
    @Nullable String[] values = new @Nullable String[row.size()];
    for (int i = 0; i < values.length; i++) {
      String value = row.value(i);
      boolean same = value == null ? before.value(i) == null : value.equals(before.value(i));
      boolean key = shape.key().contains(shape.columns().get(i).name());
      values[i] = same && !key ? Row.UNCHANGED : value;
    }
    return Row.of(values);
  }

  private <T> List<List<T>> groups(List<T> all) {
    List<List<T>> groups = new ArrayList<>();
    for (int i = 0; i < all.size(); i += rowsPerPart) {
      groups.add(all.subList(i, Math.min(all.size(), i + rowsPerPart)));
    }
    return groups.isEmpty() ? List.of(List.of()) : groups;
  }

  /** One short line. */
  static String describe(ServerMessage message) {
    return switch (message) {
      case ServerMessage.Subscribed m ->
          "subscribed "
              + m.ref()
              + " as feed "
              + m.feed()
              + ", "
              + m.start()
              + m.position().map(p -> " at " + p).orElse("");
      case ServerMessage.SnapshotPart m ->
          "snapshot of feed "
              + m.feed()
              + ", part "
              + m.part()
              + ", "
              + m.rows().size()
              + " rows"
              + m.position().map(p -> ", the last, at " + p).orElse("");
      case ServerMessage.BatchPart m ->
          "batch "
              + m.seq()
              + " of feed "
              + m.feed()
              + ", part "
              + m.part()
              + ", "
              + m.changes().size()
              + " changes"
              + (m.merged() > 1 ? ", merged " + m.merged() : "")
              + (m.resync() ? ", resync" : "")
              + (m.more() ? "" : ", the last, at " + m.position());
      case ServerMessage.Gap m ->
          "gap on feed "
              + m.feed()
              + " after "
              + m.after().orElse("nothing")
              + " to "
              + m.upTo()
              + ", "
              + m.reason()
              + ", "
              + m.dropped()
              + " dropped, recovery "
              + m.recovery();
      case ServerMessage.SourceStatus m ->
          "source " + m.ref().orElse("of feed " + m.feed().orElse(0)) + " is " + m.state();
      case ServerMessage.Welcome m -> "welcome to " + m.node();
      default -> message.toString();
    };
  }
}
