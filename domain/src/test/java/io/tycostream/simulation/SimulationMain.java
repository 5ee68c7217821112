package io.tycostream.simulation;

import java.util.Locale;

/** The simulation from the command line. */
public final class SimulationMain {

  private static final int OK = 0;
  private static final int VIOLATED = 1;
  private static final int USAGE = 2;

  private static final String HELP =
      """
      usage: bin/simulate [--seeds N] [--seed S] [--trace]

        --seeds N   tell the stories of N seeds, 2000 by default, from seed 1 or S on
        --seed S    tell the story of one seed
        --trace     print everything that happens\
      """;

  private long seeds = -1;
  private long first = 1;
  private boolean one;
  private boolean trace;

  private SimulationMain() {}

  public static void main(String[] args) {
    SimulationMain main = new SimulationMain();
    System.exit(main.understands(args) ? main.run() : USAGE);
  }

  private boolean understands(String[] args) {
    try {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--seeds" -> seeds = Long.parseUnsignedLong(args[++i]);
          case "--seed" -> {
            first = Long.parseLong(args[++i]);
            one = true;
          }
          case "--trace" -> trace = true;
          default -> throw new IllegalArgumentException("unknown option " + args[i]);
        }
      }
      return true;
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      System.err.println("simulate: " + e.getMessage());
      System.err.println(HELP);
      return USAGE < 0;
    }
  }

  private int run() {
    if (seeds < 0) {
      seeds = one ? 1 : 2_000;
    }
    if (seeds == 1) {
      return tell(first);
    }
    long began = System.nanoTime();
    Seeds.Result result = Seeds.run(first, seeds, Runtime.getRuntime().availableProcessors());
    double seconds = (System.nanoTime() - began) / 1e9;
    result.violations().forEach(SimulationMain::report);
    System.out.print(Seeds.summary(result, seconds));
    return result.isGood() ? OK : VIOLATED;
  }

  private int tell(long seed) {
    Outcome outcome;
    try (StepWatch watch = StepWatch.aloud()) {
      StepWatch.Running running = watch.begin(seed);
      outcome =
          trace
              ? Simulation.run(seed, System.out::println, running.steps())
              : Simulation.run(seed, running.steps());
    }
    if (outcome.violation().isPresent()) {
      report(outcome);
      return VIOLATED;
    }
    System.out.println(
        String.format(
            Locale.ROOT,
            "seed %d, 0 violations, %.0f simulated seconds, %d faults, %d steps, trace %016x",
            seed,
            outcome.tally().simulatedSeconds(),
            outcome.tally().faults(),
            outcome.tally().steps(),
            outcome.traceHash()));
    return OK;
  }

  static void report(Outcome outcome) {
    System.out.println("seed " + outcome.seed() + " is violated:");
    outcome.lastLines().forEach(System.out::println);
    System.out.println("replay it with: " + Seeds.command(outcome.seed()));
  }
}
