package io.tycostream.simulation;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.session.Subscription;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.SourceSnapshot;
import io.tycostream.domain.source.SourceState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** One subscription of a connection: what it is delivered, as messages; and what was rare in it. */
final class GatewaySubscription {

  private final World world;
  private final SimGateway gateway;
  private final Subscription subscription;
  private final int rowsPerPart;
  private Cursor cursor;
  private final Deque<ServerMessage> parts = new ArrayDeque<>();

  private @Nullable Wording wording;
  private @Nullable SourceSnapshot sending;
  private @Nullable Position last;
  private @Nullable SourceCondition told;
  private long mergedInHand;
  private long allowed = Long.MAX_VALUE;

  /** Where it was when it was asked last what comes next. */
  private long nextBefore;

  private long readBefore;
  private Instant freeAt = Instant.EPOCH;
  private Instant restsUntil = Instant.EPOCH;
  private @Nullable Instant restNext;

  GatewaySubscription(World world, SimGateway gateway, Subscription subscription, int rowsPerPart) {
    this.world = world;
    this.gateway = gateway;
    this.subscription = subscription;
    this.cursor = subscription.cursor();
    this.rowsPerPart = rowsPerPart;
  }

  /**
   * It has had its fill of changes: until when it rests, once all of what was delivered is sent.
   */
  Optional<Instant> takeRest() {
    Optional<Instant> rest = Optional.ofNullable(restNext);
    if (restNext != null) {
      restsUntil = restNext;
      restNext = null;
      world.rare(Rare.RESTED);
    }
    return rest;
  }

  /**
   * A turn comes to it.
   *
   * @throws Violation when it rests
   */
  void checkRested() {
    if (world.instant().isBefore(restsUntil)) {
      throw new Violation(
          gateway.name()
              + " gives "
              + subscription.ref()
              + " a turn, which rests to "
              + restsUntil);
    }
  }

  /** So many changes at once take their time, where the client says how fast it wants them. */
  private void pace(long changes) {
    if (subscription.wanted().maxRate().isPresent() && changes > 0) {
      Instant from = freeAt.isAfter(world.instant()) ? freeAt : world.instant();
      double seconds = changes / subscription.wanted().maxRate().getAsDouble();
      freeAt = from.plusNanos(Math.round(seconds * 1e9));
      restNext = freeAt;
    }
  }

  /** Whether all of what was delivered last has been sent. */
  boolean isWhole() {
    return parts.isEmpty();
  }

  /** Whether this is what is made of that one. */
  boolean isOf(Subscription other) {
    return subscription == other;
  }

  /** The next message of what was delivered last; nothing when all of it was sent. */
  Optional<ServerMessage> next() {
    if (cursor != subscription.cursor()) { // it is one of something else now
      cursor = subscription.cursor();
      parts.clear();
      sending = null;
    }
    ServerMessage next = parts.poll();
    SourceSnapshot snapshot = sending;
    if (next != null && parts.isEmpty() && snapshot != null) {
      sending = null;
      sent(snapshot);
    }
    return Optional.ofNullable(next);
  }

  String source() {
    return subscription.source();
  }

  /** The rows that are being sent. */
  Optional<SourceSnapshot> snapshotInHand() {
    return Optional.ofNullable(sending);
  }

  /**
   * From now on no more may wait than this, because others of the connection come first.
   *
   * @param changes row changes, without the newest batch
   */
  void allow(long changes) {
    allowed = changes;
  }

  /** It is going to be asked what comes next. */
  void asks() {
    nextBefore = subscription.cursor().nextSeq();
    readBefore = subscription.cursor().read();
  }

  /**
   * Nothing is lost, or merged, where no more waits than may: neither because of itself, nor
   * because others of the connection come first.
   */
  private void checkOver(Delivery.Lost lost) {
    Buffer buffer = subscription.cursor().terms().buffer();
    boolean gaveWay =
        (lost.reason() == GapReason.DROP_OLDEST || lost.reason() == GapReason.BY_PRIORITY)
            && lost.recovery() != Recovery.SNAPSHOT;
    Feed feed = subscription.cursor().feed().orElse(null);
    if (!gaveWay || feed == null || readBefore < 0 || feed.hasLeft(nextBefore)) {
      return;
    }
    long waits = feed.changesUpTo(feed.head() - 1) - readBefore;
    if (waits <= Math.min(buffer.maxSize(), allowed)) {
      throw new Violation(
          "%s has %d changes waiting for %s, %s allows %d, and others need no room"
              .formatted(
                  gateway.name(),
                  waits,
                  subscription.ref(),
                  buffer.policy().wire(),
                  Math.min(buffer.maxSize(), allowed)));
    }
  }

