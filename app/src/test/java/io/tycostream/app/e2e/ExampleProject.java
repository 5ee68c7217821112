package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tycostream.app.demo.Await;
import io.tycostream.app.web.Programs;
import io.tycostream.client.TycostreamClient;
import io.tycostream.domain.Step;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A project of somebody else, one of {@code docs/examples}: a copy that Maven has built against the
 * jars of this build, and programs of it in processes of their own.
 *
 * <p>What it needs from Maven it gets from a repository made for it, with our jars, and for the
 * rest from the one of this build. Nothing is fetched from elsewhere, and nothing left there.
 */
final class ExampleProject {

  static final Duration PATIENCE = Duration.ofMinutes(1);

  /** It is over before the better compiler pays. */
  private static final String SHORT_LIVED = "-XX:TieredStopAtLevel=1";

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");
  private static final Pattern ARTIFACT =
      Pattern.compile("<artifactId>(?:maven-([a-z]+)-plugin|([a-z-]+))</artifactId>\\s*" + VERSION);
  private static final Set<String> OURS = Set.of("tycostream-client-sdk");

  private final String name;
  private final Path folder;

  private ExampleProject(String name, Path folder) {
    this.name = name;
    this.folder = folder;
  }

  /**
   * Builds it, its tests included, as {@code mvn package} does.
   *
   * @param name its folder in {@code docs/examples}
   * @param folder for all that comes of it
   */
  static ExampleProject build(String name, Path folder) throws Exception {
    Path source = ROOT.resolve("docs/examples").resolve(name);
    Optional<Path> mvn = Programs.onPath("mvn");
    assumeTrue(mvn.isPresent(), "no mvn on the PATH");
    Path sdk = home(TycostreamClient.class);
    assumeTrue(
        Files.isRegularFile(sdk),
        "there are no jars: Maven makes them from the phase package on, so in `mvn verify`");
    String version = first(VERSION, ROOT.resolve("pom.xml"));
    assertEquals(version, first(VERSION, source.resolve("pom.xml"), "client-sdk</artifactId>"));
    Path repository = folder.resolve("repository");
    install(repository, "tycostream", version, Optional.empty());
    install(repository, "tycostream-domain", version, Optional.of(home(Step.class)));
    install(repository, "tycostream-client-sdk", version, Optional.of(sdk));
    Files.copy(
        sdk.resolveSibling(sdk.getFileName().toString().replace(".jar", "-tests.jar")),
        repository
            .resolve("io/tycostream/tycostream-client-sdk")
            .resolve(version)
            .resolve("tycostream-client-sdk-" + version + "-tests.jar"));
    ExampleProject project = new ExampleProject(name, folder);
    copy(source, project.path());
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
    Program maven =
        project.start(
            List.of(
                mvn.get().toString(),
                "-B",
                "-q",
                "-s",
                settings.toString(),
                "-Dmaven.repo.local=" + repository,
                "package"));
    maven.end();
    return project;
  }

  /** Where it is built; its programs run here. */
  Path path() {
    return folder.resolve("project");
  }

  /** The names of the libraries that it runs with. */
  Set<String> libraries() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> jars = Files.list(path().resolve("target/lib"))) {
      jars.forEach(jar -> names.add(jar.getFileName().toString().replaceFirst("-\\d.*", "")));
    }
    return names;
  }

  /** Else it would ask for what a machine without a network does not have. */
  void assertUsesTheVersionsOfTheBuild() throws IOException {
    String parent = Files.readString(ROOT.resolve("pom.xml"));
    List<MatchResult> artifacts =
        ARTIFACT.matcher(Files.readString(path().resolve("pom.xml"))).results().toList();
    assertTrue(artifacts.size() > 1, "nothing found");
    for (MatchResult artifact : artifacts) {
      String property =
          artifact.group(1) != null ? "plugin." + artifact.group(1) : artifact.group(2);
      if (!property.equals(name) && !OURS.contains(property)) {
        String pinned =
            "<version.%s>%s<"
                .formatted(property.replace("junit-jupiter", "junit"), artifact.group(3));
        assertTrue(parent.contains(pinned), () -> pinned + " is not in the pom.xml of the parent");
      }
    }
  }

  /** Starts a program of it. */
  Program java(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", SHORT_LIVED));
    command.addAll(List.of(arguments));
    return start(command);
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

  private Program start(List<String> command) throws IOException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(path().toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("MAVEN_OPTS", SHORT_LIVED);
    return new Program(builder.start(), output);
  }

  /** A process, and the file that its output goes to. */
  record Program(Process process, Path file) implements AutoCloseable {

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

    /** Ends it as {@code kill -9} does; returns when it is gone. */
    void kill() throws InterruptedException {
      assertTrue(process.destroyForcibly().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
