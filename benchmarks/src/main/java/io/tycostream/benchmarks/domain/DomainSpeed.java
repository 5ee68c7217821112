package io.tycostream.benchmarks.domain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks of this package and prints, as a table in Markdown, what an operation takes
 * and allocates, and how many times as long the rivals take.
 */
public final class DomainSpeed {

  private static final String OURS = "tycostream";
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private DomainSpeed() {}

  /**
   * Takes about a minute and a half for a class.
   *
   * @param args parts of the names of the classes to run; all when there are none. With {@code
   *     --quick} first only a glance: one fork and short, for trying out a benchmark
   */
  public static void main(String[] args) throws RunnerException {
    boolean quick = args.length > 0 && args[0].equals("--quick");
    List<String> wanted = List.of(args).subList(quick ? 1 : 0, args.length);
    String names = wanted.isEmpty() ? "" : "(" + String.join("|", wanted) + ")";
    Options options =
        new OptionsBuilder()
            .include("^\\Q" + DomainSpeed.class.getPackageName() + "\\E\\..*" + names + ".*\\.")
            .mode(Mode.AverageTime)
            .timeUnit(TimeUnit.MICROSECONDS)
            .forks(quick ? 1 : 2)
            .warmupIterations(quick ? 1 : 3)
            .warmupTime(TimeValue.seconds(quick ? 1 : 2))
            .measurementIterations(quick ? 2 : 5)
            .measurementTime(TimeValue.seconds(quick ? 1 : 2))
            .jvmArgs("-Xms2g", "-Xmx2g")
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .build();
    System.out.println(table(new Runner(options).run()));
  }

  private static String table(Collection<RunResult> results) {
    Map<String, List<RunResult>> byClass =
        results.stream()
            .collect(
                Collectors.groupingBy(
                    result -> part(result, 1), LinkedHashMap::new, Collectors.toList()));
    List<String> lines = new ArrayList<>();
    lines.add("| | µs/op | ± | bytes/op | ratio of times |");
    lines.add("| --- | ---: | ---: | ---: | ---: |");
    byClass.forEach((name, runs) -> {
      double ours =
          runs.stream()
              .filter(run -> part(run, 0).equals(OURS))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException(name + " has no " + OURS))
              .getPrimaryResult()
              .getScore();
      // Ours first, then the rivals as they come.
      runs.stream()
          .sorted((a, b) -> Boolean.compare(isRival(a), isRival(b)))
          .forEach(run -> lines.add(line(name, run, ours)));
    });
    return String.join(System.lineSeparator(), lines);
  }

  private static String line(String name, RunResult run, double ours) {
    Result<?> time = run.getPrimaryResult();
    Result<?> allocated = Objects.requireNonNull(run.getSecondaryResults().get(ALLOCATED));
    return "| %s %s | %.3f | %.3f | %.0f | %s |"
        .formatted(
            name,
            part(run, 0),
            time.getScore(),
            time.getScoreError(),
            allocated.getScore(),
            isRival(run) ? "%.2f".formatted(time.getScore() / ours) : "1");
  }

  private static boolean isRival(RunResult run) {
    return !part(run, 0).equals(OURS);
  }

  /** A part of the benchmark's full name, counted from its end. */
  private static String part(RunResult run, int fromEnd) {
    String[] parts = run.getParams().getBenchmark().split("\\.", -1);
    return parts[parts.length - 1 - fromEnd];
  }
}