  /** The bytes of the merged batch that was delivered last, until something else is asked for. */
  long mergedInHand() {
    return mergedInHand;
  }

  /** Makes messages of a delivery. */
  void deliver(Delivery delivery) {
    mergedInHand = 0;
    switch (delivery) {
      case Delivery.Nothing nothing -> {
        if (subscription.cursor().read() >= 0 && subscription.buffered() > 0) {
          world.rare(Rare.NO_ROOM);
        }
        checkFailureTold();
      }
      case Delivery.Status(SourceState state) -> status(state);
      case Delivery.Began began -> begin(began);
      case Delivery.Lost lost -> lose(lost);
      case Delivery.Everything all -> {
        sending = all.snapshot();
        last = all.position();
        parts.addAll(wording().parts(all));
      }
      case Delivery.Next next -> {
        checkWaiting(next);
        if (next.batch().entry().batch().resync()) {
          resync(next.batch().entry().batch().after(), next.batch().entry().batch().position());
        }
        last = next.position();
        parts.addAll(wording().parts(next));
        pace(next.batch().size());
      }
      case Delivery.Merged merged -> {
        world.rare(merged.changes().isEmpty() ? Rare.FOLD_TO_NOTHING : Rare.FOLD);
        if (merged.resync()) {
          world.rare(Rare.FOLD_OVER_RESYNC);
        }
        last = merged.position();
        mergedInHand = merged.changes().stream().mapToLong(Change::bytes).sum();
        parts.addAll(wording().parts(merged));
        pace(merged.changes().size());
      }
      case Delivery.Reached reached -> {
        Position before = last;
        if (before != null && !before.sameHistory(reached.position())) {
          world.rare(Rare.RESYNC_WITHOUT_DIFFERENCE);
        }
        last = reached.position();
        parts.add(new ServerMessage.Progress(wording().feed(), reached.position().toString()));
      }
      case Delivery.Refused refused ->
          parts.add(
              new ServerMessage.Refused(
                  Optional.of(subscription.ref()),
                  OptionalInt.empty(),
                  refused.code().wire(),
                  refused.message(),
                  refused.code().retryable()));
    }
  }

  /**
   * A batch is handed out by itself only where no more waits than may: else something gives way
   * first. The newest batch is not counted, and of rows that are merged neither is this one: alone
   * it is as good as merged.
   */
  private void checkWaiting(Delivery.Next next) {
    Feed feed = next.feed();
    Buffer buffer = subscription.cursor().terms().buffer();
    boolean counted = subscription.cursor().terms().forEvents();
    long before = feed.changesUpTo(next.batch().seq() - (counted ? 1 : 0));
    long waiting = feed.changesUpTo(feed.head() - 1) - before;
    long most =
        switch (buffer.policy()) {
          case DROP_OLDEST, BY_AGE, BY_PRIORITY -> Math.min(buffer.maxSize(), allowed);
          case CONFLATE -> 0;
          case DROP_NEWEST, SAMPLE -> Long.MAX_VALUE; // which bound what is lost, not what waits
        };
    if (before >= 0 && next.batch().seq() < feed.head() && waiting > most) {
      throw new Violation(
          "%s has %d changes waiting for %s, %s allows %d"
              .formatted(
                  gateway.name(), waiting, subscription.ref(), buffer.policy().wire(), most));
    }
    Instant oldest = world.instant().minus(buffer.maxAge());
    if (buffer.policy() == DropPolicy.BY_AGE
        && counted
        && next.batch().entry().appendedAt().isBefore(oldest)) {
      throw new Violation(
          gateway.name() + " tells " + subscription.ref() + " of what is older than it wants");
    }
  }

  /** Who has nothing more to hear has heard that its source has failed. */
  private void checkFailureTold() {
    boolean failed =
        gateway.state(subscription.source()).condition() == SourceCondition.FAILED
            && subscription.cursor().feed().isPresent();
    if (failed && told != SourceCondition.FAILED) {
      throw new Violation(
          gateway.name() + " does not tell " + subscription.ref() + " that its source has failed");
    }
  }

  private void status(SourceState state) {
    told = state.condition();
    boolean ahead = state.condition() == SourceCondition.CATCHING_UP;
    if (ahead && gateway.state(subscription.source()).condition() != state.condition()) {
      world.rare(Rare.POSITION_AHEAD);
    }
    parts.add(
        new ServerMessage.SourceStatus(
            wording == null ? Optional.of(subscription.ref()) : Optional.empty(),
            wording == null ? OptionalInt.empty() : OptionalInt.of(wording.feed()),
            state.condition().wire(),
            state.since(),
            state.attempt(),
            Optional.empty(),
            state.reason()));
  }

