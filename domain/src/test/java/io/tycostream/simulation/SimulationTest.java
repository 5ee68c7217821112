package io.tycostream.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The seeds of every build; {@code bin/simulate} tells the story of any other. */
final class SimulationTest {

  private static final long FIRST = 1;
  private static final int THREADS = 2;

  @Test
  void holdsForTwoThousandSeeds() {
    run(2_000);
  }

  @Tag("long")
  @Test
  void holdsForTwentyThousandSeeds() {
    run(20_000);
  }

  private static void run(long seeds) {
    long began = System.nanoTime();
    Seeds.Result result = Seeds.run(FIRST, seeds, THREADS);
    String summary = Seeds.summary(result, (System.nanoTime() - began) / 1e9);
    System.out.println(summary);
    summary.lines().filter(line -> line.contains(" seeds, ")).forEach(SimulationTest::prove);
    result.violations().forEach(SimulationMain::report);
    assertEquals(
        List.of(), result.violations().stream().map(Outcome::seed).toList(), "violated seeds");
    assertEquals(List.of(), result.neverReached(), "situations that no seed led to");
  }

  private static void prove(String line) {
    System.out.println("proof: simulation: " + line);
  }

  @Test
  void tellsTheSameStoryForTheSameSeed() {
    for (long seed = 1; seed <= 20; seed++) {
      Outcome once = Simulation.run(seed);
      Outcome again = Simulation.run(seed);
      assertEquals(once.traceHash(), again.traceHash(), "seed " + seed);
      assertEquals(once.lastLines(), again.lastLines(), "seed " + seed);
    }
  }

  @Test
  void tellsDifferentStoriesForDifferentSeeds() {
    long hashes =
        LongStream.rangeClosed(1, 20)
            .map(seed -> Simulation.run(seed).traceHash())
            .distinct()
            .count();
    assertEquals(20, hashes);
  }

  /** Another process has other identities and other orders of immutable sets and maps. */
  @Test
  void tellsTheSameStoryInAnotherProcess() throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    for (long seed = 3; seed <= 4; seed++) {
      Process process =
          new ProcessBuilder(
                  java.toString(),
                  "-XX:+UnlockExperimentalVMOptions",
                  "-XX:hashCode=2",
                  "-cp",
                  System.getProperty("java.class.path"),
                  SimulationMain.class.getName(),
                  "--seed",
                  Long.toString(seed))
              .redirectErrorStream(true)
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), said);
      String hash = String.format("trace %016x", Simulation.run(seed).traceHash());
      assertTrue(said.contains(hash), () -> said + " has not " + hash);
    }
  }

  @Test
  void tellsEveryLineToAListener() {
    List<String> lines = new ArrayList<>();
    Outcome outcome = Simulation.run(7, lines::add);
    assertEquals(Optional.empty(), outcome.violation());
    assertTrue(lines.size() >= outcome.lastLines().size());
    assertEquals(
        outcome.lastLines(),
        lines.subList(lines.size() - outcome.lastLines().size(), lines.size()));
  }

  @Test
  void usesWhatItCounts() {
    Outcome outcome = Simulation.run(7);
    assertNotEquals(0, outcome.tally().steps());
    assertNotEquals(0, outcome.tally().checks());
    assertFalse(outcome.tally().simulatedSeconds() < 10);
  }
}
