package io.tycostream.simulation.teeth;

/**
 * The deliberate bugs, each with the trial that has to notice it and a seed on which it is known to
 * be noticed.
 *
 * <p>A new one begins with any seed; the long profile ({@link TeethSearchTest}) prints the first
 * one that catches it, and so does {@link TeethTest} where the seed here does not.
 */
enum Bugs {
  REPLAY_FROM_THE_POSITION_ITSELF(
      1,
      Trials.LOG,
      "whoever resumes behind a position gets the batch at that position a second time",
      "io/tycostream/domain/log/ChangeLog.java",
      "entry.batch().position().isAfter(position)).isPresent()",
      "!position.isAfter(entry.batch().position())).isPresent()"),

  REPLAY_OVER_A_HOLE(
      1,
      Trials.LOG,
      "a position is replayed from though batches behind it have left the log",
      "io/tycostream/domain/log/ChangeLog.java",
      "|| (within && lowest.position().isAfter(position))",
      ""),

  BATCHES_GROW_TWICE_AS_OLD(
      2,
      Trials.LOG,
      "batches stay in the log longer than they may",
      "io/tycostream/domain/log/ChangeLog.java",
      "|| entry.appendedAt().isBefore(oldest)",
      "|| entry.appendedAt().isBefore(oldest.minus(limits.maxAge()))");

  private final long seed;
  private final Trial trial;
  private final Bug bug;

  Bugs(long seed, Trial trial, String breaks, String file, String original, String broken) {
    this.seed = seed;
    this.trial = trial;
    this.bug = new Bug(name(), breaks, file, original, broken);
  }

  /** A seed on which the trial notices the bug. */
  long seed() {
    return seed;
  }

  Trial trial() {
    return trial;
  }

  Bug bug() {
    return bug;
  }

  /** What the bugs are tried with. */
  private static final class Trials {
    static final Trial LOG = new Trial("io.tycostream.simulation.teeth.LogTrial", "violation");
  }
}
