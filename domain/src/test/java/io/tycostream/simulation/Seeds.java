package io.tycostream.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** Many seeds, on several threads: they have nothing to do with each other. */
public final class Seeds {

  /** After so many it is known that something is wrong. */
  private static final int ENOUGH = 5;

  /**
   * What came of many seeds.
   *
   * @param violations the outcomes that had one
   * @param neverReached rare situations that not one of the seeds led to
   */
  public record Result(long seeds, List<Outcome> violations, Tally tally, List<Rare> neverReached) {

    /** Nothing was violated and everything was reached. */
    public boolean isGood() {
      return violations.isEmpty() && neverReached.isEmpty();
    }
  }

  private Seeds() {}

  /** Runs so many seeds from one on; stops early when enough of them are violated. */
  public static Result run(long first, long count, int threads) {
    AtomicLong next = new AtomicLong(first);
    Tally tally = new Tally();
    List<Outcome> violations = new ArrayList<>();
    AtomicLong done = new AtomicLong();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(
          Thread.ofPlatform()
              .start(() -> {
                for (long seed = next.getAndIncrement();
                    seed < first + count;
                    seed = next.getAndIncrement()) {
                  Outcome outcome = Simulation.run(seed);
                  synchronized (tally) {
                    done.incrementAndGet();
                    tally.add(outcome.tally());
                    if (outcome.violation().isPresent()) {
                      violations.add(outcome);
                    }
                    if (violations.size() >= ENOUGH) {
                      return;
                    }
                  }
                }
              }));
    }
    for (Thread worker : workers) {
      join(worker);
    }
    violations.sort(Comparator.comparingLong(Outcome::seed));
    List<Rare> never = new ArrayList<>();
    for (Rare rare : Rare.values()) {
      if (tally.count(rare) == 0) {
        never.add(rare);
      }
    }
    return new Result(done.get(), List.copyOf(violations), tally, List.copyOf(never));
  }

  private static void join(Thread worker) {
    try {
      worker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while seeds ran", e);
    }
  }

  /** For people. */
  static String summary(Result result, double seconds) {
    StringBuilder text = new StringBuilder();
    Tally tally = result.tally();
    for (Rare rare : Rare.values()) {
      text.append(String.format(Locale.ROOT, "  %-28s %,12d%n", rare.name(), tally.count(rare)));
    }
    if (!result.neverReached().isEmpty()) {
      text.append("never reached: " + result.neverReached() + System.lineSeparator());
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%,d seeds, %d violations, %,.0f simulated seconds, %,d faults%n"
                + "%,d steps and %,d comparisons in %.1f s: %,.0f simulated seconds per second%n",
            result.seeds(),
            result.violations().size(),
            tally.simulatedSeconds(),
            tally.faults(),
            tally.steps(),
            tally.checks(),
            seconds,
            tally.simulatedSeconds() / seconds));
    return text.toString();
  }
}
