package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.app.web.Programs;
import io.tycostream.client.TycostreamClient;
import io.tycostream.domain.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project of somebody else, {@code docs/examples/follow-trades}, with the SDK as its only
 * dependency: it compiles against the jars of this build and, in processes of its own, keeps its
 * rows right while its connection is cut ten times.
 *
 * <p>What it needs from Maven it gets from a repository made for it, with our jars, and for the
 * rest from the one of this build. Nothing is fetched from elsewhere, and nothing left there.
 */
class ExternalProjectTest {

  private static final int CUTS = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path PROJECT = ROOT.resolve("docs/examples/follow-trades");
  private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");
  private static final Pattern PLUGIN =
      Pattern.compile("<artifactId>maven-([a-z]+)-plugin</artifactId>\\s*" + VERSION);
  private static final Pattern LINE = Pattern.compile("(?m)^([-+~=]) (Trade\\[id=(\\d+),.*)$");

  private static final String GONE = "gone";

  @TempDir private static Path folder;

  @BeforeAll
  static void build() throws Exception {
    Optional<Path> mvn = Programs.onPath("mvn");
    assumeTrue(mvn.isPresent(), "no mvn on the PATH");
    Path sdk = home(TycostreamClient.class);
    assumeTrue(
        Files.isRegularFile(sdk),
        "there are no jars: Maven makes them from the phase package on, so in `mvn verify`");
    String version = first(VERSION, ROOT.resolve("pom.xml"));
    assertEquals(version, first(VERSION, PROJECT.resolve("pom.xml"), "client-sdk</artifactId>"));
    Path repository = folder.resolve("repository");
    install(repository, "tycostream", version, Optional.empty());
    install(repository, "tycostream-domain", version, Optional.of(home(Step.class)));
    install(repository, "tycostream-client-sdk", version, Optional.of(sdk));
    copy(PROJECT, folder.resolve("project"));
    Path settings =
        Files.writeString(
            folder.resolve("settings.xml"),
            """
            <settings>
              <mirrors>
                <mirror>
                  <id>this-build</id>
                  <mirrorOf>*</mirrorOf>
                  <url>%s</url>
                </mirror>
              </mirrors>
            </settings>
            """
                .formatted(Path.of(System.getProperty("localRepository")).toUri()));
    Started maven =
        start(
            List.of(
                mvn.get().toString(),
                "-B",
                "-q",
                "-s",
                settings.toString(),
                "-Dmaven.repo.local=" + repository,
                "package"));
    maven.end();
  }

  /** Else it would ask for plugins that a machine without a network does not have. */
  @Test
  void shouldUseThePluginsOfTheBuild() throws IOException {
    String parent = Files.readString(ROOT.resolve("pom.xml"));
    List<MatchResult> plugins =
        PLUGIN.matcher(Files.readString(PROJECT.resolve("pom.xml"))).results().toList();
    assertFalse(plugins.isEmpty());
    for (MatchResult plugin : plugins) {
      String pinned = "<version.plugin.%s>%s<".formatted(plugin.group(1), plugin.group(2));
      assertTrue(parent.contains(pinned), () -> pinned + " is not in the pom.xml of the parent");
    }
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
      try (Started onClassPath = java("-jar", "target/follow-trades.jar", url);
          Started withModules =
              java(
                  "--module-path",
                  "target/lib",
                  "--add-modules",
                  "io.tycostream.client",
                  "-cp",
                  "target/follow-trades.jar",
                  "com.example.FollowTrades",
                  url)) {
        List<Started> both = List.of(onClassPath, withModules);
        for (Started program : both) {
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
              PATIENCE,
              () -> proxy.connections() >= before + both.size());
          awaitAll(both, trades.mark());
        }
        trades.finish();
        awaitAll(both, trades.mark());
        Map<Long, String> rows = trades.rows();
        for (Started program : both) {
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

  private static void awaitAll(List<Started> programs, long id) throws Exception {
    for (Started program : programs) {
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

  /** Where a class was loaded from: a jar, or a folder when Maven has made none. */
  private static Path home(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String first(Pattern pattern, Path file) throws IOException {
    return first(pattern, file, "");
  }

  /** The first group of the pattern where it is found first behind a text. */
  private static String first(Pattern pattern, Path file, String behind) throws IOException {
    String text = Files.readString(file);
    Matcher matcher = pattern.matcher(text);
    assertTrue(matcher.find(text.indexOf(behind)), () -> pattern + " in " + file);
    return matcher.group(1);
  }

  /** As `mvn install` does. */
  private static void install(Path repository, String artifact, String version, Optional<Path> jar)
      throws IOException {
    Path target =
        Files.createDirectories(
            repository.resolve("io/tycostream").resolve(artifact).resolve(version));
    String name = artifact + "-" + version;
    String module = artifact.replaceFirst("tycostream-?", "");
    Files.copy(ROOT.resolve(module).resolve("pom.xml"), target.resolve(name + ".pom"));
    if (jar.isPresent()) {
      Files.copy(jar.get(), target.resolve(name + ".jar"));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = from.relativize(file);
        if (!relative.startsWith("target")) {
          Path copy = to.resolve(relative);
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
  }

  private static Started java(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(List.of(arguments));
    return start(command);
  }

  private static Started start(List<String> command) throws IOException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.resolve("project").toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    return new Started(builder.start(), output);
  }

  /** A process, and the file that its output goes to. */
  private record Started(Process process, Path file) implements AutoCloseable {

    String output() {
      try {
        return "\n" + Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void await(String text) throws Exception {
      try {
        Await.until(text.strip(), PATIENCE, () -> output().contains(text) || !process.isAlive());
      } catch (AssertionError late) {
        throw new AssertionError(late.getMessage() + "; it said " + output(), late);
      }
      assertTrue(output().contains(text), this::output);
    }

    /** Ends its input, and waits until it ends well; what it has printed in all. */
    String end() throws IOException, InterruptedException {
      process.getOutputStream().close();
      assertTrue(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), this::output);
      assertEquals(0, process.exitValue(), this::output);
      return output();
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
