package io.tycostream.simulation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Many seeds, on several threads: they have nothing to do with each other. */
public final class Seeds {

  /** After so many it is known that something is wrong. */
  private static final int ENOUGH = 5;

  private final AtomicLong next;
  private final long end;
  private final AtomicBoolean over = new AtomicBoolean();

  // Guarded by this.
  private final Tally tally = new Tally();
  private final List<Outcome> violations = new ArrayList<>();
  private long done;

  private final Story story;

  /** How the story of a seed is told, by a thread that counts its steps. */
  interface Story {
    Outcome tell(long seed, AtomicLong steps);
  }

  private Seeds(long first, long count, Story story) {
    this.next = new AtomicLong(first);
    this.end = first + count;
    this.story = story;
  }

  /**
   * What came of many seeds.
   *
   * @param violations the outcomes that had one, by seed
   * @param neverReached rare situations that not one of the seeds led to
   */
  public record Result(long seeds, List<Outcome> violations, Tally tally, List<Rare> neverReached) {

    public Result {
      violations = List.copyOf(violations);
      neverReached = List.copyOf(neverReached);
    }

    /** Nothing was violated and everything was reached. */
    public boolean isGood() {
      return violations.isEmpty() && neverReached.isEmpty();
    }
  }

  /**
   * Runs so many seeds from one on; stops early when enough of them are violated. Of a step that
   * does not end is told on the error stream.
   *
   * @throws IllegalStateException when a seed ended with an error that is no violation, such as a
   *     lack of memory: it names the seed and the command that replays it
   */
  public static Result run(long first, long count, int threads) {
    return run(first, count, threads, Simulation::run);
  }

  /** The same of other stories. */
  static Result run(long first, long count, int threads, Story story) {
    Seeds seeds = new Seeds(first, count, story);
    try (ExecutorService workers = Executors.newFixedThreadPool(threads);
        StepWatch watch = StepWatch.aloud()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        all.add(workers.submit(() -> seeds.work(watch)));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while seeds ran", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IllegalStateException named
          ? named
          : new IllegalStateException("the simulation itself broke", e);
    }
    return seeds.result();
  }

  /** What replays a seed. */
  static String command(long seed) {
    return "bin/simulate --seed " + seed + " --trace";
  }

  private void work(StepWatch watch) {
    for (long seed = next.getAndIncrement(); seed < end && !over.get(); ) {
      StepWatch.Running running = watch.begin(seed);
      try {
        add(story.tell(seed, running.steps()));
      } catch (Error e) {
        over.set(true);
        throw new IllegalStateException(
            "seed " + seed + " broke the simulation, replay it with: " + command(seed), e);
      } finally {
        watch.end(running);
      }
      seed = next.getAndIncrement();
    }
  }

  private synchronized void add(Outcome outcome) {
    done++;
    tally.add(outcome.tally());
    if (outcome.violation().isPresent()) {
      violations.add(outcome);
      over.set(violations.size() >= ENOUGH);
    }
  }

  private synchronized Result result() {
    violations.sort(Comparator.comparingLong(Outcome::seed));
    List<Rare> never = new ArrayList<>();
    for (Rare rare : Rare.values()) {
      if (tally.count(rare) == 0) {
        never.add(rare);
      }
    }
    return new Result(done, violations, tally, never);
  }

  /** For people: how often each rare situation was reached, and figures of the whole. */
  static String summary(Result result, double seconds) {
    StringBuilder text = new StringBuilder();
    Tally tally = result.tally();
    for (Rare rare : Rare.values()) {
      text.append(String.format(Locale.ROOT, "  %-28s %,12d%n", rare.name(), tally.count(rare)));
    }
    if (!result.neverReached().isEmpty()) {
      text.append(String.format(Locale.ROOT, "never reached: %s%n", result.neverReached()));
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
