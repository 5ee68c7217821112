package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.ConfigurationReader;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.app.web.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The conformance client, in JavaScript on a WebSocket library that knows nothing of this project,
 * finds nothing wrong with a gateway before a real PostgreSQL.
 */
class ConformanceTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path LIBRARY = ROOT.resolve("conformance/node_modules/ws/package.json");
  private static final String TOKEN = "conformance-0123456789";

  /** What bin/conformance exits with when it cannot be run. */
  private static final int CANNOT_RUN = 2;

  @TempDir private static Path folder;

  private static EmbeddedPostgres postgres;
  private static ChangingTables tables;
  private static GatewayServer gateway;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Programs.onPath("node").isPresent(), "no node on the PATH");
    assumeTrue(
        Files.exists(LIBRARY) || Programs.onPath("npm").isPresent(), "no npm on the PATH, nor ws");
    postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
    tables = new ChangingTables(postgres.jdbcUrl(), 1);
    Path file =
        Files.writeString(
            folder.resolve("tycostream.yaml"),
            """
            server: {port: 0}
            databases:
              main:
                type: postgres
                endpoints: [{host: localhost, port: %d, database: %s}]
                user: %s
                ssl-mode: disable
            sources:
              stock: {database: main}
              ticks: {database: main, key: []}
            clients: {max-subscriptions: 10, heartbeat: 5s}
            auth:
              mode: tokens
              tokens: [{token: %s, principal: conformance, sources: ["*"]}]
            """
                .formatted(postgres.port(), postgres.database(), postgres.user(), TOKEN));
    gateway = GatewayServer.start(ConfigurationReader.read(file, Map.of()), Optional.empty());
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    if (tables != null) {
      tables.close();
    }
    if (postgres != null) {
      postgres.close();
    }
  }

  @Test
  void shouldHoldForATableWithAKeyInSeveralMessages() throws Exception {
    Ended ended = run("stock");
    assertAllHold(ended);
    assertTrue(
        Pattern.compile("# snapshots in up to [2-9] parts, batches in up to [2-9]")
            .matcher(ended.output())
            .find(),
        ended.output());
  }

  @Test
  void shouldHoldForATableWithoutAKey() throws Exception {
    assertAllHold(run("ticks", "--filter", "{\"price\":{\"_gt\":0.25},\"up\":{\"_eq\":true}}"));
  }

  @Test
  void shouldSayThatItCannotBeRun() throws Exception {
    assertEquals(CANNOT_RUN, run("stock", "--filter", "{").exitCode());
    assertEquals(CANNOT_RUN, launched(List.of("ws://127.0.0.1:1/v1/stream", "stock")).exitCode());
    assertEquals(CANNOT_RUN, launched(List.of("ws://127.0.0.1:1/v1/stream")).exitCode());
  }

  @Test
  void shouldSayWhatDoesNotHold() throws Exception {
    Ended ended = run("nothing", "--only", "witness", "--patience", "1");
    assertEquals(1, ended.exitCode(), ended.output());
    assertTrue(ended.output().contains("\nnot ok "), ended.output());
    assertTrue(ended.output().contains("unknown-source"), ended.output());
  }

  private static void assertAllHold(Ended ended) {
    List<String> lines = ended.output().lines().toList();
    List<String> failed = lines.stream().filter(line -> line.startsWith("not ok ")).toList();
    assertTrue(failed.isEmpty(), () -> failed + "\n" + ended.output());
    assertEquals(0, ended.exitCode(), ended.output());
    long held = lines.stream().filter(line -> line.startsWith("ok ")).count();
    assertTrue(lines.contains("1.." + held), ended.output());
    assertTrue(held > 40, ended.output());
    assertTrue(lines.stream().noneMatch(line -> line.contains("# SKIP")), ended.output());
  }

  private record Ended(int exitCode, String output) {}

  private static Ended run(String source, String... more) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.add("ws://127.0.0.1:" + gateway.port() + "/v1/stream");
    arguments.add(source);
    arguments.addAll(List.of("--token", TOKEN));
    arguments.addAll(List.of(more));
    return launched(arguments);
  }

  private static Ended launched(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(ROOT.resolve("bin/conformance").toString()));
    command.addAll(arguments);
    Path output = Files.createTempFile(folder, "conformance", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(
          process.waitFor(4, TimeUnit.MINUTES),
          () -> "still running: " + command + " said " + text(output));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assumeTrue(
        process.exitValue() != CANNOT_RUN || Files.exists(LIBRARY),
        () -> "npm cannot bring ws here: " + text(output));
    return new Ended(process.exitValue(), Files.readString(output));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
