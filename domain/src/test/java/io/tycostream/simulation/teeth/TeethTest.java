package io.tycostream.simulation.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each deliberate bug is noticed on the seed that is known to show it, and only because of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TeethTest {

  @ParameterizedTest
  @EnumSource
  void theBugIsCaught(Bugs each) {
    Map<String, byte[]> broken = BrokenCode.compile(BrokenCode.sources(), each.bug());
    assertTrue(
        each.trial().firstCaught(broken, LongStream.of(each.seed())).isPresent(),
        () ->
            each.bug().breaks()
                + "; and seed "
                + each.seed()
                + " does not notice. First seed that does: "
                + each.trial()
                    .firstCaught(broken, LongStream.rangeClosed(1, TeethSearchTest.SEEDS))
                    .map(caught -> Long.toString(caught.seed()))
                    .orElse("none up to " + TeethSearchTest.SEEDS));
  }

  @ParameterizedTest
  @EnumSource
  void withoutTheBugAllIsWell(Bugs each) {
    assertEquals(Optional.empty(), each.trial().firstCaught(Map.of(), LongStream.of(each.seed())));
  }
}
