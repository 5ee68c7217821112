package io.tycostream.domain.replica;

import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** One subscription of a client: what it holds, and how it stands with the gateway. */
final class Follower {

  /** How a subscription stands with the gateway on the present connection. */
  enum Standing {
    /** The gateway has not been asked. */
    UNASKED,
    /** The gateway was asked, or has it from the session; what it says is heard. */
    ASKED,
    /** The gateway refused for now. */
    REFUSED,
    /** Left alone because it began anew too often; outlives the connection. */
    PAUSED
  }

  private final Subscribe terms;
  private final ReplicaTable table;
  private final LoopDetector loops;
  private Standing standing = Standing.UNASKED;
  private Instant again = Instant.MAX;
  private int refusals;
  private boolean begun;
  private boolean brokenSinceApplied;

  /** Whether the session is known to have it. */
  private boolean held;

  /** Whether the session may have it: it was asked for, and the answer did not come. */
  private boolean unsure;

  /** The feed of the present connection that it is, once that is told. */
  private OptionalInt feed = OptionalInt.empty();

  Follower(Subscribe terms, boolean keepsRows, LoopLimits limits) {
    this.terms = terms;
    this.table = new ReplicaTable(terms, keepsRows);
    this.loops = new LoopDetector(limits);
  }

  String ref() {
    return terms.ref();
  }

  String source() {
    return terms.source();
  }

  ReplicaTable table() {
    return table;
  }

  OptionalInt feed() {
    return feed;
  }

  /** On which feed it is heard from now on. */
  void heardOn(OptionalInt number) {
    feed = number;
  }

  Standing standing() {
    return standing;
  }

  boolean isHeld() {
    return held;
  }

  boolean isUnsure() {
    return unsure;
  }

  /** When to ask again after a refusal or a pause. */
  Optional<Instant> again() {
    return standing == Standing.REFUSED || standing == Standing.PAUSED
        ? Optional.of(again)
        : Optional.empty();
  }

  /** What to ask for, from where it is. */
  Subscribe ask() {
    standing = Standing.ASKED;
    return terms.from(table.position());
  }

  /** The gateway goes on with it, or begins to. */
  void stands() {
    standing = Standing.ASKED;
    held = true;
    unsure = false;
    refusals = 0;
  }

  /** It has ended at the gateway. */
  void dropped() {
    held = false;
    unsure = false;
  }

  /** Nothing is asked on the new connection; a pause goes on. */
  void connectionLost(boolean sessionToo) {
    // Of one without a position the session does not say again that it has ended.
    boolean nowhere = terms.onGap() == OnGap.SNAPSHOT && table.position().isEmpty();
    unsure = !sessionToo && (unsure || (standing == Standing.ASKED && !held) || (held && nowhere));
    if (standing != Standing.PAUSED) {
      standing = Standing.UNASKED;
      refusals = 0;
    }
    held &= !sessionToo && !nowhere;
  }

  void refused(Instant now, Backoff backoff, double chance) {
    standing = Standing.REFUSED;
    held = false;
    again = now.plus(backoff.delay(refusals++, chance));
  }

  /** The wait after a refusal or a pause may be over. */
  void wake(Instant now) {
    if (again().filter(at -> !now.isBefore(at)).isPresent()) {
      standing = Standing.UNASKED;
    }
  }

  /** All rows came, or the beginning of an event subscription; says how long to leave it alone. */
  Optional<Duration> began(Instant now, double chance) {
    boolean anew = begun && !brokenSinceApplied; // what broke it counts already
    begun = true;
    brokenSinceApplied = false;
    return anew ? loops.beganAnew(now, chance) : Optional.empty();
  }

  /** A whole batch was applied. */
  void applied() {
    brokenSinceApplied = false;
    loops.applied();
  }

  /**
   * What came could not be applied. Going on from the position is tried once; when the rows are
   * wrong, or it happens again before anything was applied, only a snapshot helps.
   *
   * @return how long to leave it alone
   */
  Optional<Duration> broke(boolean rowsWrong, Instant now, double chance) {
    if (rowsWrong || brokenSinceApplied) {
      table.forgetPosition();
    }
    brokenSinceApplied = true;
    return loops.beganAnew(now, chance);
  }

  void pause(Instant until) {
    standing = Standing.PAUSED;
    held = false;
    again = until;
  }

  @Override
  public String toString() {
    return ref() + " " + standing + " at " + table.position().orElse("nothing") + ", " + loops;
  }
}
