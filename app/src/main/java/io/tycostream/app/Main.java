package io.tycostream.app;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line. */
@Command(
    name = "tycostream",
    description = "Follows database tables live, and never loses its place.",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong usage or configuration", "1:anything else"},
    subcommands = {DemoCommand.class, ServeCommand.class, CheckCommand.class, WatchCommand.class})
public final class Main implements Runnable {

  @Option(names = "--debug", description = "Show stack traces and detailed logs.")
  private boolean debug;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "a command is needed: demo, serve, check or watch");
    }
  }

  /** Runs a command and ends the program with its exit code. */
  public static void main(String[] args) {
    Shutdown.exit(execute(args));
  }

  static int execute(String... args) {
    Main main = new Main();
    return new CommandLine(main)
        .setExecutionStrategy(parsed -> {
          Logs.configure(main.debug);
          return new CommandLine.RunLast().execute(parsed);
        })
        .setExecutionExceptionHandler(
            (exception, command, parsed) -> main.report(exception, command.getErr()))
        .execute(args);
  }

  private int report(Exception exception, PrintWriter err) {
    String message = exception.getMessage();
    err.println("tycostream: " + (message == null ? exception.toString() : message));
    if (debug) {
      exception.printStackTrace(err);
    }
    return 1;
  }
}
