package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.protocol.SourceCondition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class StateHistoryTest {

  private static final SourceState LIVE = live(0);

  @Test
  void eachConditionIsAnEntry() {
    SourceState away = away(1, 0, "cut");
    StateHistory history = StateHistory.of(LIVE).with(away).with(live(2));
    assertEquals(List.of(LIVE, away, live(2)), history.states());
  }

  @Test
  void theSameConditionAnewGoesOnSinceItBegan() {
    assertEquals(List.of(live(0)), StateHistory.of(live(0)).with(live(1)).states());
  }

  @Test
  void attemptsThatFailAreOneEntryWithTheLastReason() {
    SourceState trying =
        new SourceState(
            SourceCondition.RECONNECTING,
            Instant.ofEpochSecond(1),
            OptionalInt.of(2),
            Optional.empty(),
            Optional.empty());
    StateHistory history =
        StateHistory.of(LIVE).with(away(1, 0, "cut")).with(away(1, 1, "refused")).with(trying);
    assertEquals(
        List.of(
            LIVE,
            new SourceState(
                SourceCondition.RECONNECTING,
                Instant.ofEpochSecond(1),
                OptionalInt.of(2),
                Optional.empty(),
                Optional.of("refused"))),
        history.states());
  }

  @Test
  void theOldestLeave() {
    StateHistory history = StateHistory.of(alternating(0));
    for (int second = 1; second <= 100; second++) {
      history = history.with(alternating(second));
      assertEquals(alternating(second), history.states().getLast());
      assertEquals(Math.min(second + 1, StateHistory.MOST), history.states().size());
    }
    assertEquals(
        IntStream.rangeClosed(101 - StateHistory.MOST, 100)
            .mapToObj(StateHistoryTest::alternating)
            .toList(),
        history.states());
  }

  private static SourceState alternating(int second) {
    return second % 2 == 0 ? live(second) : away(second, 0, "cut " + second);
  }

  private static SourceState live(int second) {
    return SourceState.of(SourceCondition.LIVE, Instant.ofEpochSecond(second));
  }

  private static SourceState away(int since, int attempt, String reason) {
    return new SourceState(
        SourceCondition.RECONNECTING,
        Instant.ofEpochSecond(since),
        OptionalInt.of(attempt),
        Optional.of(Instant.ofEpochSecond(since + 1L)),
        Optional.of(reason));
  }
}
