package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.GapReason;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A source at 104 whose log reaches back to 102. */
final class JoinTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Derivation WHOLE = Derivation.of(Definition.WHOLE, RELATION);
  private static final Position START = new Position("e", 100, RELATION.print());

  private final Generation generation =
      new Generation(
          RELATION,
          START,
          new SourceLimits(new HistoryLimits(2, Duration.ofDays(1), 1L << 40), 99, 1L << 40),
          NOW);
  private final Feed feed = generation.follow(WHOLE);

  JoinTest() {
    for (long time = 101; time <= 104; time++) {
      append(START.at(time - 1), START.at(time), false);
    }
  }

  @Test
  void whoHasNothingBeginsWithTheRowsUnlessOnlyChangesAreWanted() {
    Join rows = new Join.Snapshot(Optional.empty());
    assertEquals(rows, join(Optional.empty(), true, OnGap.SNAPSHOT));
    assertEquals(rows, join(Optional.empty(), false, OnGap.SNAPSHOT));
    assertEquals(rows, join(Optional.empty(), true, OnGap.CONTINUE));
    Join changes = new Join.Live(false, Optional.empty());
    assertEquals(changes, join(Optional.empty(), false, OnGap.CONTINUE));
  }

  @Test
  void whoIsWithinTheLogGoesOnBehindWhatItHas() {
    assertEquals(new Join.Replay(START.at(102), 2), state(START.at(102)));
    assertEquals(new Join.Replay(START.at(103), 3), events(START.at(103)));
    assertEquals(new Join.Replay(START.at(104), 4), state(START.at(104)));
  }

  @Test
  void whoIsFurtherWaits() {
    assertEquals(new Join.Await(), state(START.at(105)));
    assertEquals(new Join.Await(), events(START.at(105)));
  }

  @Test
  void whoComesTooLateIsToldWhy() {
    lost(START.at(101), GapReason.HISTORY_EXPIRED, true);
    lost(START.at(103).under("ffff"), GapReason.DEFINITION_CHANGED, false);
    lost(new Position("x", 103, RELATION.print()), GapReason.POSITION_UNKNOWN, false);
  }

  /** The oldest batch would lead back to before where the subscriber is. */
  @Test
  void nobodyIsLedBackIntoAnEarlierHistory() {
    Position fork = new Position("f", 10, RELATION.print());
    append(START.at(104), fork, true);
    append(fork, fork.at(11), false);
    append(fork.at(11), fork.at(12), false);
    append(fork.at(12), fork.at(13), false);
    lost(START.at(101), GapReason.HISTORY_EXPIRED, false);
    lost(fork.at(10), GapReason.HISTORY_EXPIRED, true);
  }

  private void lost(Position after, GapReason reason, boolean fromOldest) {
    assertEquals(new Join.Snapshot(Optional.of(reason)), state(after));
    assertEquals(new Join.Live(fromOldest, Optional.of(reason)), events(after));
  }

  private Join state(Position after) {
    return join(Optional.of(after), true, OnGap.SNAPSHOT);
  }

  private Join events(Position after) {
    return join(Optional.of(after), true, OnGap.CONTINUE);
  }

  private Join join(Optional<Position> after, boolean snapshot, OnGap onGap) {
    Terms terms = new Terms(Definition.WHOLE, after, snapshot, onGap, Buffer.DEFAULT);
    return Join.of(terms, generation, feed);
  }

  private void append(Position after, Position position, boolean resync) {
    List<Change> changes = List.of(new Change.Insert(Row.of("1")));
    generation.log().append(new Batch(after, position, changes, resync), NOW);
    generation.advance(position, NOW);
  }
}
