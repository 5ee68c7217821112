package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Generation;
import io.tycostream.domain.source.SourceSnapshot;
import io.tycostream.domain.source.SourceState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** One subscription of a connection: what a cursor hands out, as messages. */
final class GatewaySubscription {

  private final World world;
  private final SimGateway gateway;
  private final String ref;
  private final Cursor cursor;
  private final int rowsPerPart;
  private final Deque<ServerMessage> parts = new ArrayDeque<>();

  private @Nullable Generation generation;
  private @Nullable SourceSnapshot sending;
  private @Nullable Position last;
  private int feed;
  private boolean ended;

  GatewaySubscription(World world, SimGateway gateway, String ref, Cursor cursor, int rowsPerPart) {
    this.world = world;
    this.gateway = gateway;
    this.ref = ref;
    this.cursor = cursor;
    this.rowsPerPart = rowsPerPart;
  }

  String ref() {
    return ref;
  }

  boolean ended() {
    return ended;
  }

  Optional<Instant> deadline() {
    return cursor.deadline();
  }

  /** The next message; nothing while there is none. */
  Optional<ServerMessage> next() {
    while (parts.isEmpty()) {
      Delivery delivery = cursor.next(world.instant());
      if (delivery instanceof Delivery.Nothing) {
        return Optional.empty();
      }
      deliver(delivery);
    }
    ServerMessage next = parts.poll();
    SourceSnapshot snapshot = sending;
    if (parts.isEmpty() && snapshot != null) {
      sending = null;
      sent(snapshot);
    }
    return Optional.of(next);
  }

  private void deliver(Delivery delivery) {
    switch (delivery) {
      case Delivery.Nothing nothing -> {}
      case Delivery.Status(SourceState state) -> status(state);
      case Delivery.Began began -> begin(began);
      case Delivery.Lost lost -> lose(lost);
      case Delivery.Everything(SourceSnapshot snapshot) -> {
        sending = snapshot;
        last = snapshot.position();
        parts.addAll(Wording.parts(feed, snapshot, rowsPerPart));
      }
      case Delivery.Next next -> {
        if (next.entry().batch().resync()) {
          resync(next.entry().batch().after(), next.entry().batch().position());
        }
        last = next.entry().batch().position();
        parts.addAll(Wording.parts(feed, shape(), next.entry(), rowsPerPart));
      }
      case Delivery.Reached(Position position) -> {
        Position before = last;
        if (before != null && !before.sameHistory(position)) {
          world.rare(Rare.RESYNC_WITHOUT_DIFFERENCE);
        }
        last = position;
        parts.add(new ServerMessage.Progress(feed, position.toString()));
      }
      case Delivery.Refused refused -> {
        ended = true;
        parts.add(
            new ServerMessage.Refused(
                Optional.of(ref),
                OptionalInt.empty(),
                refused.code().wire(),
                refused.message(),
                refused.code().retryable()));
      }
    }
  }

  private void status(SourceState state) {
    if (state.condition() == SourceCondition.CATCHING_UP) {
      world.rare(Rare.POSITION_AHEAD);
    }
    parts.add(
        new ServerMessage.SourceStatus(
            generation == null ? Optional.of(ref) : Optional.empty(),
            generation == null ? OptionalInt.empty() : OptionalInt.of(feed),
            state.condition().wire(),
            state.since(),
            state.attempt(),
            Optional.empty(),
            state.reason()));
  }

  private void begin(Delivery.Began began) {
    generation = began.generation();
    feed = gateway.feed(began.generation());
    if (began.index().isPresent()) {
      long head = began.generation().log().head();
      world.rare(began.index().getAsLong() < head ? Rare.REPLAY : Rare.REPLAY_OF_NOTHING);
    }
    last = began.position().orElse(null);
    parts.add(
        new ServerMessage.Subscribed(
            ref,
            feed,
            cursor.source().name(),
            shape().key(),
            shape().columns(),
            began.start(),
            began.position().map(Position::toString),
            began.index()));
  }

  private void lose(Delivery.Lost lost) {
    world.rare(
        switch (lost.reason()) {
          case HISTORY_EXPIRED -> Rare.HISTORY_EXPIRED;
          case DEFINITION_CHANGED -> Rare.DEFINITION_CHANGED;
          case SOURCE_RESET -> Rare.SOURCE_RESET;
          case POSITION_UNKNOWN -> unknown(lost);
          case DROP_OLDEST, DROP_NEWEST, CONFLATE, BY_AGE, BY_PRIORITY, SAMPLE -> Rare.OVERRUN;
        });
    parts.add(
        new ServerMessage.Gap(
            feed,
            lost.after(),
            lost.upTo().toString(),
            lost.dropped(),
            lost.reason().wire(),
            lost.recovery().wire()));
  }

  private Rare unknown(Delivery.Lost lost) {
    return lost.after()
            .flatMap(Position::parse)
            .filter(at -> gateway.hasSeen(cursor.source().name(), at.epoch()))
            .isPresent()
        ? Rare.INSIDE_DIFFERENCE
        : Rare.UNKNOWN_HISTORY;
  }

  private void resync(Position from, Position to) {
    world.rare(Rare.RESYNC_WITH_DIFFERENCE);
    if (!from.epoch().equals(to.epoch())) {
      world.rare(Rare.EPOCH_CHANGE);
    }
    if (!from.print().equals(to.print())) {
      world.rare(Rare.TABLE_MADE_AGAIN);
    }
  }

  private void sent(SourceSnapshot snapshot) {
    if (snapshot.generation().log().floor() > snapshot.index()) {
      world.rare(Rare.OVERRUN_DURING_SNAPSHOT);
    } else if (snapshot.generation().log().head() > snapshot.index()) {
      world.rare(Rare.CHANGES_DURING_SNAPSHOT);
    }
  }

  private Relation shape() {
    Generation present = generation;
    if (present == null) {
      throw new Violation("rows before the subscription began");
    }
    return present.shape();
  }
}
