package io.tycostream.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.adapters.db.Observed;
import io.tycostream.domain.log.HistoryLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HistoryReachTest {

  private static final HistoryLimits SMALL =
      new HistoryLimits(1_000, Duration.ofMinutes(2), 1 << 20);

  private static String reach(long changes, long bytes, Duration during) {
    return HistoryReach.text(SMALL, new Observed.Changes(changes, bytes, during));
  }

  @Test
  void shouldBeAsFarAsTheFirstLimitThatIsReached() {
    String kept = "history: 1,000 events, 2 min, 1 MiB ≈ ";
    assertEquals(kept + "10 s at 100 changes/s", reach(300, 300, Duration.ofSeconds(3)));
    assertEquals(kept + "4 s at 100 changes/s", reach(200, 1 << 19, Duration.ofSeconds(2)));
    assertEquals(kept + "120 s at 0.5 changes/s", reach(1, 100, Duration.ofSeconds(2)));
    assertEquals(kept + "0 s at 1,000,000 changes/s", reach(1_000, 1, Duration.ofMillis(1)));
    assertEquals(kept + "100 s at 10 changes/s", reach(15, 15, Duration.ofMillis(1_500)));
  }

  @Test
  void shouldSayWhatIsNotKnown() {
    String kept = "history: 1,000 events, 2 min, 1 MiB; how many seconds that is, is not known: ";
    assertEquals(kept + "no changes seen in 3 s", reach(0, 0, Duration.ofMillis(3_020)));
    assertEquals(
        kept + "nobody is there",
        HistoryReach.text(SMALL, new Observed.NotKnown("nobody is there")));
  }

  @Test
  void shouldSayEachLimitInItsUnit() {
    assertEquals("1,000,000 events, 10 min, 256 MiB", limits(HistoryLimits.DEFAULT));
    assertEquals(
        "7 events, 2 h, 64 KiB", limits(new HistoryLimits(7, Duration.ofHours(2), 64 << 10)));
    assertEquals(
        "7 events, 90 s, 2 GiB", limits(new HistoryLimits(7, Duration.ofSeconds(90), 2L << 30)));
    assertEquals(
        "7 events, 1500 ms, 2 MiB", limits(new HistoryLimits(7, Duration.ofMillis(1500), 2 << 20)));
  }

  private static String limits(HistoryLimits limits) {
    String text = HistoryReach.text(limits, new Observed.NotKnown(""));
    return text.substring("history: ".length(), text.indexOf(';'));
  }
}
