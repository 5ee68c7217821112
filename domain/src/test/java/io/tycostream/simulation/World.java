package io.tycostream.simulation;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Virtual time, chance, and everything that is still going to happen. */
final class World {

  static final long MILLISECOND = 1_000;
  static final long SECOND = 1_000_000;

  private static final Comparator<Due> ORDER =
      Comparator.comparingLong(Due::at).thenComparingLong(Due::order);

  /** Something that is going to happen; of two at the same time the one that was planned first. */
  private record Due(long at, long order, Runnable action) {}

  private final SplittableRandom random;
  private final PriorityQueue<Due> agenda = new PriorityQueue<>(ORDER);
  private final Trace trace;
  private final Tally tally = new Tally();
  private long now;
  private Instant instant = Instant.EPOCH;
  private long planned;

  World(long seed, Trace trace) {
    this.random = new SplittableRandom(seed);
    this.trace = trace;
  }

  /** Microseconds since the world began. */
  long now() {
    return now;
  }

  /** The same as an instant, as the core wants it. */
  Instant instant() {
    return instant;
  }

  Tally tally() {
    return tally;
  }

  /** Plans something, so many microseconds from now. */
  void after(long micros, Runnable action) {
    agenda.add(new Due(now + Math.max(0, micros), planned++, action));
  }

  /** Plans something for a moment of the core's time; what is past happens at once. */
  void at(Instant when, Runnable action) {
    after(microsOf(when) - now, action);
  }

  /** Lets the next thing happen; false when nothing is going to happen any more. */
  boolean step() {
    Due due = agenda.poll();
    if (due == null) {
      return false;
    }
    if (due.at != now) {
      now = due.at;
      instant = Instant.EPOCH.plusNanos(now * 1_000);
    }
    tally.step();
    due.action.run();
    return true;
  }

  /** Writes into the trace what somebody did. */
  void say(String who, String what) {
    trace.add(now, who, what);
  }

  void rare(Rare rare) {
    tally.reached(rare);
    trace.add(now, "rare", rare.name());
  }

  /** Something was broken on purpose. */
  void fault(String where, String what) {
    tally.fault();
    trace.add(now, "FAULT " + where, what);
  }

  /** A number in [0, 1). */
  double unit() {
    return random.nextDouble();
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** A number in [0, bound). */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** A number from {@code low} to {@code high}, both possible. */
  long between(long low, long high) {
    return low + random.nextLong(high - low + 1);
  }

  <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** A time that is short in most cases and sometimes long, in microseconds; at least 1. */
  long around(long meanMicros) {
    return 1 + (long) (-Math.log(1 - random.nextDouble()) * meanMicros);
  }

  private static long microsOf(Instant instant) {
    // Rounded up: what is due must not be looked at before it is.
    return instant.getEpochSecond() * SECOND + (instant.getNano() + 999) / 1_000;
  }
}
