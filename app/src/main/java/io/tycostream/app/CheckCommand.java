package io.tycostream.app;

import io.tycostream.adapters.db.Findings;
import io.tycostream.adapters.db.Observed;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.config.ConfigurationException;
import io.tycostream.app.config.ConfigurationReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Whether a configuration would work, without starting anything or changing a database. */
@Command(
    name = "check",
    description = {
      "Validates a configuration and connects to each database once.",
      "Lists every mistake at once, and changes nothing.",
      "Looks for 3 s how much changes, to say how far each history reaches."
    })
final class CheckCommand implements Callable<Integer> {

  /** So long it is looked how much changes. */
  private static final Duration LOOK = Duration.ofSeconds(3);

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "The configuration, as described in docs/configuration.md.")
  private @Nullable Path file;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    try {
      Configuration configuration =
          ConfigurationReader.read(Objects.requireNonNull(file), System.getenv());
      return check(configuration, line.getOut(), line.getErr());
    } catch (ConfigurationException e) {
      line.getErr().println("tycostream: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
  }

  private static int check(Configuration configuration, PrintWriter out, PrintWriter err) {
    List<String> problems = new ArrayList<>();
    for (Configuration.Database database : configuration.databases()) {
      out.println("database " + database.name());
      boolean sound = true;
      for (Findings found : Databases.check(database, configuration)) {
        found.summary().forEach(line -> out.println("  " + line));
        found.problems().forEach(problem -> problems.add(database.name() + ": " + problem));
        sound &= found.problems().isEmpty();
      }
      if (sound) {
        reaches(database, configuration).forEach(line -> out.println("  " + line));
      }
    }
    if (problems.isEmpty()) {
      out.println("no mistakes found");
      return CommandLine.ExitCode.OK;
    }
    out.flush();
    err.println("tycostream: this configuration would not work:");
    problems.forEach(problem -> err.println("  " + problem));
    return CommandLine.ExitCode.USAGE;
  }

  /** How far back the history of each source reaches. */
  private static List<String> reaches(
      Configuration.Database database, Configuration configuration) {
    Map<String, Observed> observed = PresentRates.observe(database, configuration, LOOK);
    List<String> lines = new ArrayList<>();
    for (Configuration.StreamedTable source : configuration.sources()) {
      Observed seen = observed.get(source.name());
      if (seen != null) {
        String reach = HistoryReach.text(source.limits().history(), seen);
        lines.add("source " + source.name() + ": " + reach);
      }
    }
    return lines;
  }
}
