package io.tycostream.simulation;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Filter;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What somebody sees of a table, worked out in the simplest way. From the core it takes only the
 * name that positions have for it.
 */
final class Lens {

  private final Filter where;
  private final Optional<Set<String>> columns;
  private final Map<String, Bound> byPrint = new HashMap<>();
  private final IdentityHashMap<TableState, Content> recent = new IdentityHashMap<>();

  /** The lens over one definition of the table. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Bound(Relation shape, int[] places, String print) {}

  Lens(Filter where, Optional<Set<String>> columns) {
    this.where = where;
    this.columns = columns;
  }

  /** What positions of it say, for a table with this definition. */
  String print(Relation relation) {
    return bound(relation).print;
  }

  /** Columns and key of what is seen. */
  Relation shape(Relation relation) {
    return bound(relation).shape;
  }

  /** What is seen of a table. */
  Content of(TableState state) {
    Content known = recent.get(state);
    if (known == null) {
      if (recent.size() > 500) {
        recent.clear();
      }
      known = see(state);
      recent.put(state, known);
    }
    return known;
  }

  private Content see(TableState state) {
    Bound bound = bound(state.relation());
    Content seen = new Content(bound.shape);
    for (Row row : state.content().list()) {
      if (NaiveFilter.matches(where, state.relation(), row)) {
        seen.put(row.project(bound.places));
      }
    }
    return seen;
  }

  private Bound bound(Relation relation) {
    return byPrint.computeIfAbsent(relation.print(), first -> bind(relation));
  }

  private Bound bind(Relation relation) {
    List<Column> all = relation.columns();
    int[] places =
        IntStream.range(0, all.size())
            .filter(i ->
                columns.isEmpty()
                    || columns.get().contains(all.get(i).name())
                    || relation.key().contains(all.get(i).name()))
            .toArray();
    Relation shape =
        new Relation(
            relation.name(),
            relation.identity(),
            IntStream.of(places).mapToObj(all::get).toList(),
            relation.key());
    Definition definition = new Definition(where, columns, false);
    return new Bound(shape, places, Derivation.of(definition, relation).print(relation.print()));
  }
}
