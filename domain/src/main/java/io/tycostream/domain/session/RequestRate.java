package io.tycostream.domain.session;

import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How fast one connection asks: a bucket of tokens, one a request, that fills up at a steady rate.
 *
 * <p>A request is never refused: one that finds the bucket empty is served, and the next is read so
 * much later that the bucket is not empty any more. A connection that is over its rate again and
 * again, without one request in between that found a token, for {@link #PATIENCE}, asks too much.
 *
 * <p>Counted in billionths of a token, of which a nanosecond brings as many as a second brings
 * whole ones: nothing is ever rounded. A time before the last is taken for the last.
 *
 * @param perSecond requests, at least 1
 * @param burst requests at once after a silence, at least 1
 * @param billionths in the bucket; less than none where a request was served on credit, down to
 *     minus a whole bucket
 * @param at when that was so
 * @param overSince since when the connection is over its rate
 */
public record RequestRate(
    int perSecond, int burst, long billionths, Instant at, Optional<Instant> overSince) {

  /** How long a connection may be over its rate. */
  public static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final long TOKEN = 1_000_000_000;

  /**
   * @throws IllegalArgumentException when the rate or the burst is less than 1
   */
  public RequestRate {
    if (perSecond < 1 || burst < 1) {
      throw new IllegalArgumentException(perSecond + " requests a second, " + burst + " at once");
    }
  }

  /** A full bucket. */
  public static RequestRate begin(int perSecond, int burst, Instant now) {
    return new RequestRate(perSecond, burst, burst * TOKEN, now, Optional.empty());
  }

  /**
   * The answer to a request.
   *
   * @param next the rate from now on
   * @param pause how long to read nothing more; zero when the connection is within its rate
   * @param tooMany whether the connection is to be closed with 4429
   */
  public record Taken(RequestRate next, Duration pause, boolean tooMany) {}

  /** Whether a message counts: acks are free. */
  public static boolean counts(ClientMessage message) {
    return switch (message) {
      case Hello hello -> true;
      case Subscribe subscribe -> true;
      case Unsubscribe unsubscribe -> true;
      case Ping ping -> true;
      case Ack ack -> false;
    };
  }

  /** A request came. */
  public Taken take(Instant now) {
    Instant later = now.isAfter(at) ? now : at;
    long left = Math.max(-full(), filled(later) - TOKEN);
    if (left >= 0) {
      RequestRate within = new RequestRate(perSecond, burst, left, later, Optional.empty());
      return new Taken(within, Duration.ZERO, false);
    }
    Instant since = overSince.orElse(later);
    RequestRate over = new RequestRate(perSecond, burst, left, later, Optional.of(since));
    return new Taken(
        over,
        Duration.ofNanos(Math.ceilDiv(-left, perSecond)),
        !later.isBefore(since.plus(PATIENCE)));
  }

  private long full() {
    return burst * TOKEN;
  }

  private long filled(Instant later) {
    Duration passed = Duration.between(at, later);
    long missing = full() - billionths;
    return passed.compareTo(Duration.ofNanos(Math.ceilDiv(missing, perSecond))) >= 0
        ? full()
        : billionths + passed.toNanos() * perSecond;
  }
}
