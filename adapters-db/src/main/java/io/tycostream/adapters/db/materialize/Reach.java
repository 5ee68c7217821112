package io.tycostream.adapters.db.materialize;

/**
 * How far a stream has come. Times are unsigned.
 *
 * <p>The first progress row proves nothing: it repeats what was asked for, also where the server is
 * not yet there. Only one that is later was told by a server that has come so far.
 *
 * <p>Owned by the thread that reads the stream.
 */
final class Reach {

  private final long asOf;
  private final long present;

  /** Everything earlier was told. */
  private long frontier;

  /** Whether the server was where the stream begins, and has told what belongs to that. */
  private boolean begun;

  private Reach(long asOf, long present, long frontier) {
    this.asOf = asOf;
    this.present = present;
    this.frontier = frontier;
  }

  /**
   * All rows at {@code asOf} are going to be told.
   *
   * @param present the frontier of the relation when the stream was opened
   */
  static Reach withAllRows(long asOf, long present) {
    return new Reach(asOf, present, asOf);
  }

  /**
   * Everything behind {@code asOf} is going to be told.
   *
   * @param present the frontier of the relation when the stream was opened
   */
  static Reach behind(long asOf, long present) {
    return new Reach(asOf, present, asOf + 1);
  }

  /** The stream says that it told everything before. */
  void closed(long before) {
    if (Long.compareUnsigned(before, frontier) > 0) {
      frontier = before;
    }
    begun |= Long.compareUnsigned(before, asOf) > 0;
  }

  /** Everything earlier than this was told. */
  long frontier() {
    return frontier;
  }

  /** Whether all rows were told, and what had happened when the stream was opened. */
  boolean stands() {
    return begun && Long.compareUnsigned(frontier, present) >= 0;
  }
}
