package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage.Start;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one client is to be told next, in order, and up to where it has been told. Owned by its
 * cursor.
 */
final class Script {

  private final Optional<Position> after;
  private final ArrayDeque<Delivery> planned = new ArrayDeque<>();
  private @Nullable Position told;
  private @Nullable Position toldBefore;
  private @Nullable SourceState toldState;

  /**
   * @param after what the client came with
   */
  Script(Optional<Position> after) {
    this.after = after;
  }

  boolean isEmpty() {
    return planned.isEmpty();
  }

  /** The position told last; nothing before the first. */
  Optional<Position> told() {
    return Optional.ofNullable(told);
  }

  /** What the client has: what it was told, or what it came with. */
  Optional<String> had() {
    return told().or(() -> after).map(Position::toString);
  }

  /**
   * Where the client stands when it is told nothing more of what is planned: a loss that it has not
   * heard of is still before it.
   *
   * @param whole whether all of what was told last has been sent; else it stands before that
   */
  Optional<Position> stands(boolean whole) {
    for (Delivery each : planned) {
      if (each instanceof Delivery.Lost lost) {
        return lost.after().flatMap(Position::parse);
      }
    }
    return Optional.ofNullable(whole ? told : toldBefore).or(() -> after);
  }

  /** Tells what comes first. */
  Delivery tell() {
    Delivery next = planned.poll();
    switch (next) {
      case null -> {
        return new Delivery.Nothing();
      }
      case Delivery.Began began -> began.position().ifPresent(this::told);
      case Delivery.Everything all -> told(all.position());
      case Delivery.Next batch -> told(batch.position());
      case Delivery.Merged merged -> told(merged.position());
      case Delivery.Reached reached -> told(reached.position());
      case Delivery.Lost lost -> {
        if (lost.recovery() == Recovery.NONE) {
          told(lost.upTo());
        }
      }
      case Delivery.Refused refused -> {}
      case Delivery.Nothing nothing -> {}
      case Delivery.Status status -> {}
    }
    return next;
  }

  private void told(Position position) {
    toldBefore = told;
    told = position;
  }

  void add(Delivery delivery) {
    planned.add(delivery);
  }

  /** The source is in this state, if that is new to the client. */
  @SuppressWarnings("ReferenceEquality") // mostly it is the very same, and this is asked a lot
  void status(SourceState state) {
    if (state != toldState && !state.equals(toldState)) {
      toldState = state;
      planned.add(new Delivery.Status(state));
    }
  }

  /** What comes next is told behind a new beginning, and the state of the source again. */
  void beginAnew() {
    toldState = null;
  }

  void refuse(ErrorCode code, String message) {
    planned.add(new Delivery.Refused(code, message));
  }

  void began(Feed feed, Start start, Place place) {
    planned.add(
        new Delivery.Began(
            feed,
            start,
            Optional.of(feed.shown(place.position())),
            OptionalLong.of(place.next() - 1)));
  }

  void beganWithRows(Feed feed) {
    planned.add(new Delivery.Began(feed, Start.SNAPSHOT, Optional.empty(), OptionalLong.empty()));
  }

  void everything(Feed feed, Opening opening) {
    planned.add(new Delivery.Everything(feed, opening.snapshot(), opening.place().next() - 1));
  }

  /**
   * Single changes are not told.
   *
   * @param dropped row changes, -1 when nobody knows
   */
  void lost(Feed feed, Position upTo, long dropped, GapReason reason, Recovery recovery) {
    planned.add(new Delivery.Lost(had(), feed.shown(upTo), dropped, reason, recovery));
  }
}
