package io.tycostream.simulation;

import java.util.EnumMap;
import java.util.Map;

/** What was counted: in one world, or added up over many. */
public final class Tally {

  private final Map<Rare, Long> reached = new EnumMap<>(Rare.class);
  private long steps;
  private long faults;
  private long checks;
  private long simulatedMicros;

  void step() {
    steps++;
  }

  void fault() {
    faults++;
  }

  void check() {
    checks++;
  }

  void lasted(long micros) {
    simulatedMicros += micros;
  }

  void reached(Rare rare) {
    reached.merge(rare, 1L, Long::sum);
  }

  /** Adds what another world counted. */
  public void add(Tally other) {
    steps += other.steps;
    faults += other.faults;
    checks += other.checks;
    simulatedMicros += other.simulatedMicros;
    other.reached.forEach((rare, count) -> reached.merge(rare, count, Long::sum));
  }

  public long steps() {
    return steps;
  }

  /** Faults that were put in on purpose. */
  public long faults() {
    return faults;
  }

  /** Comparisons of a client with the database. */
  public long checks() {
    return checks;
  }

  public double simulatedSeconds() {
    return simulatedMicros / 1e6;
  }

  /** How often a rare situation was reached. */
  public long count(Rare rare) {
    return reached.getOrDefault(rare, 0L);
  }
}
