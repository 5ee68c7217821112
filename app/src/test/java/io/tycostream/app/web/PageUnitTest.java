package io.tycostream.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the unit tests of the page's scripts, which need nothing but Node.js. */
class PageUnitTest {

  private static final Path TESTS = Path.of("src/test/js");
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.\\d+\\.\\d+");

  /** The first with the test runner, and with modules told by their syntax, in all its releases. */
  private static final int OLDEST_NODE = 20;

  /** Modules are told by their syntax without being asked to from here on. */
  private static final int FIRST_NODE_WITH_DETECTION = 23;

  @TempDir private Path folder;

  @Test
  void shouldPassTheirOwnTests() throws Exception {
    Optional<Path> node = Programs.onPath("node");
    assumeTrue(node.isPresent(), "no node on the PATH");
    String version = run(List.of(node.get().toString(), "--version")).output().strip();
    Matcher matcher = VERSION.matcher(version);
    assertTrue(matcher.matches(), version);
    int major = Integer.parseInt(matcher.group(1));
    assumeTrue(major >= OLDEST_NODE, () -> "node on the PATH is " + version);

    List<String> command = new ArrayList<>(List.of(node.get().toString()));
    if (major < FIRST_NODE_WITH_DETECTION) {
      command.add("--experimental-detect-module");
    }
    command.addAll(List.of("--test", "--test-reporter=spec"));
    command.addAll(tests());
    Ended ended = run(command);

    assertEquals(0, ended.exitCode(), ended.output());
  }

  private record Ended(int exitCode, String output) {}

  private static List<String> tests() throws IOException {
    try (Stream<Path> files = Files.list(TESTS)) {
      List<String> tests =
          files.map(Path::toString).filter(name -> name.endsWith(".test.js")).sorted().toList();
      assertFalse(tests.isEmpty(), "no tests in " + TESTS.toAbsolutePath());
      return tests;
    }
  }

  private Ended run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "node", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertTrue(process.waitFor(2, TimeUnit.MINUTES), () -> "still running: " + command);
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(output));
  }
}
