package io.tycostream.domain.session;

import io.tycostream.domain.protocol.CloseCode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Connections that come, greet, take sessions up with good and bad tickets, fall silent, get stuck,
 * close, are lost, dismissed and drained in any order, on a gateway that is always full. What holds
 * is checked by {@link CheckedSessions} after every step.
 */
final class SessionsProperties {

  private static final List<Duration> TTLS =
      List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofSeconds(20), Duration.ofMinutes(2));

  /** What can happen. */
  enum Deed {
    CONNECT,
    GREET,
    RESUME,
    RESUME_WITH_BAD_TICKET,
    HEAR,
    SAY,
    WRITE,
    WRITTEN,
    LEAVE,
    GO_AWAY,
    LOSE,
    END_FOR_NOW,
    END_FOR_GOOD,
    PASS,
    OVERSLEEP,
    TELL_DEADLINE,
    DRAIN
  }

  /**
   * @param who which connection or session, modulo how many there are
   * @param other another choice
   * @param time that passes
   */
  record Happening(Deed deed, int who, int other, Duration time) {}

  @Property(tries = 700, edgeCases = EdgeCasesMode.NONE)
  void holdsItsInvariants(
      @ForAll("happenings") List<Happening> happenings,
      @ForAll("ttls") Duration ttl,
      @ForAll("limits") SessionLimits limits) {
    CheckedSessions checked =
        new CheckedSessions(
            new SessionSettings(
                Duration.ofSeconds(10), Duration.ofSeconds(6), Duration.ofSeconds(2), ttl),
            limits);
    List<ResumeTicket> tickets = new ArrayList<>();
    for (Happening happening : happenings) {
      perform(checked, happening, tickets);
    }
    // Left alone, everything ends by deadlines.
    checked.pass(ttl.plusSeconds(60));
    checked.pass(ttl.plusSeconds(60));
    if (checked.sessions().connections() + checked.sessions().detached() > 0) {
      throw new AssertionError("somebody stays for ever");
    }
  }

  private static void perform(
      CheckedSessions checked, Happening happening, List<ResumeTicket> tickets) {
    List<Long> all = checked.everyConnection();
    // Mostly the newest ones, as the older are over.
    long who =
        all.isEmpty() ? 0 : all.get(all.size() - 1 - happening.who() % Math.min(all.size(), 5));
    String principal = happening.other() % 5 == 0 ? "eve" : "ada";
    Optional<Instant> until =
        happening.other() % 3 == 0
            ? Optional.of(checked.now().plus(happening.time()).plusSeconds(3))
            : Optional.empty();
    switch (happening.deed()) {
      case CONNECT -> checked.connect();
      case GREET -> checked.hello(who, principal, until, new Claim.Nothing());
      case RESUME -> {
        if (!tickets.isEmpty()) {
          // Mostly the newest, whose sessions are there still.
          int back = happening.other() % Math.min(tickets.size(), 3);
          ResumeTicket ticket = tickets.get(tickets.size() - 1 - back);
          checked.hello(checked.connect(), principal, until, new Claim.Presented(ticket));
        }
      }
      case RESUME_WITH_BAD_TICKET -> checked.hello(who, principal, until, new Claim.Unreadable());
      case HEAR -> checked.hears(who);
      case SAY -> checked.says(who);
      case WRITE -> checked.writes(who, happening.other() % 2 == 0);
      case WRITTEN -> checked.written(who);
      case LEAVE -> checked.peerCloses(who, 1000);
      case GO_AWAY -> checked.peerCloses(who, 1001);
      case LOSE -> checked.lose(who);
      case END_FOR_NOW -> checked.end(who, new CloseReason(CloseCode.SLOW_CONSUMER));
      case END_FOR_GOOD -> checked.end(who, new CloseReason(CloseCode.PROTOCOL_ERROR, "garbage"));
      case PASS -> checked.pass(happening.time());
      case OVERSLEEP -> checked.oversleep(happening.time());
      case TELL_DEADLINE -> checked.tellDeadline();
      case DRAIN -> checked.drain(happening.time(), 0.5);
    }
    checked
        .sessions()
        .ticket(who)
        .filter(ticket -> !tickets.contains(ticket))
        .ifPresent(tickets::add);
  }

  @Provide
  Arbitrary<List<Happening>> happenings() {
    Arbitrary<Deed> deeds =
        Arbitraries.frequency(
            Tuple.of(6, Deed.CONNECT),
            Tuple.of(8, Deed.GREET),
            Tuple.of(8, Deed.RESUME),
            Tuple.of(1, Deed.RESUME_WITH_BAD_TICKET),
            Tuple.of(4, Deed.HEAR),
            Tuple.of(2, Deed.SAY),
            Tuple.of(3, Deed.WRITE),
            Tuple.of(4, Deed.WRITTEN),
            Tuple.of(2, Deed.LEAVE),
            Tuple.of(2, Deed.GO_AWAY),
            Tuple.of(5, Deed.LOSE),
            Tuple.of(3, Deed.END_FOR_NOW),
            Tuple.of(1, Deed.END_FOR_GOOD),
            Tuple.of(6, Deed.PASS),
            Tuple.of(1, Deed.OVERSLEEP),
            Tuple.of(3, Deed.TELL_DEADLINE));
    Arbitrary<Deed> some =
        Arbitraries.frequencyOf(Tuple.of(60, deeds), Tuple.of(1, Arbitraries.just(Deed.DRAIN)));
    Arbitrary<Duration> times =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 3).map(Duration::ofNanos),
            Arbitraries.longs().between(0, 15).map(Duration::ofSeconds));
    return Combinators.combine(
            some,
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 29),
            times)
        .as(Happening::new)
        .list()
        .ofMaxSize(80);
  }

  @Provide
  Arbitrary<Duration> ttls() {
    return Arbitraries.of(TTLS);
  }

  @Provide
  Arbitrary<SessionLimits> limits() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 5),
            Arbitraries.integers().between(0, 3),
            Arbitraries.longs().between(0, 2_000))
        .as((connections, detached, bytes) ->
            new SessionLimits(connections, detached, bytes, 3, Duration.ofSeconds(5)));
  }
}
