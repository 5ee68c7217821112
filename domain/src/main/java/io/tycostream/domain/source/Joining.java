package io.tycostream.domain.source;

import static io.tycostream.domain.protocol.Recovery.NONE;
import static io.tycostream.domain.protocol.Recovery.SNAPSHOT;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.SourceCondition;
import java.time.Instant;
import java.util.Optional;

/**
 * Where a subscription begins, and begins anew when the source has another shape; what it waits for
 * until then, and how long. Owned by its cursor.
 */
final class Joining {

  private final Source source;
  private final Terms terms;
  private final boolean anew;
  private final Instant giveUpAt;
  private final Window window;
  private final Hold hold;
  private final Script script;

  /**
   * @param anew whether the client has been told of a beginning already, which it was not to see
   *     the end of
   */
  Joining(
      Source source,
      Terms terms,
      boolean anew,
      Instant giveUpAt,
      Window window,
      Hold hold,
      Script script) {
    this.source = source;
    this.terms = terms;
    this.anew = anew;
    this.giveUpAt = giveUpAt;
    this.window = window;
    this.hold = hold;
    this.script = script;
  }

  Instant giveUpAt() {
    return giveUpAt;
  }

  /** How it goes on from the beginning; nothing while it waits, or when it is refused. */
  Optional<Following> join(Instant now) {
    SourceState state = source.state();
    Optional<Generation> present = source.generation();
    if (present.isEmpty()) {
      script.status(state);
      if (state.condition() == SourceCondition.FAILED) {
        script.refuse(ErrorCode.SOURCE_FAILED, state.reason().orElse("the source has failed"));
      } else if (!now.isBefore(giveUpAt)) {
        script.refuse(ErrorCode.SOURCE_NOT_READY, "source " + source.name() + " has no rows yet");
      }
      return Optional.empty();
    }
    return follow(present.get()).flatMap(feed -> join(present.get(), feed, state, now));
  }

  private Optional<Following> join(Generation present, Feed feed, SourceState state, Instant now) {
    return switch (Join.of(terms, present, feed)) {
      case Join.Await await -> {
        script.status(SourceState.of(SourceCondition.CATCHING_UP, state.since()));
        if (!now.isBefore(giveUpAt)) {
          script.refuse(
              ErrorCode.POSITION_AHEAD,
              "this gateway is at "
                  + feed.shown(present.progress().position())
                  + ", which is before the position given");
        }
        yield Optional.empty();
      }
      case Join.Replay(Position at, long index) -> {
        Optional<Place> place = source.behind(present, feed, index, at);
        yield place.isPresent()
            ? begin(present, feed, Start.REPLAY, place.get())
            : join(now); // it left meanwhile: the log says so now
      }
      case Join.Snapshot(Optional<GapReason> lost) -> {
        Optional<Position> had = terms.after().map(feed::meant);
        Optional<Opening> opening = source.snapshot(present, feed, had, now);
        if (opening.isEmpty()) {
          awaitTurn(state, now);
          yield Optional.empty();
        }
        if (!anew) {
          script.beganWithRows(feed);
        }
        lost.ifPresent(reason -> lost(feed, opening.get(), reason));
        if (anew) { // what is staged of the old feed was to be thrown away first
          script.beganWithRows(feed);
        }
        yield beginWithRows(present, feed, opening.get());
      }
      case Join.Live(boolean fromOldest, Optional<GapReason> lost) -> {
        Place place = fromOldest ? source.oldest(present, feed) : source.newest(present, feed);
        if (!anew) {
          script.began(feed, Start.LIVE, place);
        }
        lost.ifPresent(reason -> script.lost(feed, place.position(), -1, reason, NONE));
        if (anew) {
          script.began(feed, Start.LIVE, place);
        }
        yield Optional.of(following(present, feed, place));
      }
    };
  }

  /** Others are being given all rows. */
  private void awaitTurn(SourceState state, Instant now) {
    script.status(state);
    if (!now.isBefore(giveUpAt)) {
      script.refuse(ErrorCode.SOURCE_NOT_READY, "too many are being given all rows at this moment");
    }
  }

  /**
   * The source has another shape: how it goes on with that.
   *
   * @return nothing while it waits, or when it is refused
   */
  Optional<Following> restart(Generation fresh, Instant now) {
    script.beginAnew();
    Optional<Feed> followed = follow(fresh);
    if (followed.isEmpty()) {
      return Optional.empty();
    }
    Feed feed = followed.get();
    if (terms.forEvents()) {
      Place place = source.newest(fresh, feed);
      script.lost(feed, place.position(), -1, GapReason.SOURCE_RESET, NONE);
      return begin(fresh, feed, Start.LIVE, place);
    }
    Optional<Opening> opening = source.snapshot(fresh, feed, Optional.empty(), now);
    if (opening.isEmpty()) {
      return Optional.empty();
    }
    lost(feed, opening.get(), GapReason.SOURCE_RESET);
    script.beganWithRows(feed);
    return beginWithRows(fresh, feed, opening.get());
  }

  /** The feed of this generation; nothing when it does not go with what was asked for. */
  private Optional<Feed> follow(Generation present) {
    try {
      return Optional.of(hold.follow(present, terms.definition()));
    } catch (BadFilterException e) {
      script.refuse(
          switch (e.fault()) {
            case UNKNOWN_COLUMN -> ErrorCode.UNKNOWN_COLUMN;
            case BAD_FILTER -> ErrorCode.BAD_FILTER;
          },
          e.reason());
      return Optional.empty();
    }
  }

  private void lost(Feed feed, Opening opening, GapReason reason) {
    script.lost(feed, opening.place().position(), -1, reason, SNAPSHOT);
  }

  private Optional<Following> begin(Generation present, Feed feed, Start start, Place place) {
    script.began(feed, start, place);
    return Optional.of(following(present, feed, place));
  }

  private Optional<Following> beginWithRows(Generation present, Feed feed, Opening opening) {
    Following following = following(present, feed, opening.place());
    following.beginWith(opening);
    return Optional.of(following);
  }

  private Following following(Generation present, Feed feed, Place place) {
    return new Following(source, terms, present, feed, place, window, hold, script);
  }
}
