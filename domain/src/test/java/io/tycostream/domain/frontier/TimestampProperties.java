package io.tycostream.domain.frontier;

import io.tycostream.domain.frontier.ToldHistory.At;
import io.tycostream.domain.frontier.ToldHistory.Happened;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Histories told as Materialize and RisingWave may tell them: rows with times, from a snapshot on;
 * progress wherever it is legal, or nowhere; streams cut anywhere and resumed behind what is
 * complete, with or without an overlap and a word about where they begin; and now and then
 * something that no stream may tell.
 */
final class TimestampProperties {

  private static final BigInteger ONE = BigInteger.ONE;

  @Property(tries = 4_000, edgeCases = EdgeCasesMode.NONE)
  void everyMomentComesOutOnceWholeAndInOrder(
      @ForAll("histories") List<At> moments, @ForAll("choices") List<Integer> choices) {
    ToldHistory history = new ToldHistory(moments, true, choices);
    boolean ended = false;
    while (!ended) {
      int from = open(history);
      ended = tell(history, from);
      if (!ended) {
        history.cut();
      }
    }
    history.assertAllCameOut();
  }

  /** Opens a stream, and returns the first moment that it tells. */
  private static int open(ToldHistory history) {
    BigInteger complete = history.complete;
    if (complete.signum() < 0) {
      BigInteger first = history.moments.getFirst().time();
      history.frontier.startWith(first.longValue());
      history.check();
      history.closed = first.subtract(ONE);
      if (history.choose(2) == 0) { // the first progress row of Materialize: the AS OF
        history.told(() -> history.frontier.closeBefore(first.longValue()));
      }
      return 0;
    }
    switch (history.choose(4)) {
      case 0 -> {
        history.frontier.resumeBehind(complete.longValue());
        history.closed = complete.subtract(ONE);
        history.told(() -> history.frontier.closeBefore(complete.longValue()));
      }
      case 1 -> {
        history.frontier.resumeBehind(complete.longValue());
        history.check();
      }
      case 2 -> {
        if (!complete.equals(ToldHistory.MAX)) {
          history.refused(() -> {
            history.frontier.resumeBehind(complete.add(ONE).longValue());
            return Optional.empty();
          });
          history.cut();
        }
      }
      default -> {
        return Math.max(0, history.next() - 2);
      }
    }
    return history.next();
  }

  /** Tells moments, until the history ends or the stream does. */
  private static boolean tell(ToldHistory history, int from) {
    for (int i = from; i < history.moments.size(); i++) {
      At at = history.moments.get(i);
      for (Happened row : at.rows()) {
        if (interlude(history, at.time())) {
          return false;
        }
        history.closed = history.closed.max(at.time().subtract(ONE));
        // Nothing is complete before the snapshot is, whatever times are closed before it.
        if (i > 0) {
          history.close(at.time().subtract(ONE));
        }
        history.told(() -> history.frontier.row(row.source(), at.time().longValue(), row.event()));
      }
      if (interlude(history, at.time())) {
        return false;
      }
      boolean last = i == history.moments.size() - 1;
      BigInteger limit = last ? ToldHistory.MAX : history.moments.get(i + 1).time();
      if (history.choose(2) == 1) {
        BigInteger next = at.time().add(ONE).min(limit);
        BigInteger frontier = history.choose(2) == 0 ? next : limit;
        progress(history, frontier);
      }
    }
    history.close(ToldHistory.MAX);
    history.told(history.frontier::closeAll);
    return true;
  }

  /** What may come while a moment is open; whether the stream ended. */
  private static boolean interlude(ToldHistory history, BigInteger time) {
    switch (history.choose(12)) {
      case 1 -> {
        return true;
      }
      case 2 -> progress(history, time);
      case 3 -> {
        if (history.closed.signum() >= 0) {
          history.refused(() ->
              history.frontier.row(
                  "s",
                  history.closed.longValue(),
                  history.moments.getFirst().rows().getFirst().event()));
          return true;
        }
      }
      case 4 -> {
        if (history.closed.signum() >= 0) {
          history.refused(() -> history.frontier.closeBefore(history.closed.longValue()));
          return true;
        }
      }
      default -> {}
    }
    return false;
  }

  /** The stream closes everything before a frontier, where it has not closed that yet. */
  private static void progress(ToldHistory history, BigInteger frontier) {
    BigInteger through = frontier.subtract(ONE);
    if (through.compareTo(history.closed) < 0) {
      return;
    }
    history.closed = through;
    boolean inSnapshot =
        history.complete.signum() < 0 && frontier.compareTo(history.moments.getFirst().time()) <= 0;
    if (!inSnapshot) {
      history.close(through);
    }
    history.told(() -> history.frontier.closeBefore(frontier.longValue()));
  }

  @Provide
  Arbitrary<List<At>> histories() {
    return ToldHistory.histories(1);
  }

  @Provide
  Arbitrary<List<Integer>> choices() {
    return ToldHistory.choices();
  }
}
