package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.Lookup;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage.Start;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Does what it is told, and complains about everything that the protocol does not promise. */
final class NaiveClient {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Source source;
  private final ToldDatabase database;

  /** How many changes a log has told up to an entry, by log and entry. */
  private final Map<Generation, Map<Long, Long>> totals;

  private final Set<String> epochsSeenHere;
  private Optional<Position> position;
  private Map<String, Row> rows = new HashMap<>();

  private Cursor cursor;
  private Instant giveUpAt;
  private @Nullable Generation generation;
  private Delivery.@Nullable Lost lost;
  private @Nullable SourceState state;
  private long index;

  /** Whether our position was of a history that this gateway knew when it decided about us. */
  private boolean knownHere;

  /** Whether it had to wait when it last heard why; a refusal may be on its way since then. */
  private boolean waits;

  private boolean begun;
  private boolean caughtUp;
  private boolean refused;

  /** Comes from another gateway with what it has, or with nothing. */
  NaiveClient(
      Source source,
      ToldDatabase database,
      Map<Generation, Map<Long, Long>> totals,
      Set<String> epochsSeenHere,
      Optional<ToldDatabase.Moment> has,
      Instant now) {
    this.source = source;
    this.database = database;
    this.totals = totals;
    this.epochsSeenHere = epochsSeenHere;
    this.position = has.map(ToldDatabase.Moment::position);
    has.ifPresent(moment -> moment.rows().values().forEach(row -> rows.put(row.value(0), row)));
    this.cursor = new Cursor(source, position, now, PATIENCE);
    this.giveUpAt = now.plus(PATIENCE);
  }

  /** Its connection breaks, and it comes back with what it has. */
  void reconnect(Instant now) {
    cursor = new Cursor(source, position, now, PATIENCE);
    giveUpAt = now.plus(PATIENCE);
    generation = null;
    lost = null;
    state = null;
    begun = false;
    waits = false;
    caughtUp = false;
    refused = false;
  }

  /** Takes the next delivery; whether there was one. */
  boolean read(Instant now) {
    Optional<Lookup> lookup = lookup();
    Delivery delivery = cursor.next(now);
    switch (delivery) {
      case Delivery.Nothing nothing -> {
        return false;
      }
      case Delivery.Status status -> {
        assertNotEquals(state, status.state());
        state = status.state();
        waits = hasReasonToWait();
      }
      case Delivery.Began began -> begin(began, lookup);
      case Delivery.Lost loss -> lose(loss);
      case Delivery.Everything all -> replace(all.snapshot());
      case Delivery.Next next -> apply(next.entry().index(), next.entry().batch());
      case Delivery.Reached reached -> {
        assertTrue(begun);
        goTo(reached.position());
        caughtUp = true;
      }
      case Delivery.Refused refusal -> refuse(refusal, now);
    }
    assertEquals(position.filter(at -> begun), cursor.position().filter(at -> begun));
    return true;
  }

  /** What the log says about our position, as long as nothing has begun. */
  private Optional<Lookup> lookup() {
    return source
        .generation()
        .filter(present -> generation == null)
        .flatMap(
            present -> position.map(at -> present.log().find(at, present.progress().position())));
  }

  private void begin(Delivery.Began began, Optional<Lookup> lookup) {
    boolean first = generation == null;
    assertNotEquals(generation, began.generation());
    generation = began.generation();
    if (first) {
      knownHere = position.filter(at -> epochsSeenHere.contains(at.epoch())).isPresent();
      boolean replay = lookup.filter(found -> found instanceof Lookup.Replay).isPresent();
      assertEquals(replay ? Start.REPLAY : Start.SNAPSHOT, began.start());
    } else {
      assertEquals(Start.SNAPSHOT, began.start(), "only a new client is replayed to");
      assertEquals(GapReason.SOURCE_RESET, announced().reason());
      state = null; // it is told again behind every beginning
    }
    if (began.start() == Start.REPLAY) {
      assertEquals(position, began.position());
      index = began.index().orElseThrow();
      begun = true;
    }
  }

  private void lose(Delivery.Lost loss) {
    assertEquals(position.map(Position::toString), loss.after());
    assertEquals(Recovery.SNAPSHOT, loss.recovery());
    lost = loss;
  }

  private void replace(SourceSnapshot snapshot) {
    assertEquals(generation, snapshot.generation());
    if (position.isPresent()) {
      Delivery.Lost loss = announced();
      assertEquals(snapshot.position(), loss.upTo());
      if (loss.reason() == GapReason.DROP_OLDEST) {
        assertTrue(snapshot.index() > index, "what the log still has is replayed");
      }
      if (loss.dropped() >= 0) {
        assertEquals(total(snapshot.index()) - total(index), loss.dropped(), "a wrong count");
      } else {
        assertNotEquals(GapReason.DROP_OLDEST, loss.reason(), "a count that is known");
      }
    }
    lost = null;
    begun = true;
    caughtUp = false;
    index = snapshot.index();
    rows = new HashMap<>();
    snapshot.rows().forEach(row -> rows.put(row.value(0), row));
    assertEquals(rows.size(), snapshot.rows().size());
    goTo(snapshot.position());
  }

  private Delivery.Lost announced() {
    Delivery.Lost loss = lost;
    if (loss == null) {
      throw new AssertionError("a loss that nobody announced, after " + position);
    }
    return loss;
  }

  private long total(long entry) {
    return totals.get(generation).get(entry);
  }

  private void apply(long entry, Batch batch) {
    assertTrue(begun && lost == null);
    assertEquals(index + 1, entry, "an entry was passed over, or came twice");
    index = entry;
    Relation shape = source.generation().orElseThrow().shape();
    assertEquals(1, shape.key().size());
    Set<String> named = new HashSet<>();
    for (Change change : batch.changes()) {
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
      after.ifPresent(row -> rows.put(key, row));
    }
    goTo(batch.position());
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
    assertEquals(database.rowsAt(to), new HashSet<>(rows.values()), () -> "rows at " + to);
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
      assertEquals(source.generation().map(g -> g.progress().position()), position);
      assertTrue(caughtUp, "nobody said that it has caught up");
      assertEquals(0, cursor.behind());
      assertEquals(Optional.empty(), cursor.deadline());
    } else if (!refused) {
      assertTrue(hasReasonToWait(), "waits for nothing");
      assertTrue(now.isBefore(giveUpAt));
      assertEquals(Optional.of(giveUpAt), cursor.deadline());
    }
  }

  private Optional<SourceState> stateIfBegun() {
    return begun ? Optional.ofNullable(state) : Optional.empty();
  }
}
