package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.log.Lookup;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.SourceCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One subscription's way through a source.
 *
 * <p>It decides how a client joins: by replay when the log reaches back to its position, else with
 * a snapshot and a word about what was lost; and it waits where neither would be right, because the
 * source has no rows yet or the client comes from a gateway that is further. Later it hands out
 * every batch in order, and when the log has let go of one that was not read in time it says so and
 * goes on with a snapshot. Every position that it hands out lies behind those before it.
 *
 * <p>Owned by the courier of its client.
 */
public final class Cursor {

  private static final Delivery NOTHING = new Delivery.Nothing();

  private final Source source;
  private final Optional<Position> resumeAfter;
  private final Instant giveUpAt;
  private final Queue<Delivery> planned = new ArrayDeque<>();

  private @Nullable Generation generation;
  private long next;
  private long readChanges;
  private @Nullable Position lastSent;
  private @Nullable SourceState lastState;
  private boolean catchingUp;
  private boolean ended;

  /**
   * @param after what the client has
   * @param patience how long it waits for a source that is not ready
   */
  public Cursor(Source source, Optional<Position> after, Instant now, Duration patience) {
    this.source = source;
    this.resumeAfter = after;
    this.giveUpAt = now.plus(patience);
  }

  public Source source() {
    return source;
  }

  /** What the client follows; nothing while it waits. */
  public Optional<Generation> generation() {
    return Optional.ofNullable(generation);
  }

  /** The last position handed out; nothing before the first. */
  public Optional<Position> position() {
    return Optional.ofNullable(lastSent);
  }

  /** When {@link #next} has something to say even if the source does not change. */
  public Optional<Instant> deadline() {
    return generation == null && !ended ? Optional.of(giveUpAt) : Optional.empty();
  }

  /** Row changes that are there for the client and were not handed out yet. */
  public long behind() {
    Generation current = generation;
    if (current == null) {
      return 0;
    }
    return Math.max(0, current.log().changesUpTo(current.log().head()) - readChanges);
  }

  /** What comes next for the client. */
  public Delivery next(Instant now) {
    if (ended) {
      return NOTHING;
    }
    if (planned.isEmpty()) {
      plan(now);
    }
    Delivery delivery = planned.poll();
    return delivery == null ? NOTHING : handOut(delivery);
  }

  private Delivery handOut(Delivery delivery) {
    switch (delivery) {
      case Delivery.Began began -> began.position().ifPresent(at -> lastSent = at);
      case Delivery.Everything all -> lastSent = all.snapshot().position();
      case Delivery.Next(LogEntry entry) -> lastSent = entry.batch().position();
      case Delivery.Reached(Position position) -> lastSent = position;
      case Delivery.Refused refused -> ended = true;
      case Delivery.Nothing nothing -> {}
      case Delivery.Status status -> {}
      case Delivery.Lost lost -> {}
    }
    return delivery;
  }

  private void plan(Instant now) {
    Generation current = generation;
    if (current == null) {
      join(now);
      return;
    }
    planStatus(source.state());
    if (source.generation().filter(present -> present != current).isPresent()) {
      restart(now);
    } else if (planned.isEmpty()) {
      planBatch(current, now);
    }
  }

  private void planStatus(SourceState state) {
    if (!state.equals(lastState)) {
      lastState = state;
      planned.add(new Delivery.Status(state));
    }
  }

  private void planBatch(Generation current, Instant now) {
    // Progress before the entry: one that is appended between the two is then not passed over.
    Generation.Progress progress = current.progress();
    ChangeLog log = current.log();
    Optional<LogEntry> entry = log.entry(next);
    if (entry.isPresent()) {
      next++;
      readChanges = entry.get().totalChanges();
      planned.add(new Delivery.Next(entry.get()));
    } else if (next <= log.floor()) { // not: the head, which may have come to it since we looked
      planSnapshot(current, GapReason.DROP_OLDEST, text(lastSent), Optional.empty(), now);
    } else if (progress.index() == next - 1
        && (catchingUp || !progress.position().equals(lastSent))) {
      catchingUp = false;
      planned.add(new Delivery.Reached(progress.position()));
    }
  }

