package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage.Start;
import java.util.Optional;
import java.util.OptionalLong;

/** What a {@link Cursor} has for its client next. */
public sealed interface Delivery {

  /** Nothing, until the source changes or the cursor's deadline comes. */
  record Nothing() implements Delivery {}

  /** The state of the source's connection. */
  record Status(SourceState state) implements Delivery {}

  /**
   * The subscription stands, or stands anew.
   *
   * @param position where it goes on; nothing when a snapshot tells
   * @param index the last entry that is included there; nothing when a snapshot tells
   */
  record Began(Generation generation, Start start, Optional<Position> position, OptionalLong index)
      implements Delivery {}

  /**
   * Single changes are not delivered.
   *
   * @param after what the client had; nothing when it had nothing
   * @param dropped row changes, -1 when nobody knows
   */
  record Lost(
      Optional<String> after, Position upTo, long dropped, GapReason reason, Recovery recovery)
      implements Delivery {}

  /** All rows; what follows is asked for once they are sent. */
  record Everything(SourceSnapshot snapshot) implements Delivery {}

  /** A batch. */
  record Next(LogEntry entry) implements Delivery {}

  /** Nothing else changed up to here. */
  record Reached(Position position) implements Delivery {}

  /** The end: the source did not become ready in time. */
  record Refused(ErrorCode code, String message) implements Delivery {}
}
