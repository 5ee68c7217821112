package io.tycostream.domain.feed;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.LogEntry;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One definition's way through a log: which entries concern it, and what of them it shows.
 *
 * <p>A feed stores no changes. It marks the entries of the source's log that concern it ({@link
 * Marks}, 16 bytes each, 32 with the room behind them) and derives what it shows when somebody
 * wants to read it. So what the log lets go is gone from all feeds at once, and a feed that nobody
 * had open a moment ago can be told from any position that the log still has: {@link #cover} looks
 * through the entries before the feed was opened, at first need. Where marks take too much memory
 * the oldest are given up ({@link #shorten}), and it is then as if what they marked had left the
 * log, for this feed.
 *
 * <p><b>Seqs.</b> Where it was opened its seq is the index in the log; each batch that concerns it
 * counts one, forwards and backwards. A feed never has more batches than the log, so no seq is
 * below 0; and of the whole source the seq is the index. Row changes are counted in the same way.
 *
 * <p><b>Threads.</b> {@link #mark}, {@link #cover}, {@link #forget} and {@link #shorten} exclude
 * each other (the source's lock); everything else may be asked by any thread at any time.
 */
public final class Feed {

  private static final int FIRST_FOUND = 64;

  private final Derivation derivation;
  private final ChangeLog log;
  private final boolean whole;
  private final Bell bell = new Bell();
  private volatile Marks marks;
  private volatile Prints prints;

  /** The last translation of a print. */
  private record Prints(String relation, String feed) {}

  /**
   * A feed that knows what concerns it from the next entry of the log on. As the log's writer, or
   * excluding it.
   *
   * @param log whose entries are of the relation that the derivation is bound to
   */
  public Feed(Derivation derivation, ChangeLog log) {
    this.derivation = derivation;
    this.log = log;
    this.whole = derivation.isWhole();
    this.marks = Marks.none(log.head(), log.totalChanges());
    this.prints = new Prints("", "");
  }

  public Derivation derivation() {
    return derivation;
  }

  /** The log that it is derived from. */
  public ChangeLog log() {
    return log;
  }

  /** Rung whenever there is something new in this feed. */
  public Bell bell() {
    return bell;
  }

  /** The number of the newest batch. */
  public long head() {
    return whole ? log.head() : marks.nextSeq() - 1;
  }

  /** The batch with a seq; nothing when it is not there yet, or has left. */
  public Optional<FeedBatch> batch(long seq) {
    if (whole) {
      return log.entry(seq).map(entry -> ofWhole(seq, entry));
    }
    Marks known = marks;
    return seq < known.firstSeq() || seq >= known.nextSeq()
        ? Optional.empty()
        : log.entry(known.index(seq))
            .map(entry -> new FeedBatch(seq, entry, known.total(seq - 1), known.total(seq)));
  }

  private static FeedBatch ofWhole(long seq, LogEntry entry) {
    long total = entry.totalChanges();
    return new FeedBatch(seq, entry, total - entry.batch().changes().size(), total);
  }

  /** Whether the batch with a seq was there and is not any more. */
  public boolean hasLeft(long seq) {
    if (whole) {
      return seq <= log.floor();
    }
    Marks known = marks;
    return seq < known.firstSeq() || (seq < known.nextSeq() && known.index(seq) <= log.floor());
  }

  /**
   * The last entry of the log of which this feed shows nothing any more, or never did: it has left,
   * was given up here, or tells of touched keys, some of which may not concern this feed.
   */
  public long floor() {
    long left = log.floor();
    if (whole) {
      return left;
    }
    long last = Math.max(left, marks.givenUp());
    return last == 0 && log.entry(1).filter(entry -> !isTold(entry)).isPresent() ? 1 : last;
  }

  /** Where a reader of this feed can have been and still be told all that follows. */
  public Position oldest() {
    long last = floor();
    return log.floor() >= last
        ? log.oldest()
        // By any thread: it may have left just now.
        : log.entry(last).map(entry -> entry.batch().position()).orElseGet(log::oldest);
  }

  /** The seq of the first batch behind an entry of the log; {@link #cover} goes before. */
  public long firstBehind(long index) {
    return whole ? index + 1 : marks.firstBehind(index);
  }

  /** Whether it is known what concerns it behind an entry, be it in the log or not. */
  public boolean knowsBehind(long index) {
    return whole || index >= marks.from();
  }

  /** The feed's row changes up to and including a seq; -1 when that is not known any more. */
  public long changesUpTo(long seq) {
    if (whole) {
      return log.changesUpTo(seq);
    }
    Marks known = marks;
    return seq < known.firstSeq() - 1 || seq >= known.nextSeq() ? -1 : known.total(seq);
  }

  /** What the feed shows of an entry. */
  public List<Change> changes(LogEntry entry) {
    return isTold(entry) ? derivation.changes(entry.batch().changes()) : List.of();
  }

  /** A position of the source as one of this feed. */
  public Position shown(Position position) {
    if (whole) {
      return position;
    }
    Prints known = prints;
    if (!known.relation.equals(position.print())) {
      known = new Prints(position.print(), derivation.print(position.print()));
      prints = known;
    }
    return position.under(known.feed);
  }

  /**
   * The position of the source that one of this feed stands for. One that is not of this feed
   * becomes a position of no definition at all.
   */
  public Position meant(Position position) {
    if (whole) {
      return position;
    }
    return log.prints().stream()
        .filter(print -> derivation.print(print).equals(position.print()))
        .findFirst()
        .map(position::under)
        // One of the whole source, or of another feed, must not pass for one of this feed.
        .orElseGet(() -> position.under(derivation.print(position.print())));
  }

  /** An entry concerns this feed with so many changes, more than none. Writer only. */
  void mark(long index, int changes) {
    marks = marks.append(index, changes);
  }

  /**
   * Looks through entries that are older than what the feed knows, for those that concern it. What
   * has left the log meanwhile, or was given up, is not found: who uses it looks at the {@link
   * #floor} afterwards.
   *
   * @param index the last entry that need not be known
   */
  public Found look(long index) {
    Marks known = marks;
    long first = Math.max(index, floor()) + 1;
    long[] indexes = new long[FIRST_FOUND];
    long[] changes = new long[FIRST_FOUND];
    int found = 0;
    for (long each = first; !whole && each <= known.from(); each++) {
      long count = log.entry(each).map(this::concerning).orElse(0L);
      if (count > 0) {
        if (found == indexes.length) {
          indexes = Arrays.copyOf(indexes, found * 2);
          changes = Arrays.copyOf(changes, found * 2);
        }
        indexes[found] = each;
        changes[found++] = count;
      }
    }
    return new Found(first - 1, known.from(), indexes, changes, found);
  }

  /** What {@link #look} found behind one entry of the log up to another. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Found(long from, long upTo, long[] indexes, long[] changes, int count) {}

  /**
   * From now on the feed knows what concerns it behind an entry.
   *
   * @param found what was found before, outside the lock; of use if nobody else was faster
   */
  public void cover(long index, Found found) {
    take(found);
    if (!whole && index < marks.from()) {
      take(look(index));
    }
  }

  private void take(Found found) {
    Marks known = marks;
    if (found.upTo == known.from() && found.from < known.from()) {
      marks = known.prepend(found.from, found.indexes, found.changes, found.count);
    }
  }

  private long concerning(LogEntry entry) {
    return isTold(entry) ? derivation.count(entry.batch().changes()) : 0;
  }

  /** Touched keys are for those alone who may know all of them that concern them. */
  private boolean isTold(LogEntry entry) {
    return !entry.batch().touched() || derivation.tellsTouched();
  }

  /** Lets go of the marks of what has left the log. Writer only, now and then. */
  void forget() {
    marks = marks.without(log.floor());
  }

  /**
   * Keeps so many marks at the most, the newest.
   *
   * @param most at least one
   */
  void shorten(int most) {
    marks = marks.newest(most);
  }

  /** How many marks there is room for, beyond the few that each feed has. */
  long extraMarks() {
    return (long) marks.room() - Marks.FIRST_SIZE;
  }
}
