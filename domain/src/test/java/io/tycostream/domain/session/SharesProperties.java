package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.session.Shares.Load;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class SharesProperties {

  private static final int MAX_FRAME = 1_000;

  /** A turn is taken and sends so much; meanwhile a subscription comes or goes, or none does. */
  record Happening(int bytes, int who, boolean comes, boolean goes) {}

  /**
   * Whatever comes and goes: while two are both ready all the time, what they sent divided by their
   * weights differs by no more than a turn of each.
   */
  @Property(tries = 1_000)
  void sharesAreAsThePrioritiesUpToATurnOfEach(
      @ForAll @Size(min = 2, max = 6) List<@IntRange(min = 1, max = 9) Integer> priorities,
      @ForAll("happenings") List<Happening> happenings) {
    int count = priorities.size();
    Shares shares = new Shares();
    Set<Integer> ready = new HashSet<>();
    // What i sent since i and j are both ready without a break.
    double[][] since = new double[count][count];
    for (Happening happening : happenings) {
      int who = happening.who() % count;
      if (happening.comes()) {
        shares.ready(who, priorities.get(who));
        if (ready.add(who)) {
          forget(since, who);
        }
      } else if (happening.goes()) {
        shares.idle(who);
        ready.remove(who);
      }
      OptionalInt next = shares.next();
      assertEquals(ready.isEmpty(), next.isEmpty());
      if (next.isEmpty()) {
        continue;
      }
      int turn = next.getAsInt();
      assertTrue(ready.contains(turn));
      shares.spent(turn, happening.bytes());
      for (int j = 0; j < count; j++) {
        since[turn][j] += (double) happening.bytes() / priorities.get(turn);
      }
      for (int i : ready) {
        for (int j : ready) {
          double bound =
              (double) MAX_FRAME / priorities.get(i) + (double) MAX_FRAME / priorities.get(j);
          assertTrue(since[i][j] - since[j][i] <= bound + 1e-6, i + " before " + j);
        }
      }
    }
  }

  private static void forget(double[][] since, int who) {
    for (int j = 0; j < since.length; j++) {
      since[who][j] = 0;
      since[j][who] = 0;
    }
  }

  /**
   * None waits for longer than it takes the others to send what their weights allow, and a turn.
   */
  @Property(tries = 300)
  void noneThatIsReadyWaitsForEver(
      @ForAll @Size(min = 2, max = 8) List<@IntRange(min = 1, max = 9) Integer> priorities,
      @ForAll @IntRange(min = 1, max = MAX_FRAME) int bytes) {
    Shares shares = new Shares();
    for (int i = 0; i < priorities.size(); i++) {
      shares.ready(i, priorities.get(i));
    }
    int[] turns = new int[priorities.size()];
    int all = 9 * priorities.size() * 20;
    for (int i = 0; i < all; i++) {
      int turn = shares.next().orElseThrow();
      shares.spent(turn, bytes);
      turns[turn]++;
    }
    int sum = priorities.stream().mapToInt(Integer::intValue).sum();
    for (int i = 0; i < turns.length; i++) {
      double fair = (double) all * priorities.get(i) / sum;
      assertTrue(Math.abs(turns[i] - fair) <= priorities.size(), turns[i] + " of " + fair);
    }
  }

  @Example
  void whoWasIdleHasSavedUpNothing() {
    Shares shares = new Shares();
    shares.ready(1, 5);
    shares.ready(2, 5);
    shares.idle(2);
    for (int i = 0; i < 1_000; i++) {
      shares.spent(1, 100);
    }
    shares.ready(2, 5);
    int his = 0;
    for (int i = 0; i < 100; i++) {
      int turn = shares.next().orElseThrow();
      his += turn == 2 ? 1 : 0;
      shares.spent(turn, 100);
    }
    assertTrue(Math.abs(his - 50) <= 1, his + "");
  }

  @Example
  void whoGoesAndComesAtOnceHasNotPaidLess() {
    Shares shares = new Shares();
    shares.ready(1, 1);
    shares.ready(2, 1);
    int his = 0;
    for (int i = 0; i < 100; i++) {
      int turn = shares.next().orElseThrow();
      shares.spent(turn, 10);
      his += turn == 2 ? 1 : 0;
      shares.idle(2);
      shares.ready(2, 1);
    }
    assertEquals(50, his);
  }

  @Example
  void accountsAreCountedAnewLongBeforeNumbersEnd() {
    Shares shares = new Shares();
    shares.ready(1, 1);
    shares.ready(2, 9);
    int[] turns = new int[3];
    for (int i = 0; i < 40_000; i++) {
      int turn = shares.next().orElseThrow();
      shares.spent(turn, 1L << 40);
      turns[turn]++;
    }
    assertEquals(4_000, turns[1], 1);
    assertEquals(36_000, turns[2], 1);
  }

  @Example
  void whoHasEndedIsForgotten() {
    Shares shares = new Shares();
    shares.ready(1, 1);
    shares.ended(1);
    shares.spent(1, 10);
    assertEquals(OptionalInt.empty(), shares.next());
    assertThrows(IllegalArgumentException.class, () -> shares.ready(1, 0));
    assertThrows(IllegalArgumentException.class, () -> shares.ready(1, 10));
    assertThrows(IllegalArgumentException.class, () -> shares.spent(1, -1));
    assertThrows(IllegalArgumentException.class, () -> shares.spent(1, (1L << 40) + 1));
  }

  @Property
  void theFullestGivesWayOrTheLowestPriorityFirst(
      @ForAll("loads") List<Load> loads, @ForAll DropPolicy policy) {
    OptionalInt gives = Shares.givesWay(loads, policy);
    List<Load> candidates = loads.stream().filter(load -> load.buffered() > 0).toList();
    assertEquals(candidates.isEmpty(), gives.isEmpty());
    if (gives.isPresent()) {
      Load chosen =
          loads.stream().filter(load -> load.subscription() == gives.getAsInt()).findFirst().get();
      assertTrue(chosen.buffered() > 0);
      for (Load other : candidates) {
        boolean lower = policy == DropPolicy.BY_PRIORITY && other.priority() < chosen.priority();
        boolean equals = policy != DropPolicy.BY_PRIORITY || other.priority() == chosen.priority();
        assertTrue(!lower, "a lower priority");
        assertTrue(!equals || other.buffered() <= chosen.buffered(), "a fuller one");
        assertTrue(
            !equals
                || other.buffered() < chosen.buffered()
                || other.subscription() >= chosen.subscription(),
            "always the same of equals");
      }
    }
  }

  @Provide
  Arbitrary<List<Happening>> happenings() {
    return Combinators.combine(
            Arbitraries.integers().between(1, MAX_FRAME),
            Arbitraries.integers().between(0, 5),
            Arbitraries.frequency(Tuple.of(1, true), Tuple.of(2, false)),
            Arbitraries.frequency(Tuple.of(1, true), Tuple.of(9, false)))
        .as(Happening::new)
        .list()
        .ofMaxSize(120);
  }

  @Provide
  Arbitrary<List<Load>> loads() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 3), Arbitraries.longs().between(0, 3))
        .as((priority, buffered) -> new Load(0, priority, buffered))
        .list()
        .ofMaxSize(8)
        .map(list -> {
          List<Load> numbered = new ArrayList<>();
          for (Load load : list) {
            numbered.add(new Load(numbered.size(), load.priority(), load.buffered()));
          }
          return numbered;
        });
  }
}
