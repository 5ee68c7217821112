package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Does what it is told, and complains about everything that the protocol does not promise. */
final class NaiveClient {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Source source;
  private final ToldDatabase database;
  private final Followed followed;
  private final Wanted wanted;
  private final Buffer buffer;
  private final OnGap onGap;
  private final boolean wantsSnapshot;

  private Optional<Position> position = Optional.empty();
  private Map<String, Row> rows = new HashMap<>();

  private Cursor cursor;
  private Instant giveUpAt;
  private @Nullable Feed feed;
  private @Nullable Generation generation;
  private Delivery.@Nullable Lost lost;
  private @Nullable SourceState state;
  private long seq;

  /** The bytes of the merged batch that it is busy with. */
  private long mergedInHand;

  /** The entry up to which it was told everything, or told that it was not; -1: nobody knows. */
  private long index = -1;

  private Instant readAt = Instant.MIN;

  /** Whether our position was of a history that this gateway knew when it decided about us. */
  private boolean knownHere;

  /** Whether it had to wait when it last heard why; a refusal may be on its way since then. */
  private boolean waits;

  private boolean begun;
  private boolean caughtUp;
  private Instant reachedAt = Instant.MIN;
  private boolean refused;

  /** Comes from another gateway with what it has, or with nothing. */
  NaiveClient(
      Source source,
      ToldDatabase database,
      Followed followed,
      Wanted wanted,
      Buffer buffer,
      OnGap onGap,
      boolean wantsSnapshot,
      Optional<ToldDatabase.Moment> has,
      Instant now) {
    this.source = source;
    this.database = database;
    this.followed = followed;
    this.wanted = wanted;
    this.buffer = buffer;
    this.onGap = onGap;
    this.wantsSnapshot = wantsSnapshot;
    has.ifPresent(moment -> {
      String print = Definitions.print(wanted, moment.relation());
      position = Optional.of(moment.position().under(print));
      moment.rows().values().forEach(row -> wanted.of(row).ifPresent(this::put));
    });
    this.cursor = cursor(now);
    this.giveUpAt = now.plus(PATIENCE);
  }

  private Cursor cursor(Instant now) {
    Terms terms = new Terms(wanted.definition(), position, wantsSnapshot, onGap, buffer);
    return new Cursor(source, terms, now, PATIENCE, () -> {});
  }

  private boolean forEvents() {
    return onGap == OnGap.CONTINUE;
  }

  private void put(Row row) {
    rows.put(row.value(0), row);
  }

  /** Its connection breaks, and it comes back with what it has. */
  void reconnect(Instant now) {
    cursor.close();
    mergedInHand = 0;
    cursor = cursor(now);
    giveUpAt = now.plus(PATIENCE);
    feed = null;
    generation = null;
    lost = null;
    state = null;
    index = -1;
    begun = false;
    waits = false;
    caughtUp = false;
    refused = false;
  }

  /** Takes the next delivery; whether there was one. */
  boolean read(Instant now) {
    readAt = now;
    Delivery delivery = cursor.next(now);
    mergedInHand = 0;
    switch (delivery) {
      case Delivery.Nothing nothing -> {
        return false;
      }
      case Delivery.Status status -> {
        assertNotEquals(state, status.state());
        state = status.state();
        waits = hasReasonToWait();
      }
      case Delivery.Began began -> begin(began);
      case Delivery.Lost loss -> lose(loss);
      case Delivery.Everything all -> replace(all);
      case Delivery.Next next -> apply(next);
      case Delivery.Merged merged -> fold(merged);
      case Delivery.Reached reached -> {
        assertTrue(begun);
        goTo(reached.position());
        assertTrue(!caughtUp || !now.isBefore(reachedAt.plusSeconds(1)), "told too often");
        caughtUp = true;
        reachedAt = now;
      }
      case Delivery.Refused refusal -> refuse(refusal, now);
    }
    assertEquals(position.filter(at -> begun), cursor.position().filter(at -> begun));
    return true;
  }

