package io.tycostream.domain.session;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.Pressure;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.session.Conversation.Round;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whose turn it is among the subscriptions of a connection, how far behind the connection is, and
 * who gives way when more waits than it may have waiting.
 *
 * <p>Owned by the connection's courier.
 */
final class Turns {

  private final Subscriptions subscriptions;
  private final Duration sustainedFor;
  private final Shares shares = new Shares();
  private Pressure pressure;
  private int fullest;

  /**
   * @param sustainedFor how long the socket may take too little for a full buffer
   */
  Turns(Subscriptions subscriptions, Duration sustainedFor, Instant now) {
    this.subscriptions = subscriptions;
    this.sustainedFor = sustainedFor;
    this.pressure = Pressure.none(now);
  }

  /** How far behind the client was told to be. */
  Pressure.Level level() {
    return pressure.level();
  }

  /** As {@link Conversation#begin}. */
  Round begin(Buffer buffer, boolean socketTakesTooLittle, Instant now) {
    for (Subscription each : subscriptions.all()) {
      if (!each.rests(now)) {
        shares.ready(each.number(), each.wanted().priority());
      }
    }
    Round round = measure(buffer, socketTakesTooLittle, now);
    relieve(buffer);
    return round;
  }

  /** Whose turn it is; nothing when nobody has anything in this round. */
  Optional<Subscription> next() {
    return subscriptions.ofNumber(shares.next());
  }

  /** It has nothing in this round. */
  void idle(Subscription subscription) {
    shares.idle(subscription.number());
  }

  /** It sent so much in its turn. */
  void spent(Subscription subscription, long bytes) {
    shares.spent(subscription.number(), bytes);
  }

  /** It is over. */
  void ended(Subscription subscription) {
    shares.ended(subscription.number());
  }

  private Round measure(Buffer buffer, boolean socketTakesTooLittle, Instant now) {
    long buffered = subscriptions.buffered();
    long capacity = capacity(buffer);
    Pressure.Judged judged =
        pressure.measured(
            new Pressure.Fill(buffered, capacity, socketTakesTooLittle), buffer, sustainedFor, now);
    pressure = judged.next();
    if (judged.tell().isEmpty()) {
      return new Round(Optional.empty(), judged.disconnect());
    }
    if (buffered > 0) { // else the one that was the fullest is empty now
      fullest = fullest();
    }
    return new Round(
        Optional.of(
            new ServerMessage.Pressure(buffered, capacity, judged.tell().get().wire(), fullest)),
        judged.disconnect());
  }

  /** The feed for which the most waits, of several the one with the lowest number. */
  private int fullest() {
    return subscriptions.all().stream()
        .filter(each -> each.feedNumber().isPresent())
        .max(
            Comparator.comparingLong(Subscription::buffered)
                .thenComparing(each -> each.feedNumber().getAsInt(), Comparator.reverseOrder()))
        .map(each -> each.feedNumber().getAsInt())
        .orElse(fullest);
  }

  /** How many row changes may wait; without a bound of its own, what the histories keep. */
  long capacity(Buffer buffer) {
    if (buffer.maxSize() != Buffer.AUTO) {
      return buffer.maxSize();
    }
    long sum = 0;
    for (Subscription each : subscriptions.all()) {
      long kept = each.cursor().source().limits().history().maxEvents();
      sum = kept > Long.MAX_VALUE - sum ? Long.MAX_VALUE : sum + kept;
    }
    return Math.max(1, sum);
  }

  /** Over the connection's buffer, some have to be content with less until half of it is free. */
  private void relieve(Buffer buffer) {
    subscriptions.all().forEach(each -> each.cursor().allow(Long.MAX_VALUE));
    long sum = subscriptions.buffered();
    if (sum <= buffer.maxSize()) {
      return;
    }
    long excess = sum - buffer.maxSize() / 2;
    List<Shares.Load> loads = new ArrayList<>();
    subscriptions
        .all()
        .forEach(each ->
            loads.add(new Shares.Load(each.number(), each.wanted().priority(), each.buffered())));
    while (excess > 0) {
      OptionalInt giving = Shares.givesWay(loads, buffer.policy());
      Subscription least = subscriptions.ofNumber(giving).orElse(null);
      if (least == null) {
        return;
      }
      long cut = Math.min(least.buffered(), excess);
      least.cursor().allow(least.buffered() - cut);
      excess -= cut;
      loads.removeIf(load -> load.subscription() == least.number());
    }
  }
}
