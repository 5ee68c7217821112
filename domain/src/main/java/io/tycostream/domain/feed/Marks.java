package io.tycostream.domain.feed;

import java.util.Arrays;

/**
 * Which entries of a log concern a feed, in order: the entry's index, and the feed's row changes up
 * to and including it. The entry at place i has the feed's seq {@code firstSeq + i}.
 *
 * <p>Immutable to readers: the writer fills slots behind the last one that a reader can see, and
 * publishes them with a new object.
 *
 * @param from what entries behind this index concern is known; what lies at or before it is not
 * @param givenUp what lies at or before this index was known, or could have been, and takes no
 *     memory any more; 0 when nothing was given up
 * @param firstSeq of the first mark; of the next one when there is none
 * @param before the feed's row changes before the first mark
 * @param start of the first mark in the arrays
 * @param end behind the last one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Marks(
    long from,
    long givenUp,
    long firstSeq,
    long before,
    long[] indexes,
    long[] totals,
    int start,
    int end) {

  /** So many have room in any case. */
  static final int FIRST_SIZE = 4;

  /** What room for one takes, in bytes. */
  static final int BYTES = 2 * Long.BYTES;

  /** No marks yet behind the entry {@code from}, whose seq is {@code from} as well. */
  static Marks none(long from, long before) {
    return new Marks(from, 0, from + 1, before, new long[FIRST_SIZE], new long[FIRST_SIZE], 0, 0);
  }

  int size() {
    return end - start;
  }

  /** How many have room. */
  int room() {
    return indexes.length;
  }

  /** Behind the last one. */
  long nextSeq() {
    return firstSeq + size();
  }

  /** The log's index of the mark with a seq that is there. */
  long index(long seq) {
    return indexes[start + (int) (seq - firstSeq)];
  }

  /** Row changes up to and including a seq that is there, or the one before the first. */
  long total(long seq) {
    return seq < firstSeq ? before : totals[start + (int) (seq - firstSeq)];
  }

  /** The seq of the first mark behind an index of the log, which is not before {@link #from}. */
  long firstBehind(long index) {
    int place = Arrays.binarySearch(indexes, start, end, index + 1);
    return firstSeq + (place < 0 ? -place - 1 : place) - start;
  }

  /** One mark more. Writer only. */
  Marks append(long index, long changes) {
    Marks room = end < indexes.length ? this : grown();
    room.indexes[room.end] = index;
    room.totals[room.end] = total(nextSeq() - 1) + changes;
    return new Marks(
        from, givenUp, firstSeq, before, room.indexes, room.totals, room.start, room.end + 1);
  }

  /** With what was found before them: marks behind {@code earlier} up to {@link #from}. */
  Marks prepend(long earlier, long[] foundIndexes, long[] foundChanges, int found) {
    long[] allIndexes = new long[found + size() + FIRST_SIZE];
    long[] allTotals = new long[allIndexes.length];
    System.arraycopy(foundIndexes, 0, allIndexes, 0, found);
    System.arraycopy(indexes, start, allIndexes, found, size());
    System.arraycopy(totals, start, allTotals, found, size());
    long total = before;
    for (int i = found - 1; i >= 0; i--) {
      allTotals[i] = total;
      total -= foundChanges[i];
    }
    return new Marks(
        earlier, givenUp, firstSeq - found, total, allIndexes, allTotals, 0, found + size());
  }

  /** Without the marks of entries up to an index, which have left the log. Writer only. */
  Marks without(long index) {
    if (index <= from) {
      return this;
    }
    long first = firstBehind(index);
    int leaving = (int) (first - firstSeq);
    return new Marks(
        index, givenUp, first, total(first - 1), indexes, totals, start + leaving, end);
  }

  /**
   * With room for so many at the most, which are the newest; what lies before them is given up.
   *
   * @param most at least one
   */
  Marks newest(int most) {
    if (room() <= most) {
      return this;
    }
    if (size() <= most) {
      return resized(most);
    }
    long last = indexes[end - most - 1];
    Marks kept = without(last);
    return new Marks(last, last, kept.firstSeq, kept.before, indexes, totals, kept.start, end)
        .resized(most);
  }

  private Marks grown() {
    return resized(Math.max(FIRST_SIZE, size() * 2));
  }

  private Marks resized(int room) {
    return new Marks(
        from,
        givenUp,
        firstSeq,
        before,
        Arrays.copyOf(Arrays.copyOfRange(indexes, start, end), room),
        Arrays.copyOf(Arrays.copyOfRange(totals, start, end), room),
        0,
        size());
  }
}