  private void begin(Delivery.Began began) {
    boolean first = feed == null;
    assertNotEquals(feed, began.feed());
    feed = began.feed();
    generation = followed.generation(began.feed());
    assertEquals(wanted.definition(), began.feed().derivation().definition());
    if (first) {
      knownHere = position.filter(followed::knowsEpoch).isPresent();
    } else {
      assertEquals(forEvents() ? Start.LIVE : Start.SNAPSHOT, began.start());
      if (!forEvents()) {
        assertEquals(GapReason.SOURCE_RESET, announced().reason());
      }
      state = null; // it is told again behind every beginning
    }
    if (began.start() == Start.SNAPSHOT) {
      assertFalse(forEvents() && !wantsSnapshot);
      return;
    }
    caughtUp = false;
    seq = began.seq().orElseThrow();
    Position at = began.position().orElseThrow();
    if (began.start() == Start.REPLAY) {
      assertEquals(position, began.position());
    } else {
      assertTrue(forEvents(), "a state begins with rows or with what it has");
      // The loss that explains the leap, if it has something, comes right behind.
      position = first && position.isPresent() ? position : Optional.of(at);
    }
    begun = true;
    index = followed.index(generation, at).orElse(-1L);
    if (began.start() == Start.LIVE) {
      assertTrue(index >= 0, "live from somewhere else");
      position = Optional.of(at);
    }
  }

  private void lose(Delivery.Lost loss) {
    assertEquals(forEvents() ? Recovery.NONE : loss.recovery(), loss.recovery());
    assertEquals(!forEvents(), loss.recovery() != Recovery.NONE);
    if (!forEvents()) {
      assertEquals(position.map(Position::toString), loss.after());
      lost = loss;
      return;
    }
    assertTrue(followed.knows(loss.upTo()), "a loss up to nowhere");
    Optional<Long> upTo = followed.index(generation, loss.upTo());
    if (loss.reason() != GapReason.SOURCE_RESET && upTo.isPresent() && index >= 0) {
      countDropped(loss, upTo.get());
    }
    seq = -1; // the next one says
    index = upTo.orElse(-1L);
    goTo(loss.upTo());
  }

  /** What was dropped is what a subscriber would have seen. */
  private void countDropped(Delivery.Lost loss, long upTo) {
    if (loss.dropped() < 0) {
      assertNotEquals(GapReason.DROP_OLDEST, loss.reason(), "a count that is known");
      return;
    }
    followed
        .between(generation, index, upTo)
        .ifPresent(entries -> assertEquals(seen(entries), loss.dropped(), "a wrong count"));
  }

  private long seen(List<LogEntry> entries) {
    return entries.stream().mapToLong(e -> wanted.of(e.batch().changes()).size()).sum();
  }

  private void replace(Delivery.Everything all) {
    assertEquals(feed, all.feed());
    assertEquals(generation, all.snapshot().generation());
    long there = all.snapshot().index();
    if (position.isPresent() && !forEvents()) {
      Delivery.Lost loss = announced();
      assertEquals(all.position(), loss.upTo());
      if (index >= 0 && loss.reason() != GapReason.SOURCE_RESET) {
        assertTrue(there > index, "what the log still has is replayed");
        countDropped(loss, there);
      }
    }
    lost = null;
    begun = true;
    caughtUp = false;
    seq = all.seq();
    index = there;
    rows = new HashMap<>();
    List<Row> shown = Shown.rows(all);
    shown.forEach(this::put);
    assertEquals(rows.size(), shown.size());
    goTo(all.position());
  }

  private Delivery.Lost announced() {
    Delivery.Lost loss = lost;
    if (loss == null) {
      throw new AssertionError("a loss that nobody announced, after " + position);
    }
    return loss;
  }

  private void apply(Delivery.Next next) {
    assertTrue(begun && lost == null);
    if (seq >= 0) {
      assertEquals(seq + 1, next.batch().seq(), "a batch was passed over, or came twice");
    }
    seq = next.batch().seq();
    assertFalse(next.changes().isEmpty(), "a batch of nothing");
    long there = next.batch().entry().index();
    if (index >= 0) {
      followed
          .between(generation, index, there - 1)
          .ifPresent(entries -> assertEquals(0, seen(entries), "something was passed over"));
      assertEquals(wanted.of(next.batch().entry().batch().changes()), next.changes());
      checkBound(there);
      checkAge(next.batch().entry());
    }
    index = there;
    apply(next.changes());
    goTo(next.position());
  }

  /**
   * What waits behind a batch that is delivered by itself, without the newest, is bounded. Drop
   * newest and sample bound how much is lost at a time, and not what waits.
   */
  private void checkBound(long there) {
    long most =
        switch (buffer.policy()) {
          case DROP_OLDEST, BY_AGE, BY_PRIORITY -> buffer.maxSize();
          case CONFLATE -> 0;
          case DROP_NEWEST, SAMPLE -> Buffer.AUTO;
        };
    if (most != Buffer.AUTO) {
      followed
          .between(generation, there, generation.log().head())
          .ifPresent(entries -> {
            List<LogEntry> concerned =
                entries.stream().filter(e -> !wanted.of(e.batch().changes()).isEmpty()).toList();
            boolean conflated = buffer.policy() == DropPolicy.CONFLATE;
            int newest = conflated ? 0 : 1; // whoever merges all merges the newest as well
            List<LogEntry> waiting = concerned.subList(0, Math.max(0, concerned.size() - newest));
            assertTrue(seen(waiting) <= most, "more waits than may");
          });
    }
  }

