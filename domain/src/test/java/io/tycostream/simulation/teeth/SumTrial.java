package io.tycostream.simulation.teeth;

import java.util.Optional;

/** A story of one step, about {@link Sum}. */
final class SumTrial {

  static Optional<String> violation(long seed) {
    long sum = Sum.of(seed, 1);
    return sum == seed + 1 ? Optional.empty() : Optional.of(seed + " + 1 is " + sum);
  }

  Optional<String> notStatic(long seed) {
    return Optional.of(Long.toString(seed));
  }

  static long notOptional(long seed) {
    return seed;
  }
}
