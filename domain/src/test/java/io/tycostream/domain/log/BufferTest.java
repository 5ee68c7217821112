package io.tycostream.domain.log;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BufferTest {

  private static final Duration SHORT = Duration.ofNanos(1);

  @Test
  void theLeastThereCanBeIsAllowed() {
    assertDoesNotThrow(() -> buffer(1, Double.MIN_VALUE, Double.MIN_VALUE, SHORT, 1));
    assertDoesNotThrow(() -> buffer(Buffer.AUTO, 1, 1, SHORT, 1));
  }

  @Test
  void whatIsOverABoundIsRefused() {
    refused(0, 0.5, 0.5, SHORT, 1);
    refused(1, 0, 0.5, SHORT, 1);
    refused(1, 0.6, 0.5, SHORT, 1);
    refused(1, 0.5, 1.1, SHORT, 1);
    refused(1, Double.NaN, 0.5, SHORT, 1);
    refused(1, 0.5, Double.NaN, SHORT, 1);
    refused(1, 0.5, 0.5, Duration.ZERO, 1);
    refused(1, 0.5, 0.5, Duration.ofNanos(-1), 1);
    refused(1, 0.5, 0.5, SHORT, 0);
  }

  private static void refused(long size, double warn, double end, Duration age, int sample) {
    assertThrows(IllegalArgumentException.class, () -> buffer(size, warn, end, age, sample));
  }

  private static Buffer buffer(long size, double warn, double end, Duration age, int sample) {
    return new Buffer(size, DropPolicy.DROP_OLDEST, warn, end, age, sample);
  }
}
