package io.tycostream.domain.source;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedBatch;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage.Start;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a {@link Cursor} has for its client next. Positions are the feed's. */
public sealed interface Delivery {

  /** Nothing, until the source changes or the cursor's deadline comes. */
  record Nothing() implements Delivery {}

  /** The state of the source's connection. */
  record Status(SourceState state) implements Delivery {}

  /**
   * The subscription stands, or stands anew.
   *
   * @param position where it goes on; nothing when a snapshot tells
   * @param seq of the last batch that is included there; nothing when a snapshot tells
   */
  record Began(Feed feed, Start start, Optional<Position> position, OptionalLong seq)
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

  /**
   * All rows; what follows is asked for once they are sent. Those that the feed shows are derived
   * from the snapshot's while they are sent: all at once they are nowhere.
   *
   * @param seq of the last batch that is included
   */
  record Everything(Feed feed, SourceSnapshot snapshot, long seq) implements Delivery {

    public Position position() {
      return feed.shown(snapshot.position());
    }
  }

  /** A batch. */
  record Next(Feed feed, FeedBatch batch) implements Delivery {

    public Position position() {
      return feed.shown(batch.entry().batch().position());
    }

    /** At least one. */
    public List<Change> changes() {
      return feed.changes(batch.entry());
    }
  }

  /**
   * Several batches folded into one; each key at most once, of a keyless source the exact net.
   *
   * @param seq of the last of them
   * @param count how many of them
   * @param changes may be none, when they came to nothing
   * @param resync whether a difference is among them
   */
  record Merged(
      Feed feed, long seq, long count, Position position, List<Change> changes, boolean resync)
      implements Delivery {

    public Merged {
      changes = List.copyOf(changes);
    }
  }

  /** Nothing else changed up to here. */
  record Reached(Feed feed, Position position) implements Delivery {}

  /** The end: the source did not become ready in time, or does not go with what was asked for. */
  record Refused(ErrorCode code, String message) implements Delivery {}
}
