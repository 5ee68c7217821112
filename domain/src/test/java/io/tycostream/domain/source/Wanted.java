package io.tycostream.domain.source;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Literal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What clients of {@link ToldDatabase} want, and what that means in the plainest words. */
enum Wanted {
  ALL(Filter.EVERYTHING, row -> true, false),
  DELTAS(Filter.EVERYTHING, row -> true, false),
  IS_A(compared(Comparison.EQ, "a"), row -> has(row, "a"), false),
  IS_A_OR_B(
      new Filter.OneOf("v", List.of(new Literal.Text("b"), new Literal.Text("a")), false),
      row -> has(row, "a") || has(row, "b"),
      false),
  OVER_A(compared(Comparison.GT, "a"), row -> text(row).compareTo("a") > 0, false),
  /** With the key alone nobody sees an update. */
  KEYS(Filter.EVERYTHING, row -> true, true),
  KEYS_OF_C(compared(Comparison.EQ, "c"), row -> has(row, "c"), true);

  private final Filter where;
  private final Predicate<Row> matches;
  private final boolean keyOnly;

  Wanted(Filter where, Predicate<Row> matches, boolean keyOnly) {
    this.where = where;
    this.matches = matches;
    this.keyOnly = keyOnly;
  }

  Definition definition() {
    return new Definition(
        where, keyOnly ? Optional.of(Set.of()) : Optional.empty(), this == DELTAS);
  }

  /** What a client sees of a row. */
  Optional<Row> of(Row row) {
    return matches.test(row) ? Optional.of(keyOnly ? Row.of(row.value(0)) : row) : Optional.empty();
  }

  /** What a client sees of a change. */
  Optional<Change> of(Change change) {
    Optional<Row> before =
        switch (change) {
          case Change.Insert insert -> Optional.empty();
          case Change.Update update -> of(update.before());
          case Change.Delete delete -> of(delete.before());
        };
    Optional<Row> after =
        switch (change) {
          case Change.Insert insert -> of(insert.row());
          case Change.Update update -> of(update.row());
          case Change.Delete delete -> Optional.empty();
        };
    if (before.equals(after)) {
      return Optional.empty();
    }
    return before.isEmpty()
        ? after.map(Change.Insert::new)
        : Optional.of(
            after.isEmpty()
                ? new Change.Delete(before.get())
                : new Change.Update(before.get(), after.get()));
  }

  List<Change> of(List<Change> changes) {
    return changes.stream().map(this::of).flatMap(Optional::stream).toList();
  }

  private static Filter compared(Comparison comparison, String text) {
    return new Filter.Compared("v", comparison, new Literal.Text(text));
  }

  private static boolean has(Row row, String text) {
    return text.equals(row.value(1));
  }

  private static String text(Row row) {
    return String.valueOf(row.value(1));
  }
}
