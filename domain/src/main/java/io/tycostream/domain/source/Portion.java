package io.tycostream.domain.source;

/**
 * How much of the room on a source's desk one reader has, for what is merged for it alone. Owned by
 * its cursor.
 */
final class Portion {

  private final Source source;
  private long bytes;

  Portion(Source source) {
    this.source = source;
  }

  long bytes() {
    return bytes;
  }

  /** Whether it is, or can be made, so large. */
  boolean reaches(long needed) {
    if (needed > bytes) { // twice as much where there is so much: then it seldom has to ask again
      bytes += source.takeRoom(needed - bytes, Math.max(needed - bytes, bytes));
    }
    return needed <= bytes;
  }

  /** Gives back what is more than this. */
  void shrinkTo(long needed) {
    if (needed < bytes) {
      source.giveRoom(bytes - needed);
      bytes = needed;
    }
  }

  void giveBack() {
    shrinkTo(0);
  }
}
