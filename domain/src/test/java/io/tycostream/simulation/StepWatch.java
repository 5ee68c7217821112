package io.tycostream.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Tells of a step that does not come to its end: no bound on the number of steps helps against a
 * call that never returns. A thread of its own looks, four times in the limit; any thread begins
 * and ends stories.
 */
final class StepWatch implements AutoCloseable {

  /** So long no step takes, however busy the machine is. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final long limitNanos;
  private final Consumer<String> told;
  private final Map<Running, Seen> running = new ConcurrentHashMap<>();
  private final Future<?> looks;
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("step-watch").unstarted(task));

  /**
   * A story that is being told.
   *
   * @param thread that tells it
   * @param steps counted by that thread
   */
  record Running(long seed, Thread thread, AtomicLong steps) {}

  /** What was seen of one at a time, for the first time. */
  private record Seen(long steps, long nanos, boolean told) {}

  /**
   * @param told the seed, the command that replays it, and where its thread is; once for each step
   */
  StepWatch(Duration limit, Consumer<String> told) {
    this.limitNanos = limit.toNanos();
    this.told = told;
    this.looks = looking.scheduleAtFixedRate(this::look, 0, limitNanos / 4, TimeUnit.NANOSECONDS);
  }

  /** One that writes to the error stream. */
  static StepWatch aloud() {
    return new StepWatch(LIMIT, System.err::println);
  }

  /** The story of a seed begins on this thread. */
  Running begin(long seed) {
    Running begun = new Running(seed, Thread.currentThread(), new AtomicLong());
    running.put(begun, new Seen(-1, System.nanoTime(), false));
    return begun;
  }

  void end(Running ended) {
    running.remove(ended);
  }

  private void look() {
    running.replaceAll(this::seen);
  }

  private Seen seen(Running each, Seen before) {
    long steps = each.steps.get();
    if (steps != before.steps) {
      return new Seen(steps, System.nanoTime(), false);
    }
    if (before.told || System.nanoTime() - before.nanos < limitNanos) {
      return before;
    }
    told.accept(describe(each));
    return new Seen(steps, before.nanos, true);
  }

  private static String describe(Running stuck) {
    StringBuilder text = new StringBuilder();
    text.append("seed ").append(stuck.seed).append(" is in a step that does not end");
    text.append(", replay it with: ").append(Seeds.command(stuck.seed));
    List.of(stuck.thread.getStackTrace())
        .forEach(frame -> text.append(System.lineSeparator()).append("    at ").append(frame));
    return text.toString();
  }

  @Override
  public void close() {
    looks.cancel(true);
    looking.shutdown();
  }
}
