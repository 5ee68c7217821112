package io.tycostream.domain.feed;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Print;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.Conflation;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Definition} bound to a relation: the pure function from the relation's rows and changes
 * to those that a subscriber sees. A row that starts to match is an insert, one that stops matching
 * a delete, and one that changes only where the subscriber does not look is nothing.
 *
 * <p>Two are equal when all that a subscriber sees of any row or change is the same: by the whole
 * text of what the filter means, the columns, and whether updates are deltas. A client writes its
 * filter itself, so nothing shorter will do: of a digest it could look for another one that is the
 * same as that of what somebody else is allowed to see.
 *
 * <p>Immutable.
 */
public final class Derivation {

  private final Definition definition;
  private final RowFilter filter;
  private final Relation shape;
  private final int[] columns;
  private final boolean allColumns;
  private final boolean whole;

  /** Whether two changes may cancel each other: rows that differ only where nobody looks. */
  private final boolean nets;

  private final int hash;

  private Derivation(Definition definition, RowFilter filter, Relation relation, int[] columns) {
    this.definition = definition;
    this.filter = filter;
    this.columns = columns;
    this.allColumns = columns.length == relation.columns().size();
    this.whole = allColumns && filter.isEverything();
    this.nets = !allColumns && !relation.isKeyed();
    this.shape =
        allColumns
            ? relation
            : new Relation(
                relation.name(),
                relation.identity(),
                IntStream.of(columns).mapToObj(relation.columns()::get).toList(),
                relation.key());
    // Now and not at first need, which is under a source's lock: the text may be long.
    this.hash = Objects.hash(filter.canonical(), shape, definition.delta());
  }

  /**
   * Binds a definition.
   *
   * @throws BadFilterException when it does not go with the columns of the relation
   */
  public static Derivation of(Definition definition, Relation relation) {
    List<String> names = relation.columns().stream().map(Column::name).toList();
    Set<String> wanted = definition.columns().orElseGet(() -> Set.copyOf(names));
    for (String name : wanted.stream().sorted().toList()) {
      if (!names.contains(name)) {
        throw new BadFilterException(
            BadFilterException.Fault.UNKNOWN_COLUMN,
            relation.name() + " has no column \"" + name + "\"; it has " + names);
      }
    }
    int[] columns =
        IntStream.range(0, names.size())
            .filter(i -> wanted.contains(names.get(i)) || relation.key().contains(names.get(i)))
            .toArray();
    return new Derivation(
        definition, RowFilter.compile(definition.where(), relation), relation, columns);
  }

  /** What was asked for. */
  public Definition definition() {
    return definition;
  }

  /** Columns and key of what the subscriber sees. */
  public Relation shape() {
    return shape;
  }

  /** Whether it lets everything through as it is. */
  public boolean isWhole() {
    return whole;
  }

  /**
   * Whether it can be told which of some keys that were touched the subscriber sees, of which no
   * former row is known: the filter names no other column, so that nobody learns of a key that is
   * not its own.
   */
  public boolean tellsTouched() {
    return shape.isKeyed() && shape.key().containsAll(filter.columns());
  }

  /** Whether changes of one batch may cancel each other in what the subscriber sees. */
  boolean nets() {
    return nets;
  }

  /** What a row must have in one column to be let through, where that can be said. */
  public Optional<RowFilter.Equality> equality() {
    return filter.equality();
  }

  /** A row as the subscriber sees it; nothing when it is not let through. */
  public Optional<Row> row(Row row) {
    return filter.matches(row) ? Optional.of(seen(row)) : Optional.empty();
  }

  /** A change as the subscriber sees it; nothing when there is nothing to see. */
  public Optional<Change> change(Change change) {
    return switch (change) {
      case Change.Insert(Row row) -> row(row).map(Change.Insert::new);
      case Change.Delete(Row before) -> row(before).map(Change.Delete::new);
      case Change.Update(Row before, Row row) -> {
        boolean was = filter.matches(before);
        boolean is = filter.matches(row);
        if (was && is) {
          yield looksDifferent(before, row)
              ? Optional.of(new Change.Update(seen(before), seen(row)))
              : Optional.empty();
        }
        yield is
            ? Optional.of(new Change.Insert(seen(row)))
            : was ? Optional.of(new Change.Delete(seen(before))) : Optional.empty();
      }
    };
  }

  /** Whether there is something to see of a change, were it alone. */
  public boolean concerns(Change change) {
    return switch (change) {
      case Change.Insert(Row row) -> filter.matches(row);
      case Change.Delete(Row before) -> filter.matches(before);
      case Change.Update(Row before, Row row) -> {
        boolean was = filter.matches(before);
        boolean is = filter.matches(row);
        yield was != is || (was && looksDifferent(before, row));
      }
    };
  }

  /** The changes of a batch as the subscriber sees them, net. */
  public List<Change> changes(List<Change> changes) {
    if (whole) {
      return changes;
    }
    List<Change> derived = new ArrayList<>();
    for (Change change : changes) {
      change(change).ifPresent(derived::add);
    }
    if (nets) {
      Conflation net = new Conflation(shape);
      net.add(derived);
      return net.changes();
    }
    return derived;
  }

  /** How many changes of a batch the subscriber sees. */
  public int count(List<Change> changes) {
    if (whole) {
      return changes.size();
    }
    return nets ? changes(changes).size() : (int) changes.stream().filter(this::concerns).count();
  }

  /** The print of positions that belong to this definition, from the relation's own. */
  public String print(String relationPrint) {
    if (whole) {
      return relationPrint;
    }
    List<String> texts = new ArrayList<>();
    texts.add(relationPrint);
    texts.add(filter.canonical());
    shape.columns().forEach(column -> texts.add(column.name()));
    return Print.of(texts);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Derivation that
        && hash == that.hash
        && definition.delta() == that.definition.delta()
        && shape.equals(that.shape)
        && filter.canonical().equals(that.filter.canonical());
  }

  @Override
  public int hashCode() {
    return hash;
  }

  private boolean looksDifferent(Row before, Row row) {
    for (int column : columns) {
      if (!Objects.equals(before.value(column), row.value(column))) {
        return true;
      }
    }
    return false;
  }

  private Row seen(Row row) {
    return allColumns ? row : row.project(columns);
  }
}
