package io.tycostream.domain.view;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rows without a key: a multiset, in which a row stands as often as it was inserted. */
final class CountedRows implements Rows {

  private final Relation relation;

  /** Each at least 1. */
  private final Map<Row, Long> counts;

  private long size;
  private long bytes;

  CountedRows(Relation relation, List<Row> rows) {
    this.relation = relation;
    this.counts = HashMap.newHashMap(rows.size());
    for (Row row : rows) {
      counts.merge(row, 1L, Long::sum);
      bytes += row.bytes();
    }
    this.size = rows.size();
  }

  Map<Row, Long> counts() {
    return counts;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public List<Row> list() {
    List<Row> list = new ArrayList<>(Math.toIntExact(size));
    counts.forEach((row, copies) -> list.addAll(Collections.nCopies(Math.toIntExact(copies), row)));
    return Collections.unmodifiableList(list);
  }

  @Override
  public Draft draft() {
    return new CountedDraft();
  }

  /** See {@link Draft}. */
  final class CountedDraft implements Draft {

    /** What comes on top of the rows there are, or of none once they were truncated. */
    private final Map<Row, Long> sums = new LinkedHashMap<>();

    private boolean truncated;
    private long sizeAfter;
    private long bytesAfter;

    @Override
    public void insert(Row row) {
      count(row, 1);
    }

    @Override
    public void upsert(Optional<Key> formerKey, Row row) {
      Row before = formerKey.map(Key::values).orElse(row);
      if (current(before) < 1) {
        throw misfit("an update of a row that is not here", before);
      }
      count(before, -1);
      count(row.completedFrom(before), 1);
    }

    @Override
    public void delete(Key key) {
      count(key.values(), -1);
    }

    @Override
    public void count(Row row, long diff) {
      if (row.hasUnchanged()) {
        throw misfit("copies of a row that is not whole", row);
      }
      try {
        sums.merge(row, diff, Math::addExact);
      } catch (ArithmeticException e) {
        throw misfit("more copies than can be counted", row);
      }
    }

    @Override
    public void truncate() {
      sums.clear();
      truncated = true;
    }

    @Override
    public void settle() {
      long untouched = truncated ? 0 : size;
      long touched = 0;
      bytesAfter = truncated ? 0 : bytes;
      for (Map.Entry<Row, Long> entry : sums.entrySet()) {
        Row row = entry.getKey();
        long sum = entry.getValue();
        long held = held(row);
        if (sum < -held) {
          throw misfit("a row goes that is not here", row);
        }
        untouched -= held;
        touched = saturatedSum(touched, saturatedSum(held, sum));
        bytesAfter += sum * row.bytes();
      }
      sizeAfter = saturatedSum(untouched, touched);
    }

    @Override
    public long size() {
      return sizeAfter;
    }

    @Override
    public long bytes() {
      return bytesAfter;
    }

    @Override
    public List<Change> commit() {
      Difference difference = new Difference();
      if (truncated) {
        counts.forEach((row, copies) -> {
          if (!sums.containsKey(row)) {
            difference.copies(row, copies, 0);
          }
        });
      }
      sums.forEach(
          (row, sum) -> difference.copies(row, counts.getOrDefault(row, 0L), held(row) + sum));
      if (truncated) {
        counts.clear();
      }
      sums.forEach((row, sum) -> {
        long copies = counts.getOrDefault(row, 0L) + sum;
        if (copies == 0) {
          counts.remove(row);
        } else {
          counts.put(row, copies);
        }
      });
      size = sizeAfter;
      bytes = bytesAfter;
      return difference.changes();
    }

    private long current(Row row) {
      return saturatedSum(held(row), sums.getOrDefault(row, 0L));
    }

    /**
     * @param copies not negative
     */
    private static long saturatedSum(long copies, long more) {
      return more > Long.MAX_VALUE - copies ? Long.MAX_VALUE : copies + more;
    }

    private long held(Row row) {
      return truncated ? 0 : counts.getOrDefault(row, 0L);
    }

    private MisfitException misfit(String what, Row row) {
      return new MisfitException(what + ": " + relation.name() + " " + row);
    }
  }
}
