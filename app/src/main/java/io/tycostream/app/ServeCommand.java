package io.tycostream.app;

import io.tycostream.app.config.Configuration;
import io.tycostream.app.config.ConfigurationException;
import io.tycostream.app.config.ConfigurationReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The service. */
@Command(name = "serve", description = "Runs the gateway until it is told to stop.")
final class ServeCommand implements Callable<Integer> {

  @Option(names = "--config", required = true, paramLabel = "FILE", description = "The YAML file.")
  private @Nullable Path config;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    CommandLine command = Objects.requireNonNull(spec).commandLine();
    PrintWriter err = command.getErr();
    Configuration configuration;
    try {
      configuration = ConfigurationReader.read(Objects.requireNonNull(config), System.getenv());
    } catch (ConfigurationException e) {
      err.println("tycostream: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    try (GatewayServer server = GatewayServer.start(configuration, Optional.empty())) {
      Listening.lines(configuration, server.port()).forEach(command.getOut()::println);
      Shutdown.await();
    }
    return CommandLine.ExitCode.OK;
  }
}
