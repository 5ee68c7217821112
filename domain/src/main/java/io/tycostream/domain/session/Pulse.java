package io.tycostream.domain.session;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The heartbeat of a connection.
 *
 * <p>A client is silent when nothing was heard from it for two intervals, and a ping that was sent
 * since has been unanswered for one: so a gateway that was paused itself asks before it gives
 * everybody up.
 *
 * @param every how often a ping is sent
 * @param heard the last sign of life
 * @param pingAt when the next ping is due
 * @param asked when the first ping since the last sign of life was sent
 */
public record Pulse(Duration every, Instant heard, Instant pingAt, Optional<Instant> asked) {

  static Pulse begin(Duration every, Instant now) {
    return new Pulse(every, now, now.plus(every), Optional.empty());
  }

  /** When to look again. */
  public Instant deadline() {
    return silentAt().filter(silent -> silent.isBefore(pingAt)).orElse(pingAt);
  }

  Pulse hearing(Instant sign) {
    if (!sign.isAfter(heard)) {
      return this;
    }
    return new Pulse(every, sign, pingAt, asked.filter(sign::isBefore));
  }

  Pulse pinged(Instant now) {
    return new Pulse(every, heard, now.plus(every), Optional.of(asked.orElse(now)));
  }

  boolean isPingDue(Instant now) {
    return !now.isBefore(pingAt);
  }

  boolean isSilent(Instant now) {
    return silentAt().filter(at -> !now.isBefore(at)).isPresent();
  }

  private Optional<Instant> silentAt() {
    Instant twoIntervals = heard.plus(every.multipliedBy(2));
    return asked.map(at -> at.plus(every)).map(at -> at.isAfter(twoIntervals) ? at : twoIntervals);
  }
}