  private void begin(Delivery.Began began) {
    Feed feed = began.feed();
    wording =
        new Wording(
            gateway.number(feed),
            feed.derivation().shape(),
            subscription.wanted().delta(),
            rowsPerPart);
    if (began.seq().isPresent()) {
      world.rare(began.seq().getAsLong() < feed.head() ? Rare.REPLAY : Rare.REPLAY_OF_NOTHING);
    }
    checkLedOn(began);
    last = began.position().orElse(null);
    parts.add(
        new ServerMessage.Subscribed(
            subscription.ref(),
            wording().feed(),
            subscription.source(),
            wording().shape().key(),
            wording().shape().columns(),
            began.start(),
            began.position().map(Position::toString),
            began.seq()));
  }

  /**
   * Who comes with a position from which on all is known is told what follows it, and does not
   * begin anew: also when the gateway was started since, and its database told of the time before.
   */
  private void checkLedOn(Delivery.Began began) {
    Optional<Position> after = subscription.cursor().terms().after();
    Optional<Beginning> known = gateway.whole(subscription.source());
    if (after.isEmpty() || known.isEmpty()) {
      return;
    }
    Feed feed = began.feed();
    Beginning all =
        new Beginning(
            feed.shown(known.get().from()),
            feed.shown(known.get().rows()),
            feed.shown(known.get().present()));
    Position has = after.get();
    if (!has.sameHistory(all.from()) || all.from().isAfter(has)) {
      return;
    }
    boolean touched = all.rows().isAfter(has);
    boolean told = !touched || feed.derivation().tellsTouched();
    if (began.start() == ServerMessage.Start.REPLAY) {
      if (touched) {
        world.rare(Rare.REPLAY_OF_TOUCHED);
      } else if (all.present().isAfter(has)) {
        world.rare(Rare.REPLAY_FROM_BEFORE_THE_START);
      }
    } else if (told) {
      throw new Violation(
          "%s does not lead %s on from %s, and knows all since %s"
              .formatted(gateway.name(), subscription.ref(), has, all.from()));
    } else {
      world.rare(Rare.TOUCHED_UNTOLD);
    }
  }

  private void lose(Delivery.Lost lost) {
    checkOver(lost);
    world.rare(
        switch (lost.reason()) {
          case HISTORY_EXPIRED -> Rare.HISTORY_EXPIRED;
          case DEFINITION_CHANGED -> Rare.DEFINITION_CHANGED;
          case SOURCE_RESET -> Rare.SOURCE_RESET;
          case POSITION_UNKNOWN -> unknown(lost);
          case DROP_OLDEST, DROP_NEWEST, CONFLATE, BY_AGE, BY_PRIORITY, SAMPLE ->
              switch (lost.recovery()) {
                case SNAPSHOT -> Rare.OVERRUN;
                case FOLD -> Rare.FOLD_ANNOUNCED;
                case NONE -> Rare.DROPPED;
              };
        });
    switch (lost.reason()) {
      case DROP_NEWEST -> world.rare(Rare.DROPPED_NEWEST);
      case SAMPLE -> world.rare(Rare.DROPPED_SAMPLE);
      case BY_AGE -> world.rare(Rare.DROPPED_BY_AGE);
      case BY_PRIORITY -> world.rare(Rare.DROPPED_BY_PRIORITY);
      case HISTORY_EXPIRED, DEFINITION_CHANGED, SOURCE_RESET, POSITION_UNKNOWN -> {}
      case DROP_OLDEST, CONFLATE -> {}
    }
    Feed feed = subscription.cursor().feed().orElse(null);
    if (feed != null && feed.floor() > feed.log().floor()) {
      world.rare(Rare.MARKS_GIVEN_UP);
    }
    parts.add(
        new ServerMessage.Gap(
            wording().feed(),
            lost.after(),
            lost.upTo().toString(),
            lost.dropped(),
            lost.reason().wire(),
            lost.recovery().wire()));
  }

  private Rare unknown(Delivery.Lost lost) {
    return lost.after()
            .flatMap(Position::parse)
            .filter(at -> gateway.hasSeen(subscription.source(), at.epoch()))
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
    ChangeLog log = snapshot.generation().log();
    if (log.floor() > snapshot.index()) {
      world.rare(Rare.OVERRUN_DURING_SNAPSHOT);
    } else if (log.head() > snapshot.index()) {
      world.rare(Rare.CHANGES_DURING_SNAPSHOT);
    }
  }

  private Wording wording() {
    Wording present = wording;
    if (present == null) {
      throw new Violation("rows before the subscription began");
    }
    return present;
  }
}
