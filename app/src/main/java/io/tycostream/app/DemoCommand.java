package io.tycostream.app;

import io.tycostream.adapters.db.demo.SampleTrading;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.DatabaseControls;
import io.tycostream.app.demo.EmbeddedPostgres;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job with nothing to set up. */
@Command(
    name = "demo",
    description = {
      "Runs the gateway on a PostgreSQL of its own with a live sample workload.",
      "Everything listens on loopback alone, and is gone when it ends."
    })
final class DemoCommand implements Callable<Integer> {

  @Option(
      names = "--port",
      defaultValue = "8080",
      paramLabel = "PORT",
      description = "Where the page is served; 0 for any free port. Default: ${DEFAULT-VALUE}.")
  private int port;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    if (port < 0 || port > 65_535) {
      throw new CommandLine.ParameterException(
          line, "--port has to be a whole number from 0 to 65535, not " + port);
    }
    PrintWriter out = line.getOut();
    out.println("starting a PostgreSQL and a sample workload …");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
        SampleTrading trading =
            SampleTrading.start(SampleTrading.Settings.defaults(postgres.jdbcUrl()));
        GatewayServer server =
            GatewayServer.start(
                configuration(postgres), Optional.of(new DatabaseControls(postgres)))) {
      out.printf(
          """

          tycostream demo
            page      http://localhost:%1$d/
            terminal  bin/tycostream watch http://localhost:%1$d trades
            database  %2$s
          Ctrl-C ends everything.
          """,
          server.port(), postgres.jdbcUrl());
      out.flush();
      Shutdown.await();
      out.printf("%nstopped after %,d transactions%n", trading.transactions());
    }
    return CommandLine.ExitCode.OK;
  }

  private Configuration configuration(EmbeddedPostgres postgres) {
    return Configuration.onLoopback(
        port,
        Configuration.Database.onLoopback(
            "demo", postgres.port(), postgres.database(), postgres.user()),
        "trades",
        "positions",
        "prices");
  }
}
