package io.tycostream.domain.frontier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tycostream.domain.frontier.ToldHistory.At;
import io.tycostream.domain.frontier.ToldHistory.Happened;
import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Histories told as PostgreSQL may tell them: whole transactions behind a snapshot, keepalives of
 * any place between them, streams cut anywhere and resumed with an overlap; and now and then
 * something that no stream may tell.
 */
final class TransactionProperties {

  @Property(tries = 4_000, edgeCases = EdgeCasesMode.NONE)
  void everyTransactionComesOutOnceWholeAndInOrder(
      @ForAll("histories") List<At> moments, @ForAll("choices") List<Integer> choices) {
    ToldHistory history = new ToldHistory(moments, false, choices);
    history.frontier.startAt(moments.getFirst().time().longValue());
    history.complete = moments.getFirst().time();
    history.check();
    while (!tell(history, Math.max(1, history.next() - history.choose(3)))) {
      history.cut();
    }
    history.assertAllCameOut();
  }

  /** Tells transactions, until the history ends or the stream does. */
  private static boolean tell(ToldHistory history, int from) {
    for (int i = from; i < history.moments.size(); i++) {
      At at = history.moments.get(i);
      if (keepalives(history, at.time().subtract(BigInteger.ONE))) {
        return false;
      }
      for (Happened row : at.rows()) {
        history.frontier.row(row.source(), row.event());
        history.check();
        assertEquals(0L, history.frontier.pendingBytes("other"));
        if (history.choose(6) == 1) {
          assertFalse(history.frontier.progress(at.time().longValue()), "in a transaction");
          assertFalse(history.frontier.standsAt(history.complete.longValue()));
          history.check();
        }
        if (history.choose(12) == 1) {
          return false;
        }
      }
      if (history.choose(12) == 1 && history.closed.signum() >= 0) {
        history.refused(() -> history.frontier.commit(history.closed.longValue()));
        return false;
      }
      history.close(at.time());
      history.told(() -> history.frontier.commit(at.time().longValue()));
    }
    return !keepalives(history, ToldHistory.MAX);
  }

  /** Keepalives of places up to a limit; whether the stream ended. */
  private static boolean keepalives(ToldHistory history, BigInteger limit) {
    int told = history.choose(4);
    for (int i = 0; i < told; i++) {
      BigInteger behind = BigInteger.valueOf(history.choose(60)).pow(history.choose(12));
      BigInteger place = history.choose(2) == 0 ? behind.min(limit) : limit.subtract(behind);
      if (place.signum() >= 0) {
        boolean further = place.compareTo(history.complete) > 0;
        if (further) {
          history.close(place);
        }
        assertEquals(further, history.frontier.progress(place.longValue()));
        history.check();
      }
    }
    return history.choose(12) == 1;
  }

  @Provide
  Arbitrary<List<At>> histories() {
    return ToldHistory.histories(0);
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return ToldHistory.choices();
  }
}
