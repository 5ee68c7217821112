package io.tycostream.domain.log;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last batches of a source, each once, in the order in which they happened.
 *
 * <p><b>Order and positions.</b> Entries are numbered 1, 2, 3, …; a reader keeps the number of the
 * entry it wants next. Positions are found through <em>stretches</em>: between two resyncs the
 * positions of the entries grow within one history, so that an ordinary position is found by binary
 * search. A resync ends one stretch at the position that its difference starts from and begins
 * another at the one it leads to. Whoever stands between the two saw a part of the difference
 * elsewhere, and cannot be helped by replaying all of it. A batch of touched keys is none of these:
 * it leads on from anywhere inside.
 *
 * <p><b>Threads.</b> One thread appends and expires. Readers need no lock: entries stand in fixed
 * blocks that are never moved; the writer publishes an entry by a release store of its slot and
 * then of {@link #head}, and takes an old one out by clearing its slot. A reader that comes too
 * late finds the slot empty, which is an answer ("has left"), never a wrong entry.
 *
 * <p><b>Tails.</b> Who is busy with something large can have what leaves the log meanwhile merged
 * into a {@link Tail}.
 *
 * <p><b>Bounds.</b> Over the limits the oldest leave, if need be also the newest: a batch that is
 * larger than the whole log leaves at once, and readers find out as they do about any loss.
 */
public final class ChangeLog {

  private static final int BLOCK = 512;

  /**
   * Resyncs without a difference leave stretches behind and no entries that could push them out.
   */
  private static final int MAX_STRETCHES = 64;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(LogEntry[].class);

  private final HistoryLimits limits;
  private final Tails tails;
  private long events;
  private long bytes;
  private long totalChanges;

  private volatile Blocks blocks = new Blocks(0, new LogEntry[][] {new LogEntry[BLOCK]});
  private volatile long head;
  private volatile Floor floor;
  private volatile List<Stretch> stretches;

  /** Blocks of slots; slot of index i is at i − 1 − first in the concatenation. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Blocks(long first, @Nullable LogEntry[][] slots) {}

  /**
   * The last entry that left, and where it stood; at the start the position before entry 1.
   *
   * @param appendedAt null at the start
   */
  private record Floor(
      long index, Position position, long totalChanges, @Nullable Instant appendedAt) {}

  /**
   * Positions from {@code start} on, which includes entry {@code base}. {@code end} and {@code
   * last} close it; of the newest stretch they are null and unused.
   */
  private record Stretch(Position start, long base, @Nullable Position end, long last) {}

  /**
   * An empty log.
   *
   * @param shape of the rows in its batches
   * @param start where the source stands; the first batch follows it
   */
  public ChangeLog(HistoryLimits limits, Relation shape, Position start) {
    this.limits = limits;
    this.tails = new Tails(shape, limits.maxBytes());
    this.floor = new Floor(0, start, 0, null);
    this.stretches = List.of(new Stretch(start, 0, null, 0));
  }

  /** The number of the newest entry; 0 while there was none. */
  public long head() {
    return head;
  }

  /** The number of the last entry that has left; 0 while none has. */
  public long floor() {
    return floor.index();
  }

  /** Where a client can have been and still be helped by replay. */
  public Position oldest() {
    return floor.position();
  }

  /** The same of one epoch; nothing when there is no such position. */
  public Optional<Position> oldest(String epoch) {
    Floor lowest = floor;
    return lowest.position().epoch().equals(epoch)
        ? Optional.of(lowest.position())
        : stretches.stream()
            .filter(stretch -> stretch.base() >= lowest.index())
            .map(Stretch::start)
            .filter(start -> start.epoch().equals(epoch))
            .findFirst();
  }

  /**
   * When the entry that left last was appended: who was up to date then, or later, can be helped by
   * replay. Nothing while none has left.
   */
  public Optional<Instant> reachesBackTo() {
    return Optional.ofNullable(floor.appendedAt());
  }

  /** Row changes that can be replayed. Writer only. */
  public long events() {
    return events;
  }

  /** About how much memory the entries take, in bytes. Writer only. */
  public long bytes() {
    return bytes;
  }

  /** About how much memory the tails take, in bytes. As the writer, or excluding it. */
  public long tailBytes() {
    return tails.bytes();
  }

  /** The prints of the positions that are known here, the newest first. */
  public List<String> prints() {
    return stretches.reversed().stream().map(each -> each.start().print()).distinct().toList();
  }

  /** The entry with a number, or nothing when it has left or is not there yet. */
  public Optional<LogEntry> entry(long index) {
    // Head first: what is seen to be published is then found in the blocks read after it.
    if (index > head || index < 1) {
      return Optional.empty();
    }
    Blocks current = blocks;
    long slot = index - 1 - current.first();
    if (slot < 0) {
      return Optional.empty();
    }
    @Nullable LogEntry[] block = current.slots()[(int) (slot / BLOCK)];
    return Optional.ofNullable((LogEntry) SLOT.getAcquire(block, (int) (slot % BLOCK)));
  }

  /** Appends a batch. Writer only. */
  public LogEntry append(Batch batch, Instant now) {
    long index = head + 1;
    totalChanges += batch.changes().size();
    LogEntry entry = new LogEntry(index, batch, totalChanges, now);
    long slot = index - 1 - blocks.first();
    if (slot / BLOCK == blocks.slots().length) {
      blocks = grown(blocks);
    }
    SLOT.setRelease(blocks.slots()[(int) (slot / BLOCK)], (int) (slot % BLOCK), entry);
    if (batch.resync() && !batch.touched()) {
      beginStretch(batch.after(), batch.position(), index - 1, index);
    }
    events += batch.changes().size();
    bytes += entry.bytes();
    head = index;
    expire(now);
    return entry;
  }

  /**
   * A resync found no difference: only the history that positions are of, or the time, is another
   * one. Writer only.
   */
  public void resyncedWithoutDifference(Position after, Position position) {
    beginStretch(after, position, head, head);
  }

  /** Lets go of what is over the limits by now. Writer only. */
  public void expire(Instant now) {
    Instant oldest = now.minus(limits.maxAge());
    while (floor.index() < head) {
      LogEntry entry = entry(floor.index() + 1).orElseThrow();
      boolean over =
          events > limits.maxEvents()
              || bytes > limits.maxBytes()
              || entry.appendedAt().isBefore(oldest);
      if (!over) {
        return;
      }
      remove(entry);
    }
  }

  /**
   * Keeps, merged, what leaves the log behind an entry from now on. As the writer, or excluding it.
   *
   * @return nothing when something behind the entry has left already
   */
  public Optional<Tail> hold(long index) {
    if (!canHold(index)) {
      return Optional.empty();
    }
    return Optional.of(tails.hold(index));
  }

  /** Whether everything behind an entry is still known. As the writer, or excluding it. */
  public boolean canHold(long index) {
    return floor.index() <= index || tails.keeps(index);
  }

  /** A tail is not needed any more by one who held it. As the writer, or excluding it. */
  public void letGo(Tail tail) {
    tails.letGo(tail);
  }

  /** What has left the log behind a tail that is held. As the writer, or excluding it. */
  public Tail.Net since(Tail tail) {
    return tails.since(tail);
  }

  /**
   * About how much memory what has left the log behind a tail takes, in bytes. As the writer, or
   * excluding it.
   */
  public long bytesSince(Tail tail) {
    return tails.bytesSince(tail);
  }

  /** Row changes in the log's life up to and including the newest entry. Writer only. */
  public long totalChanges() {
    return totalChanges;
  }

  /**
   * Row changes in the log's life up to and including an entry, or -1 when that is not known any
   * more. The entry that left last is still known.
   */
  public long changesUpTo(long index) {
    Floor lowest = floor;
    return lowest.index() == index
        ? lowest.totalChanges()
        : entry(index).map(LogEntry::totalChanges).orElse(-1L);
  }

  /**
   * What can be done for somebody who has a position.
   *
   * @param now how far the source is complete
   */
  public Lookup find(Position position, Position now) {
    // The head before the stretches: an entry that began a stretch we do not know is then not seen.
    long newest = head;
    List<Stretch> all = stretches;
    if (position.isAheadOf(now)) {
      return new Lookup.Ahead();
    }
    boolean sameHistory = false;
    for (int i = all.size() - 1; i >= 0; i--) {
      Stretch stretch = all.get(i);
      if (!position.sameHistory(stretch.start())) {
        continue;
      }
      sameHistory = true;
      if (stretch.start().isAfter(position)) {
        continue;
      }
      Position end = stretch.end();
      if (end == null) {
        // A resync may be under way on the writer's thread: how far this history is, we hear later.
        return now.sameHistory(position) ? search(position, stretch, newest) : new Lookup.Ahead();
      }
      return position.isAfter(end)
          ? new Lookup.Unknown()
          : search(position, stretch, stretch.last());
    }
    if (sameHistory) {
      return new Lookup.Expired();
    }
    return position.epoch().equals(now.epoch())
        ? new Lookup.OtherDefinition()
        : new Lookup.Unknown();
  }

  private Lookup search(Position position, Stretch stretch, long last) {
    long low = Math.max(stretch.base(), floor.index()) + 1;
    long high = last + 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      boolean behind =
          entry(middle).filter(entry -> entry.batch().position().isAfter(position)).isPresent();
      if (behind) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    // After the search: what left while it went on was passed over, whether it was needed or not.
    Floor lowest = floor;
    boolean within = lowest.index() > stretch.base() && lowest.index() <= last;
    return lowest.index() > last || (within && lowest.position().isAfter(position))
        ? new Lookup.Expired()
        : new Lookup.Replay(low);
  }

  private void beginStretch(Position after, Position position, long last, long base) {
    List<Stretch> next = new ArrayList<>();
    for (Stretch stretch : stretches) {
      Stretch closed =
          stretch.end() == null
              ? new Stretch(stretch.start(), stretch.base(), after, last)
              : stretch;
      if (closed.last() >= floor.index()) {
        next.add(closed);
      }
    }
    next.add(new Stretch(position, base, null, 0));
    int over = Math.max(0, next.size() - MAX_STRETCHES);
    stretches = List.copyOf(next.subList(over, next.size()));
  }

  private void remove(LogEntry entry) {
    Blocks current = blocks;
    long slot = entry.index() - 1 - current.first();
    floor =
        new Floor(
            entry.index(), entry.batch().position(), entry.totalChanges(), entry.appendedAt());
    SLOT.setRelease(current.slots()[(int) (slot / BLOCK)], (int) (slot % BLOCK), null);
    events -= entry.batch().changes().size();
    bytes -= entry.bytes();
    tails.take(entry);
    if (slot >= BLOCK - 1) {
      blocks = withoutFirst(current);
    }
  }

  private static Blocks grown(Blocks old) {
    LogEntry[][] slots = new LogEntry[old.slots().length + 1][];
    System.arraycopy(old.slots(), 0, slots, 0, old.slots().length);
    slots[slots.length - 1] = new LogEntry[BLOCK];
    return new Blocks(old.first(), slots);
  }

  private static Blocks withoutFirst(Blocks old) {
    LogEntry[][] slots = new LogEntry[Math.max(1, old.slots().length - 1)][];
    if (old.slots().length == 1) {
      slots[0] = new LogEntry[BLOCK];
    } else {
      System.arraycopy(old.slots(), 1, slots, 0, slots.length);
    }
    return new Blocks(old.first() + BLOCK, slots);
  }
}
