package io.tycostream.simulation.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each deliberate bug is noticed on the seed that is known to show it, and only because of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TeethTest {

  /** At least so many kinds of mistakes have to be noticed. */
  private static final int ENOUGH = 24;

  private static final String SEARCH = "; find the seeds again with: " + TeethSearchTest.COMMAND;

  static List<Bug> bugs() {
    return Bugs.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bugs")
  void theBugIsCaught(Bug bug) {
    long seed = seedOf(bug);
    assertTrue(
        Bugs.TRIAL
            .firstCaught(BrokenCode.compile(BrokenCode.sources(), bug), LongStream.of(seed))
            .isPresent(),
        () -> bug.breaks() + ", and seed " + seed + " does not notice" + SEARCH);
  }

  @Test
  void withoutTheBugsAllIsWell() {
    LongStream seeds =
        Catches.read().values().stream().mapToLong(Catches.Line::seed).sorted().distinct();
    assertEquals(Optional.empty(), Bugs.TRIAL.firstCaught(Map.of(), seeds));
  }

  @Test
  void theTableIsOfTheBugsThatThereAre() {
    Map<String, String> expected =
        Bugs.all().stream()
            .collect(
                Collectors.toMap(Bug::name, Bug::breaks, (one, other) -> one, LinkedHashMap::new));
    Map<String, String> written = new LinkedHashMap<>();
    Catches.read().forEach((name, line) -> written.put(name, line.breaks()));
    assertEquals(List.copyOf(expected.entrySet()), List.copyOf(written.entrySet()), SEARCH);
    assertTrue(expected.size() >= ENOUGH, expected.size() + " bugs");
    assertEquals(expected.size(), Bugs.all().size(), "two bugs have the same name");
  }

  @Test
  void allSeedsAreAmongTheFirst() {
    Catches.read()
        .forEach((name, line) ->
            assertTrue(line.seed() >= 1 && line.seed() <= TeethSearchTest.SEEDS, name));
  }

  private static long seedOf(Bug bug) {
    Catches.Line line = Catches.read().get(bug.name());
    if (line == null) {
      throw new AssertionError("no seed is known for " + bug + SEARCH);
    }
    return line.seed();
  }
}
