package io.tycostream.domain.session;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What one client follows of one source: its cursor, and how far the client says it is. Owned by
 * its {@link Conversation}.
 */
public final class Subscription {

  /** Marks of what was sent and not acknowledged; lags are told to a 32nd of their length. */
  private static final int ACK_MARKS = 64;

  private final int number;
  private final Subscribe wanted;
  private Cursor cursor;
  private final Acks acks = new Acks(ACK_MARKS);
  private OptionalInt feedNumber = OptionalInt.empty();
  private boolean inRoom;

  /** Until when it has no turns; nothing when it may have one at any time. */
  private @Nullable Instant restsUntil;

  /**
   * @param inRoom whether it has a place in the waiting room
   */
  Subscription(int number, Subscribe wanted, Cursor cursor, boolean inRoom) {
    this.inRoom = inRoom;
    this.number = number;
    this.wanted = wanted;
    this.cursor = cursor;
  }

  /** Its number among the subscriptions of the connection, never used for another. */
  int number() {
    return number;
  }

  /** The client's own name for it. */
  public String ref() {
    return wanted.ref();
  }

  /** The name of the source. */
  public String source() {
    return wanted.source();
  }

  /** What the client asked for. */
  public Subscribe wanted() {
    return wanted;
  }

  public Cursor cursor() {
    return cursor;
  }

  /** It is one of something else from now on. */
  void begin(Cursor anew) {
    cursor = anew;
    acks.beginAnew();
  }

  /** The node's number of the feed that the client was told; nothing while it waits. */
  public OptionalInt feedNumber() {
    return feedNumber;
  }

  void follows(int feed) {
    feedNumber = OptionalInt.of(feed);
  }

  /** The client does not say what it has processed. */
  void expectNoAcks() {
    acks.expectNone();
  }

  /** How far the client is behind in saying what it has processed. */
  public Acks acks() {
    return acks;
  }

  /** Row changes that wait for the client. */
  public long buffered() {
    return cursor.behind();
  }

  /** Gives up its place in the waiting room; returns whether it had one. */
  boolean leavesRoom() {
    boolean had = inRoom;
    inRoom = false;
    return had;
  }

  void rest(Instant until) {
    restsUntil = until;
  }

  boolean rests(Instant now) {
    Instant until = restsUntil;
    if (until != null && !now.isBefore(until)) {
      restsUntil = null;
    }
    return restsUntil != null;
  }

  /** Whether nothing of its source is of interest before its own deadline. */
  boolean rests() {
    return restsUntil != null;
  }

  /** When it may have something to send although its source did not change. */
  Optional<Instant> deadline() {
    return Optional.ofNullable(restsUntil).or(cursor::deadline);
  }

  Delivery next(Instant now) {
    Delivery delivery = cursor.next(now);
    switch (delivery) {
      case Delivery.Began began -> began.position().ifPresent(at -> acks.sent(at, 0, now));
      case Delivery.Everything all -> acks.sent(all.position(), 0, now);
      case Delivery.Next next -> acks.sent(next.position(), next.batch().size(), now);
      case Delivery.Merged merged -> acks.sent(merged.position(), merged.changes().size(), now);
      case Delivery.Reached reached -> acks.sent(reached.position(), 0, now);
      case Delivery.Lost lost -> {
        if (lost.recovery() == Recovery.NONE) { // the client stands there now, and may say so
          acks.sent(lost.upTo(), 0, now);
        }
      }
      case Delivery.Nothing nothing -> {}
      case Delivery.Status status -> {}
      case Delivery.Refused refused -> {}
    }
    return delivery;
  }

  Acks.Outcome acked(String position) {
    return Position.parse(position).map(acks::acked).orElse(Acks.Outcome.UNKNOWN);
  }
}
