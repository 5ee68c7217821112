package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.HistoryLimits;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How readers share a desk with room for a thousand bytes. */
final class PortionTest {

  private final Source source =
      new Source(
          "t",
          new SourceLimits(new HistoryLimits(9, Duration.ofDays(1), 1_000), 9, 1L << 40),
          Instant.EPOCH);
  private final Portion portion = new Portion(source);

  @Test
  void itGrowsByAsMuchAsItHasAndNotWhileThereIsEnough() {
    assertTrue(portion.reaches(100));
    assertLeft(900);
    assertTrue(portion.reaches(100));
    assertLeft(900);
    assertTrue(portion.reaches(101));
    assertLeft(800);
    assertTrue(portion.reaches(200));
    assertLeft(800);
    assertTrue(portion.reaches(500));
    assertLeft(500);
  }

  @Test
  void itGrowsByTheLeastWhereThatIsLeft() {
    Portion other = new Portion(source);
    assertTrue(other.reaches(500));
    assertTrue(portion.reaches(300));
    assertTrue(portion.reaches(301));
    assertLeft(0);
    assertTrue(portion.reaches(500), "it took what was left already");
    assertFalse(portion.reaches(501));
    other.giveBack();
    assertTrue(portion.reaches(501));
  }

  @Test
  void itShrinksToWhatIsNeeded() {
    assertTrue(portion.reaches(400));
    portion.shrinkTo(401);
    assertLeft(600);
    portion.shrinkTo(150);
    assertLeft(850);
    portion.giveBack();
    assertLeft(1_000);
  }

  /** Else a reader that waits, and gives nothing back before it asks again, would wake itself. */
  @Test
  void whoGivesNothingBackWakesNobody() {
    assertTrue(portion.reaches(500));
    assertFalse(new Portion(source).reaches(501));
    int[] rung = new int[1];
    source.bell().hangOn(new Bell.Rope(() -> rung[0]++));
    portion.shrinkTo(500);
    new Portion(source).giveBack();
    assertEquals(0, rung[0]);
    portion.shrinkTo(499);
    assertEquals(1, rung[0]);
  }

  @Test
  void whoWaitsIsNotWokenForEveryLittleBit() {
    assertTrue(portion.reaches(1_000));
    assertFalse(new Portion(source).reaches(1));
    int[] rung = new int[1];
    source.bell().hangOn(new Bell.Rope(() -> rung[0]++));
    portion.shrinkTo(501);
    assertEquals(0, rung[0]);
    portion.shrinkTo(500);
    assertEquals(1, rung[0]);
  }

  /** Just so much is left for others. */
  private void assertLeft(long bytes) {
    Portion other = new Portion(source);
    assertTrue(bytes == 0 || other.reaches(bytes));
    assertFalse(new Portion(source).reaches(1));
    other.giveBack();
  }
}
