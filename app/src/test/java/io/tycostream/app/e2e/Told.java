package io.tycostream.app.e2e;

import io.tycostream.client.Gap;
import io.tycostream.client.Refusal;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableColumn;
import io.tycostream.client.TableRow;
import io.tycostream.client.TableState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a program makes of what it is told, compared with the {@link Books} each time: exact batches
 * are one transaction each, the very next; what was folded says so and leads to what the table was;
 * rows come anew, and events are left out, only where a gap says so, and of so many changes as it
 * says.
 *
 * <p>Told by one thread at a time, asked by any.
 */
final class Told {

  private static final String STAMP = Long.toString(Books.STAMP_ID);

  private final String name;
  private final Books books;
  private final Books.Slice slice;
  private final boolean events;

  /** By their ids; of events, only while none was left out. */
  private final Map<String, List<String>> rows = new HashMap<>();

  private long digest;
  private boolean complete = true;

  /** What is not made good yet, and how much was lost with it, or -1. */
  private volatile Optional<Gap> open = Optional.empty();

  private long dropped;

  private volatile long at = -1;
  private final Queue<String> objections = new ConcurrentLinkedQueue<>();
  private final AtomicLong exact = new AtomicLong();
  private final AtomicLong folded = new AtomicLong();
  private final AtomicLong snapshots = new AtomicLong();
  private final AtomicLong gaps = new AtomicLong();

  /**
   * @param events whether single changes are followed, and rows do not come anew
   */
  Told(String name, Books books, Books.Slice slice, boolean events) {
    this.name = name;
    this.books = books;
    this.slice = slice;
    this.events = events;
  }

  void snapshot(TableState state) {
    guarded(() -> {
      snapshots.incrementAndGet();
      boolean announced = open.filter(gap -> gap.recovery() == Gap.Recovery.SNAPSHOT).isPresent();
      if (at >= 0 && (!announced || events)) {
        object("all rows anew, and nobody said so");
      }
      rows.clear();
      digest = 0;
      state.rows().forEach(row -> put(row.text("id"), values(row)));
      arrive(false);
    });
  }

  void batch(TableBatch batch) {
    guarded(() -> {
      for (TableChange change : batch.changes()) {
        String id = change.row().text("id");
        if (change instanceof TableChange.Deleted) {
          remove(id);
        } else {
          put(id, values(change.row()));
        }
      }
      if (at < 0) {
        object("changes before any rows");
      }
      arrived(batch.exact());
    });
  }

  /** A change of a row, which was there before or not, and is there now or not. */
  void change(String id, Optional<List<String>> before, Optional<List<String>> now) {
    if (!before.equals(Optional.ofNullable(rows.get(id)))) {
      object("row " + id + " was not as it is told that it was");
    }
    now.ifPresentOrElse(values -> put(id, values), () -> remove(id));
  }

  /** All changes up to a position were told. */
  void changed(boolean wereAll) {
    guarded(() -> arrived(wereAll));
  }

  void gap(Gap gap) {
    guarded(() -> {
      gaps.incrementAndGet();
      dropped = open.isPresent() && dropped < 0 ? -1 : dropped + gap.dropped().orElse(-1);
      if (gap.dropped().isEmpty()) {
        dropped = -1;
      }
      open = Optional.of(gap);
      if (events != (gap.recovery() == Gap.Recovery.NONE)) {
        object("cannot be made good like this: " + gap);
      }
    });
  }

  void refused(Refusal refusal) {
    if (!refusal.retryable()) {
      object("was refused: " + refusal);
    }
  }

  /** Whether these are the rows that it was told. */
  boolean holds(Map<String, List<String>> others) {
    return rows.equals(others);
  }

  /** Rows that are held elsewhere, at whatever transaction: none yet, or all of one. */
  void audit(List<List<String>> others) {
    if (others.isEmpty()) {
      return;
    }
    Optional<List<String>> stamp =
        others.stream().filter(row -> row.getFirst().equals(STAMP)).findAny();
    if (stamp.isEmpty()) {
      object("rows without a stamp: " + others.size());
      return;
    }
    books
        .audit(
            slice.name(),
            Long.parseLong(stamp.get().getLast()),
            others.stream().mapToLong(Books::digest).sum())
        .ifPresent(this::object);
  }

  void object(String what) {
    objections.add(name + ", at " + at + ": " + what);
  }

  private void arrived(boolean wereAll) {
    (wereAll ? exact : folded).incrementAndGet();
    arrive(wereAll);
  }

  private void arrive(boolean oneTransaction) {
    long now = stamp();
    boolean passed = events && open.isPresent();
    if (passed) {
      complete = false;
      long lost = books.changesBetween(slice.name(), at, now);
      if (now <= at || (oneTransaction && dropped >= 0 && dropped != lost)) {
        object("is at " + now + ", and " + lost + " were lost, not " + dropped + " by " + open);
      }
    } else if (oneTransaction ? now != at + 1 : now < at) {
      object("went to transaction " + now);
    }
    if (complete) {
      books.audit(slice.name(), now, digest).ifPresent(this::object);
    }
    open = Optional.empty();
    dropped = 0;
    at = now;
  }

  private long stamp() {
    List<String> stamp = rows.get(STAMP);
    if (stamp == null) {
      throw new IllegalStateException("no stamp");
    }
    return Long.parseLong(stamp.getLast());
  }

  private void put(String id, List<String> values) {
    remove(id);
    rows.put(id, values);
    digest += Books.digest(values);
  }

  private void remove(String id) {
    @Nullable List<String> before = rows.remove(id);
    digest -= before == null ? 0 : Books.digest(before);
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      object(e.toString());
    }
  }

  /** The values of a row in the order of its columns. */
  static List<String> values(TableRow row) {
    return row.columns().stream().map(TableColumn::name).map(row::text).toList();
  }

  /** The transaction that it is at; -1 before the first rows. */
  long at() {
    return at;
  }

  /** What was wrong, in order; empty as it should be. */
  List<String> objections() {
    return List.copyOf(objections);
  }

  /** By their ids, at rest; nothing where events were left out. */
  Optional<Map<String, List<String>>> rows() {
    return complete ? Optional.of(new TreeMap<>(rows)) : Optional.empty();
  }

  Books.Slice slice() {
    return slice;
  }

  long exact() {
    return exact.get();
  }

  long folded() {
    return folded.get();
  }

  long snapshots() {
    return snapshots.get();
  }

  long gaps() {
    return gaps.get();
  }

  @Override
  public String toString() {
    return name + " at " + at + open.map(gap -> " behind " + gap).orElse("");
  }
}
