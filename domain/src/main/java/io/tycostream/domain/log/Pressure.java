package io.tycostream.domain.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a client has fallen behind, and for how long its socket has taken too little for it.
 *
 * <p>The level rises as soon as a threshold is reached, and falls only when less than {@value
 * #FALLS_AT} of that threshold waits: a buffer that is filled and emptied around a threshold is
 * told once and not over and over.
 *
 * <p>The time in which the socket takes too little begins when the buffer first stands at {@link
 * Buffer#disconnectAt} and goes on until the socket takes enough again. It goes on too while a drop
 * policy has emptied the buffer, because that is not the client's doing; but the connection ends
 * only at a moment when the buffer stands at the threshold.
 *
 * @param level as the client was told
 * @param since when it has this level
 * @param slowSince since when the socket takes too little for a full buffer
 */
public record Pressure(Level level, Instant since, Optional<Instant> slowSince) {

  private static final double FALLS_AT = 0.9;

  /** How far behind. */
  public enum Level {
    /** Nothing to worry about. */
    NORMAL,
    /** {@link Buffer#warnAt} is reached. */
    WARN,
    /** {@link Buffer#disconnectAt} is reached. */
    CRITICAL;

    /** As it stands on the wire: {@code warn}. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was measured.
   *
   * @param buffered changes that wait
   * @param capacity changes that may; {@link Buffer#AUTO} resolved to what the log holds
   * @param socketTakesTooLittle whether it is the socket that holds them up; never so for a client
   *     that asked for a slower rate itself
   */
  public record Fill(long buffered, long capacity, boolean socketTakesTooLittle) {

    /**
     * @throws IllegalArgumentException when the capacity is less than 1 or what waits is negative
     */
    public Fill {
      if (capacity < 1 || buffered < 0) {
        throw new IllegalArgumentException(buffered + " changes wait in a buffer of " + capacity);
      }
    }
  }

  /**
   * What follows.
   *
   * @param tell the level to tell the client, when it has changed
   * @param disconnect whether the client is to be disconnected as a slow consumer
   */
  public record Judged(Pressure next, Optional<Level> tell, boolean disconnect) {}

  /** Of a connection that has nothing waiting. */
  public static Pressure none(Instant now) {
    return new Pressure(Level.NORMAL, now, Optional.empty());
  }

  /**
   * Judges a measurement.
   *
   * @param sustainedFor how long a socket may take too little
   */
  public Judged measured(Fill fill, Buffer buffer, Duration sustainedFor, Instant now) {
    double share = (double) fill.buffered() / fill.capacity();
    Level next = level(share, buffer);
    boolean full = share >= buffer.disconnectAt();
    Optional<Instant> slow = slowSince;
    if (!fill.socketTakesTooLittle()) {
      slow = Optional.empty();
    } else if (slow.isEmpty() && full) {
      slow = Optional.of(now);
    }
    boolean tooLong = slow.filter(from -> !now.isBefore(from.plus(sustainedFor))).isPresent();
    Instant from = next == level ? since : now;
    return new Judged(
        new Pressure(next, from, slow),
        next == level ? Optional.empty() : Optional.of(next),
        full && tooLong);
  }

  /**
   * When to measure again, although nothing changes: a full buffer is then full for too long.
   * Nothing once that moment has passed, as then the next measurement decides.
   */
  public Optional<Instant> deadline(Duration sustainedFor, Instant now) {
    return slowSince.map(from -> from.plus(sustainedFor)).filter(now::isBefore);
  }

  private Level level(double share, Buffer buffer) {
    double critical = level == Level.CRITICAL ? FALLS_AT : 1;
    double warn = level == Level.NORMAL ? 1 : FALLS_AT;
    if (share >= buffer.disconnectAt() * critical) {
      return Level.CRITICAL;
    }
    return share >= buffer.warnAt() * warn ? Level.WARN : Level.NORMAL;
  }
}
