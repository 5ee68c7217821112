package io.tycostream.simulation.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each deliberate bug is noticed within the first seeds, whatever is known of them. */
@Tag("long")
final class TeethSearchTest {

  /** How many stories there are to notice a bug. */
  static final long SEEDS = 2_000;

  /** Set to {@code true}, the table of the seeds is written. */
  private static final String WRITE = "teeth.write";

  static final String COMMAND =
      "mvn verify -Plong -pl domain -Dtest=TeethSearchTest -D" + WRITE + "=true";

  private record Searched(Bug bug, Optional<Trial.Caught> caught) {}

  @Test
  @Timeout(value = 40, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everyBugIsCaughtWithinTheFirstSeeds() {
    long start = System.nanoTime();
    List<Searched> all = Bugs.all().parallelStream().map(TeethSearchTest::search).toList();
    Map<Bug, Trial.Caught> caught = new LinkedHashMap<>();
    List<String> uncaught = new ArrayList<>();
    for (Searched each : all) {
      each.caught()
          .ifPresentOrElse(
              seen -> caught.put(each.bug(), seen), () -> uncaught.add(each.bug().name()));
    }
    System.out.print(
        String.format(
            "proof: teeth: %d of %d deliberate bugs caught within %d seeds, in %d s%n",
            caught.size(), all.size(), SEEDS, (System.nanoTime() - start) / 1_000_000_000));
    caught.forEach((bug, seen) -> System.out.println(Catches.print(bug, seen)));
    assertEquals(List.of(), uncaught, "not caught within " + SEEDS + " seeds");
    if (Boolean.getBoolean(WRITE)) {
      Catches.write(caught);
    }
  }

  private static Searched search(Bug bug) {
    return new Searched(
        bug,
        Bugs.TRIAL.firstCaught(
            BrokenCode.compile(BrokenCode.sources(), bug), LongStream.rangeClosed(1, SEEDS)));
  }
}
