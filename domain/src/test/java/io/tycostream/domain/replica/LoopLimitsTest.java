package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LoopLimitsTest {

  private static final Duration SHORT = Duration.ofNanos(1);

  @Test
  void atLeastOnceInSomeTime() {
    assertDoesNotThrow(() -> limits(1, 1, SHORT));
    assertThrows(IllegalArgumentException.class, () -> limits(0, 1, SHORT));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 0, SHORT));
    assertThrows(IllegalArgumentException.class, () -> limits(1, 1, Duration.ZERO));
  }

  private static LoopLimits limits(int resyncs, int withoutBatch, Duration window) {
    return new LoopLimits(resyncs, withoutBatch, window, LoopLimits.DEFAULT.pause());
  }
}
