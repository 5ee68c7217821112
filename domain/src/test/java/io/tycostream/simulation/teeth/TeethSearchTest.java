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

/**
 * Each deliberate bug is noticed within the first seeds. The seed that is known for it is tried
 * first, and all from 1 on when that does not notice, or the table is to be written anew.
 */
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
    Map<String, Catches.Line> known = Boolean.getBoolean(WRITE) ? Map.of() : Catches.read();
    List<Searched> all =
        Bugs.all().parallelStream()
            .map(bug -> search(bug, Optional.ofNullable(known.get(bug.name()))))
            .toList();
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

  private static Searched search(Bug bug, Optional<Catches.Line> known) {
    LongStream likely =
        known.map(Catches.Line::seed).map(LongStream::of).orElse(LongStream.empty());
    LongStream seeds = LongStream.concat(likely, LongStream.rangeClosed(1, SEEDS));
    return new Searched(
        bug, Bugs.TRIAL.firstCaught(BrokenCode.compile(BrokenCode.sources(), bug), seeds));
  }
}
