package io.tycostream.simulation.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each deliberate bug is noticed within the first seeds, whatever is known of them. */
@Tag("long")
final class TeethSearchTest {

  /** How many stories there are to notice a bug. */
  static final long SEEDS = 2_000;

  @Test
  void everyBugIsCaughtWithinTheFirstSeeds() {
    List<String> table = new ArrayList<>();
    List<Bugs> uncaught = new ArrayList<>();
    for (Bugs each : Bugs.values()) {
      long start = System.nanoTime();
      Map<String, byte[]> broken = BrokenCode.compile(BrokenCode.sources(), each.bug());
      Optional<Trial.Caught> caught =
          each.trial().firstCaught(broken, LongStream.rangeClosed(1, SEEDS));
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      if (caught.isEmpty()) {
        uncaught.add(each);
      }
      table.add(
          "| %-45s | %5s | %5.1f | %s"
              .formatted(
                  each,
                  caught.map(one -> Long.toString(one.seed())).orElse("none"),
                  took.toMillis() / 1000.0,
                  caught.map(Trial.Caught::violation).orElse("").lines().findFirst().orElse("")));
    }
    System.out.printf(
        "proof: teeth: %d of %d deliberate bugs caught within %d seeds%n"
            + "| %-45s | %5s | %5s | seen%n%s%n",
        Bugs.values().length - uncaught.size(),
        Bugs.values().length,
        SEEDS,
        "bug",
        "seed",
        "s",
        String.join(System.lineSeparator(), table));
    assertEquals(List.of(), uncaught, "not caught within " + SEEDS + " seeds");
  }
}
