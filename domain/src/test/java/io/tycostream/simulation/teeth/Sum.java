package io.tycostream.simulation.teeth;

/** What {@link BrokenCodeTest} breaks. */
final class Sum {

  private Sum() {}

  static long of(long a, long b) {
    return a + b;
  }
}