  private void join(Instant now) {
    Optional<Generation> present = source.generation();
    SourceState state = source.state();
    if (present.isEmpty()) {
      planStatus(state);
      if (state.condition() == SourceCondition.FAILED) {
        refuse(ErrorCode.SOURCE_FAILED, state.reason().orElse("the source has failed"));
      } else if (!now.isBefore(giveUpAt)) {
        refuse(ErrorCode.SOURCE_NOT_READY, "source " + source.name() + " has no rows yet");
      }
      return;
    }
    Generation current = present.get();
    if (resumeAfter.isEmpty()) {
      start(current, Optional.empty(), now);
      return;
    }
    Generation.Progress progress = current.progress();
    switch (current.log().find(resumeAfter.get(), progress.position())) {
      case Lookup.Replay(long from) -> replay(current, from);
      case Lookup.Ahead ahead -> {
        planStatus(SourceState.of(SourceCondition.CATCHING_UP, state.since()));
        if (!now.isBefore(giveUpAt)) {
          refuse(
              ErrorCode.POSITION_AHEAD,
              "this gateway is at " + progress.position() + ", which is before the position given");
        }
      }
      case Lookup.Expired expired -> start(current, Optional.of(GapReason.HISTORY_EXPIRED), now);
      case Lookup.OtherDefinition other ->
          start(current, Optional.of(GapReason.DEFINITION_CHANGED), now);
      case Lookup.Unknown unknown -> start(current, Optional.of(GapReason.POSITION_UNKNOWN), now);
    }
  }

  private void refuse(ErrorCode code, String message) {
    planned.add(new Delivery.Refused(code, message));
  }

  private void replay(Generation current, long from) {
    Position at = resumeAfter.orElseThrow();
    follow(current, from);
    readChanges = current.log().changesUpTo(from - 1);
    planned.add(
        new Delivery.Began(current, Start.REPLAY, Optional.of(at), OptionalLong.of(from - 1)));
  }

  private void start(Generation current, Optional<GapReason> lost, Instant now) {
    generation = current;
    planned.add(
        new Delivery.Began(current, Start.SNAPSHOT, Optional.empty(), OptionalLong.empty()));
    if (lost.isPresent()) {
      planSnapshot(current, lost.get(), resumeAfter.map(Position::toString), resumeAfter, now);
    } else {
      planSnapshot(current, Optional.empty(), now);
    }
  }

  /** The source has another shape: the client begins anew with it. */
  private void restart(Instant now) {
    Generation fresh = source.generation().orElseThrow();
    generation = fresh;
    lastState = null; // told again behind the new beginning
    Optional<SourceSnapshot> snapshot = source.snapshot(fresh, Optional.empty(), now);
    if (snapshot.isEmpty()) {
      return;
    }
    planned.add(
        new Delivery.Lost(
            lastSent == null ? resumeAfter.map(Position::toString) : text(lastSent),
            snapshot.get().position(),
            -1,
            GapReason.SOURCE_RESET,
            Recovery.SNAPSHOT));
    planned.add(new Delivery.Began(fresh, Start.SNAPSHOT, Optional.empty(), OptionalLong.empty()));
    plan(snapshot.get());
  }

  private void planSnapshot(
      Generation current,
      GapReason reason,
      Optional<String> after,
      Optional<Position> notBefore,
      Instant now) {
    source
        .snapshot(current, notBefore, now)
        .ifPresent(snapshot -> {
          long dropped =
              reason == GapReason.DROP_OLDEST && readChanges >= 0
                  ? snapshot.totalChanges() - readChanges
                  : -1;
          planned.add(
              new Delivery.Lost(after, snapshot.position(), dropped, reason, Recovery.SNAPSHOT));
          plan(snapshot);
        });
  }

  private void planSnapshot(Generation current, Optional<Position> notBefore, Instant now) {
    source.snapshot(current, notBefore, now).ifPresent(this::plan);
  }

  private void plan(SourceSnapshot snapshot) {
    planned.add(new Delivery.Everything(snapshot));
    follow(snapshot.generation(), snapshot.index() + 1);
    readChanges = snapshot.totalChanges();
  }

  private void follow(Generation current, long from) {
    generation = current;
    next = from;
    catchingUp = true;
  }

  private static Optional<String> text(@Nullable Position position) {
    return Optional.ofNullable(position).map(Position::toString);
  }
}
