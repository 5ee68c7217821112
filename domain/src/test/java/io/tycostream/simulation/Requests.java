package io.tycostream.simulation;

import io.tycostream.domain.session.RequestRate;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection: how fast they are read is the domain's to say, and it is held
 * against what was promised.
 *
 * <ol>
 *   <li><b>Q1</b> no more are read than the rate allows, and one on credit;
 *   <li><b>Q2</b> a connection is sent away when each request for ten seconds had to be waited for,
 *       and never before.
 * </ol>
 */
final class Requests {

  private final Shape shape;
  private final String who;
  private final Instant began;
  private RequestRate rate;
  private long read;
  private @Nullable Instant overSince;

  Requests(Shape shape, String who, Instant now) {
    this.shape = shape;
    this.who = who;
    this.began = now;
    this.rate = RequestRate.begin(shape.requestsPerSecond(), shape.requestBurst(), now);
  }

  /** One was read, and more come behind it. */
  RequestRate.Taken read(Instant now) {
    read++;
    RequestRate.Taken taken = rate.take(now);
    rate = taken.next();
    checkRead(now);
    overSince = taken.pause().isZero() ? null : overSince == null ? now : overSince;
    checkSentAway(taken, now);
    return taken;
  }

  private void checkRead(Instant now) {
    double seconds = Duration.between(began, now).toNanos() / 1e9;
    double most = shape.requestBurst() + seconds * shape.requestsPerSecond() + 1;
    if (read > most + 1e-6) {
      throw new Violation(who + " is read " + read + " requests in " + seconds + " s");
    }
  }

  private void checkSentAway(RequestRate.Taken taken, Instant now) {
    Instant since = overSince;
    boolean due = since != null && !now.isBefore(since.plusSeconds(10));
    if (taken.tooMany() != due) {
      throw new Violation(
          who + (due ? " asks too much" : " is sent away, and asks too much") + " since " + since);
    }
  }
}
