package io.tycostream.domain.replica;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Notices when one subscription begins anew again and again: each time is a full snapshot that the
 * gateway has to read and send.
 *
 * <p>One fresh start counts once, whatever it consisted of: a snapshot that follows a broken
 * sequence belongs to it. It remembers no more than one moment more than the limit allows.
 */
final class LoopDetector {

  private final LoopLimits limits;
  private final ArrayDeque<Instant> starts = new ArrayDeque<>();
  private int sinceBatch;
  private int pauses;
  private Instant lastPause = Instant.MIN;

  LoopDetector(LoopLimits limits) {
    this.limits = limits;
  }

  /** A batch was applied. */
  void applied() {
    sinceBatch = 0;
  }

  /**
   * The subscription began anew.
   *
   * @param chance in [0, 1)
   * @return how long to leave it alone, when this is a loop
   */
  Optional<Duration> beganAnew(Instant now, double chance) {
    Instant windowStart = now.minus(limits.window());
    starts.addLast(now);
    while (starts.getFirst().isBefore(windowStart) || starts.size() > limits.resyncs() + 1) {
      starts.removeFirst();
    }
    sinceBatch = Math.min(sinceBatch + 1, starts.size());
    if (starts.size() <= limits.resyncs() && sinceBatch < limits.withoutBatch()) {
      return Optional.empty();
    }
    if (lastPause.isBefore(windowStart)) {
      pauses = 0;
    }
    lastPause = now;
    return Optional.of(limits.pause().delay(pauses++, chance));
  }

  @Override
  public String toString() {
    return starts.size() + " fresh starts, " + sinceBatch + " since the last batch";
  }
}
