package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project of somebody else, {@code docs/examples/follow-trades}, with the SDK as its only
 * dependency: it compiles against the jars of this build and, in processes of its own, keeps its
 * rows right while its connection is cut ten times.
 */
class ExternalProjectTest {

  private static final int CUTS = 10;
  private static final Pattern LINE = Pattern.compile("(?m)^([-+~=]) (Trade\\[id=(\\d+),.*)$");

  private static final String GONE = "gone";

  @TempDir private static Path folder;
  private static ExampleProject project;

  @BeforeAll
  static void build() throws Exception {
    project = ExampleProject.build("follow-trades", folder);
  }

  @Test
  void shouldUseTheVersionsOfTheBuild() throws IOException {
    project.assertUsesTheVersionsOfTheBuild();
  }

  /** And runs below without anything else, Micrometer for one, which the client can do with. */
  @Test
  void shouldHaveNothingButTheClientAndWhatThatNeeds() throws IOException {
    assertEquals(
        Set.of("jackson-core", "tycostream-client-sdk", "tycostream-domain"), project.libraries());
  }

  @Test
  void shouldEndEqualToTheDatabaseAfterTenCuts() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
        Trades trades = new Trades(postgres.jdbcUrl());
        GatewayServer gateway =
            GatewayServer.start(
                Configuration.onLoopback(
                    0,
                    Configuration.Database.onLoopback(
                        "main", postgres.port(), postgres.database(), postgres.user()),
                    "trades"),
                Optional.empty());
        FaultProxy proxy = new FaultProxy("127.0.0.1", gateway.port())) {
      String url = "http://127.0.0.1:" + proxy.port();
      try (ExampleProject.Program onClassPath =
              project.java("-jar", "target/follow-trades.jar", url);
          ExampleProject.Program withModules =
              project.java(
                  "--module-path",
                  "target/lib",
                  "--add-modules",
                  "io.tycostream.client",
                  "-cp",
                  "target/follow-trades.jar",
                  "com.example.FollowTrades",
                  url)) {
        List<ExampleProject.Program> both = List.of(onClassPath, withModules);
        for (ExampleProject.Program program : both) {
          program.await("\nfollowing ");
        }
        for (int cut = 1; cut <= CUTS; cut++) {
          int before = proxy.connections();
          if (cut % 2 == 0) {
            proxy.reset();
          } else {
            proxy.resetAfter(300L * cut); // somewhere inside a frame
          }
          Await.until(
              "both came back after cut " + cut,
              ExampleProject.PATIENCE,
              () -> proxy.connections() >= before + both.size());
          awaitAll(both, trades.mark());
        }
        trades.finish();
        awaitAll(both, trades.mark());
        Map<Long, String> rows = trades.rows();
        for (ExampleProject.Program program : both) {
          String end = program.end();
          Map<Long, String> told = lastSaid(end, "+~-");
          assertTrue(told.size() > CUTS, "what it was told");
          told.forEach((id, said) -> assertEquals(rows.getOrDefault(id, GONE), said));
          assertEquals(rows, lastSaid(end, "="), "what it has");
          assertTrue(end.endsWith("checksum %08x\n".formatted(checksum(rows))), end);
          assertTrue(end.contains("\n" + rows.size() + " trades at "), end);
        }
      }
    }
  }

  private static void awaitAll(List<ExampleProject.Program> programs, long id) throws Exception {
    for (ExampleProject.Program program : programs) {
      program.await("\n+ Trade[id=" + id + ",");
    }
  }

  /** Of each id what the last line with one of these signs says. */
  private static Map<Long, String> lastSaid(String output, String signs) {
    Map<Long, String> rows = new TreeMap<>();
    for (MatchResult line : LINE.matcher(output).results().toList()) {
      if (signs.contains(line.group(1))) {
        rows.put(Long.valueOf(line.group(3)), line.group(1).equals("-") ? GONE : line.group(2));
      }
    }
    return rows;
  }

  private static long checksum(Map<Long, String> rows) {
    CRC32 checksum = new CRC32();
    rows.values().forEach(row -> checksum.update((row + "\n").getBytes(StandardCharsets.UTF_8)));
    return checksum.getValue();
  }
}