  /** What is older than it may be is told to nobody who follows events. */
  private void checkAge(LogEntry told) {
    if (buffer.policy() == DropPolicy.BY_AGE && forEvents()) {
      Instant oldest = readAt.minus(buffer.maxAge());
      assertFalse(told.appendedAt().isBefore(oldest), "it is too old to be told");
    }
  }

  private void apply(List<Change> changes) {
    if (forEvents()) {
      return; // it keeps no rows
    }
    Set<String> named = new HashSet<>();
    for (Change change : changes) {
      Optional<Row> before =
          switch (change) {
            case Change.Insert insert -> Optional.empty();
            case Change.Update update -> Optional.of(update.before());
            case Change.Delete delete -> Optional.of(delete.before());
          };
      Optional<Row> after =
          switch (change) {
            case Change.Insert insert -> Optional.of(insert.row());
            case Change.Update update -> Optional.of(update.row());
            case Change.Delete delete -> Optional.empty();
          };
      String key = after.or(() -> before).orElseThrow().value(0);
      assertTrue(named.add(key), "a key stands twice");
      assertEquals(before, Optional.ofNullable(rows.remove(key)));
      after.ifPresent(this::put);
    }
  }

  private void fold(Delivery.Merged merged) {
    assertFalse(forEvents());
    assertTrue(begun);
    assertEquals(seq + merged.count(), merged.seq());
    assertTrue(merged.count() >= 1);
    long there = followed.index(generation, merged.position()).orElseThrow();
    if (buffer.policy() != DropPolicy.CONFLATE) {
      Delivery.Lost loss = announced();
      assertEquals(Recovery.FOLD, loss.recovery());
      assertEquals(merged.position(), loss.upTo());
      countDropped(loss, there);
    } else {
      assertEquals(null, lost);
    }
    lost = null;
    seq = merged.seq();
    index = there;
    mergedInHand = merged.changes().stream().mapToLong(Change::bytes).sum();
    apply(merged.changes());
    goTo(merged.position());
  }

  private void goTo(Position to) {
    position.ifPresent(from -> {
      assertFalse(from.isAheadOf(to), () -> "back from " + from + " to " + to);
      assertFalse(
          knownHere && from.epoch().compareTo(to.epoch()) > 0,
          () -> "back from " + from + " to " + to);
    });
    position = Optional.of(to);
    knownHere = true;
    ToldDatabase.Moment moment = database.moment(to);
    assertEquals(Definitions.print(wanted, moment.relation()), to.print());
    if (!forEvents()) {
      Set<Row> expected = new HashSet<>();
      moment.rows().values().forEach(row -> wanted.of(row).ifPresent(expected::add));
      assertEquals(expected, new HashSet<>(rows.values()), () -> "rows at " + to);
    }
  }

  private void refuse(Delivery.Refused refusal, Instant now) {
    assertFalse(begun);
    refused = true;
    assertTrue(waits || hasReasonToWait(), "refused for nothing: " + refusal);
    if (refusal.code() != ErrorCode.SOURCE_FAILED) {
      assertFalse(now.isBefore(giveUpAt));
    }
  }

  private boolean hasReasonToWait() {
    return source.generation().isEmpty() || isAhead();
  }

  private boolean isAhead() {
    Optional<Position> there = source.generation().map(g -> g.progress().position());
    return there.isPresent() && position.filter(at -> at.isAheadOf(there.get())).isPresent();
  }

  /** After everything was read: it is where the source is and knows it, or has a reason to wait. */
  void assertSettled(Instant now) {
    assertEquals(Optional.of(source.state()).filter(s -> begun), stateIfBegun());
    if (begun) {
      assertEquals(
          source.generation().map(g -> database.moment(g.progress().position())),
          position.map(database::moment));
      assertTrue(caughtUp, "nobody said that it has caught up");
      assertEquals(0, cursor.behind());
      assertEquals(Optional.empty(), cursor.deadline());
    } else if (!refused) {
      assertTrue(hasReasonToWait(), "waits for nothing");
      assertTrue(now.isBefore(giveUpAt));
      assertEquals(Optional.of(giveUpAt), cursor.deadline());
    }
  }

  long mergedInHand() {
    return mergedInHand;
  }

  /** Leaves for good. */
  void leave() {
    cursor.close();
  }

  private Optional<SourceState> stateIfBegun() {
    return begun ? Optional.ofNullable(state) : Optional.empty();
  }
}
