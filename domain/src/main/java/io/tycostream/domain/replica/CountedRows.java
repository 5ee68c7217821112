package io.tycostream.domain.replica;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rows that nothing but themselves identifies: how often each one stands.
 *
 * <p>Changes are net counts, also where several batches are merged into one: a copy that is deleted
 * has to be there. The order within a batch means nothing, so copies come before they go.
 */
final class CountedRows implements Rows {

  private final Map<Row, Integer> counts = new LinkedHashMap<>();

  @Override
  public boolean add(Row row) {
    counts.merge(row, 1, Integer::sum);
    return true;
  }

  @Override
  public Optional<String> apply(List<RowChange> changes, boolean exact, List<Change> into) {
    for (RowChange change : changes) {
      switch (change) {
        case RowChange.Insert(Row row) -> {
          add(row);
          into.add(new Change.Insert(row));
        }
        case RowChange.Delete later -> {}
        case RowChange.Update(Row row) -> {
          return misfit("update of a row without a key: " + row, into);
        }
        case RowChange.Patch(Row row) -> {
          return misfit("changed values of a row without a key: " + row, into);
        }
      }
    }
    for (RowChange change : changes) {
      if (change instanceof RowChange.Delete(Key key)) {
        Row row = key.values();
        if (!remove(row)) {
          return misfit("delete of a row that is not here: " + row, into);
        }
        into.add(new Change.Delete(row));
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Row> find(Key key) {
    return counts.containsKey(key.values()) ? Optional.of(key.values()) : Optional.empty();
  }

  @Override
  public Collection<Row> all() {
    List<Row> all = new ArrayList<>();
    counts.forEach((row, count) -> all.addAll(Collections.nCopies(count, row)));
    return Collections.unmodifiableList(all);
  }

  private boolean remove(Row row) {
    Integer count = counts.get(row);
    if (count == null) {
      return false;
    }
    if (count == 1) {
      counts.remove(row);
    } else {
      counts.put(row, count - 1);
    }
    return true;
  }

  /** Takes back what was applied of a batch that does not fit. */
  private Optional<String> misfit(String reason, List<Change> applied) {
    for (Change change : applied) {
      switch (change) {
        case Change.Insert(Row row) -> {}
        case Change.Update(Row before, Row row) ->
            throw new IllegalStateException("rows without a key are never updated: " + row);
        case Change.Delete(Row row) -> add(row);
      }
    }
    for (Change change : applied) {
      if (change instanceof Change.Insert(Row row)) {
        remove(row);
      }
    }
    return Optional.of(reason);
  }
}
