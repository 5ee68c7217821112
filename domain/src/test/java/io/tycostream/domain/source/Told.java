package io.tycostream.domain.source;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a cursor has for its client, in words. */
final class Told {

  private Told() {}

  /** All that there is now. */
  static List<String> all(Cursor cursor, Instant now) {
    List<String> all = new ArrayList<>();
    Delivery next = cursor.next(now);
    while (!(next instanceof Delivery.Nothing)) {
      if (all.size() > 1_000) {
        throw new AssertionError("never comes to an end: " + all.subList(0, 10));
      }
      all.add(words(next));
      next = cursor.next(now);
    }
    return all;
  }

  static String words(Delivery delivery) {
    return switch (delivery) {
      case Delivery.Nothing nothing -> "nothing";
      case Delivery.Status status -> "status " + status.state().condition().wire();
      case Delivery.Began began ->
          "began "
              + began.start().wire()
              + began.position().map(at -> " at " + at.time()).orElse("")
              + (began.seq().isPresent() ? " with seq " + began.seq().getAsLong() : "");
      case Delivery.Lost lost ->
          "lost %d from %s to %d: %s, %s"
              .formatted(
                  lost.dropped(),
                  lost.after().flatMap(Position::parse).map(at -> "" + at.time()).orElse("nowhere"),
                  lost.upTo().time(),
                  lost.reason().wire(),
                  lost.recovery().wire());
      case Delivery.Everything all ->
          "rows %s at %d with seq %d"
              .formatted(
                  Shown.rows(all).stream().map(Told::id).sorted().toList(),
                  all.position().time(),
                  all.seq());
      case Delivery.Next next ->
          "batch %d at %d: %s"
              .formatted(next.batch().seq(), next.position().time(), words(next.changes()));
      case Delivery.Merged merged ->
          "merged %d to %d at %d: %s%s"
              .formatted(
                  merged.count(),
                  merged.seq(),
                  merged.position().time(),
                  words(merged.changes()),
                  merged.resync() ? ", resync" : "");
      case Delivery.Reached reached -> "reached " + reached.position().time();
      case Delivery.Refused refused ->
          "refused " + refused.code().wire() + ": " + refused.message();
    };
  }

  private static String words(List<Change> changes) {
    return changes.stream()
        .map(change ->
            switch (change) {
              case Change.Insert insert -> "+" + id(insert.row());
              case Change.Update update -> "~" + id(update.row());
              case Change.Delete delete -> "-" + id(delete.before());
            })
        .collect(Collectors.joining(" "));
  }

  private static String id(Row row) {
    return String.valueOf(row.value(0));
  }
}
