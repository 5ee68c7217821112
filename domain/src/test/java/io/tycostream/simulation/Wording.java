package io.tycostream.simulation;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.source.SourceSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Messages of a few rows each, so that cuts fall between the parts; and messages for people. */
final class Wording {

  private Wording() {}

  static List<ServerMessage> parts(int feed, SourceSnapshot snapshot, int rowsPerPart) {
    List<ServerMessage> parts = new ArrayList<>();
    List<List<Row>> groups = groups(snapshot.rows(), rowsPerPart);
    for (int i = 0; i < groups.size(); i++) {
      boolean last = i == groups.size() - 1;
      parts.add(
          new ServerMessage.SnapshotPart(
              feed,
              i,
              groups.get(i),
              !last,
              last ? Optional.of(snapshot.position().toString()) : Optional.empty(),
              last ? OptionalLong.of(snapshot.index()) : OptionalLong.empty()));
    }
    return parts;
  }

  static List<ServerMessage> parts(int feed, Relation shape, LogEntry entry, int rowsPerPart) {
    List<ServerMessage> parts = new ArrayList<>();
    List<RowChange> changes =
        entry.batch().changes().stream().map(change -> said(shape, change)).toList();
    List<List<RowChange>> groups = groups(changes, rowsPerPart);
    for (int i = 0; i < groups.size(); i++) {
      parts.add(
          new ServerMessage.BatchPart(
              feed,
              entry.index(),
              entry.batch().position().toString(),
              groups.get(i),
              1,
              entry.batch().resync(),
              i,
              i < groups.size() - 1));
    }
    return parts;
  }

  private static RowChange said(Relation shape, Change change) {
    return switch (change) {
      case Change.Insert(Row row) -> new RowChange.Insert(row);
      case Change.Update(Row before, Row row) -> new RowChange.Update(row);
      case Change.Delete(Row before) -> new RowChange.Delete(shape.keyOf(before));
    };
  }

  private static <T> List<List<T>> groups(List<T> all, int size) {
    List<List<T>> groups = new ArrayList<>();
    for (int i = 0; i < all.size(); i += size) {
      groups.add(all.subList(i, Math.min(all.size(), i + size)));
    }
    return groups.isEmpty() ? List.of(List.of()) : groups;
  }

  /** One short line. */
  static String describe(ServerMessage message) {
    return switch (message) {
      case ServerMessage.Subscribed m ->
          "subscribed "
              + m.source()
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
      default -> message.toString();
    };
  }
}
