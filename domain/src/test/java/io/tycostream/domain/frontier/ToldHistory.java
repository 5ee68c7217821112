package io.tycostream.domain.frontier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * A database's history, the streams that tell it, and what came out so far. It knows times as
 * numbers without a sign bit, and checks after each thing told that what came out is the beginning
 * of the history and that {@link Frontier#complete} is exactly how far the streams were closed.
 */
final class ToldHistory {

  /** The largest time there is. */
  static final BigInteger MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

  private static final BigInteger NOTHING = BigInteger.ONE.negate();

  /** What happened to one row. */
  record Happened(String source, RowEvent event) {}

  /** What happened at one time. */
  record At(BigInteger time, List<Happened> rows) {}

  final List<At> moments;
  final Frontier<String> frontier = new Frontier<>();
  final boolean startsWithSnapshot;
  private final Iterator<Integer> choices;
  private final List<Moment<String>> published = new ArrayList<>();

  /** All that streams have closed, applied or not; behind the first time before the snapshot. */
  BigInteger complete = NOTHING;

  /** What the present stream alone has closed. */
  BigInteger closed = NOTHING;

  ToldHistory(List<At> moments, boolean startsWithSnapshot, List<Integer> choices) {
    this.moments = moments;
    this.startsWithSnapshot = startsWithSnapshot;
    this.choices = choices.iterator();
  }

  /** One of so many possibilities; the first when there is nothing more to choose. */
  int choose(int possibilities) {
    return choices.hasNext() ? choices.next() % possibilities : 0;
  }

  /** The first moment that is after what is complete. */
  int next() {
    int next = 0;
    while (next < moments.size() && moments.get(next).time.compareTo(complete) <= 0) {
      next++;
    }
    return next;
  }

  void close(BigInteger through) {
    closed = closed.max(through);
    complete = complete.max(through);
  }

  /** The stream told something legal; what it says about times was already noted here. */
  void told(Supplier<Optional<Moment<String>>> telling) {
    telling.get().ifPresent(published::add);
    check();
  }

  /** Something illegal is refused, and everything after it, until the stream is cut. */
  void refused(Supplier<Optional<Moment<String>>> telling) {
    assertThrows(DisorderException.class, telling::get);
    check();
    assertThrows(DisorderException.class, frontier::closeAll);
    assertThrows(DisorderException.class, () -> frontier.commit(-1));
    check();
  }

  void check() {
    int first = startsWithSnapshot ? 0 : 1;
    int last = next();
    List<Moment<String>> expected = new ArrayList<>();
    for (int i = first; i < last; i++) {
      expected.add(moment(i));
    }
    assertEquals(expected, published);
    assertEquals(
        complete.signum() < 0 ? OptionalLong.empty() : OptionalLong.of(complete.longValue()),
        frontier.complete());
  }

  void assertAllCameOut() {
    assertEquals(moments.size(), next(), "the history was not told to its end");
    check();
    assertTrue(frontier.standsAt(complete.longValue()));
  }

  void cut() {
    frontier.cut();
    closed = NOTHING;
    for (String source : List.of("s", "t")) {
      assertEquals(0, frontier.pendingBytes(source));
      assertEquals(0, frontier.pendingEvents(source));
    }
    check();
  }

  private Moment<String> moment(int index) {
    At at = moments.get(index);
    Map<String, List<RowEvent>> events = new LinkedHashMap<>();
    at.rows.forEach(
        row -> events.computeIfAbsent(row.source, first -> new ArrayList<>()).add(row.event));
    return new Moment<>(at.time.longValue(), startsWithSnapshot && index == 0, events);
  }

  static BigInteger unsigned(long time) {
    return new BigInteger(Long.toUnsignedString(time));
  }

  /**
   * Histories, of which the first moment is the snapshot.
   *
   * @param leastRows of a moment that is no snapshot
   */
  static Arbitrary<List<At>> histories(int leastRows) {
    Arbitrary<Long> times =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 12),
            Arbitraries.longs().between(0, 4).map(back -> Long.MAX_VALUE - back),
            Arbitraries.longs().between(0, 4).map(on -> Long.MIN_VALUE + on),
            Arbitraries.longs().between(0, 4).map(back -> -1 - back));
    Arbitrary<Happened> happened =
        Combinators.combine(Arbitraries.of("s", "t"), Arbitraries.integers().between(0, 999))
            .as((source, id) ->
                new Happened(source, new RowEvent.Deleted(new Key(Row.of(Integer.toString(id))))));
    Arbitrary<List<Happened>> rows = happened.list().ofMinSize(leastRows).ofMaxSize(3);
    return Combinators.combine(times.set().ofMinSize(1).ofMaxSize(6), rows.list().ofSize(6))
        .as((when, what) -> {
          List<BigInteger> sorted = when.stream().map(ToldHistory::unsigned).sorted().toList();
          List<At> moments = new ArrayList<>();
          sorted.forEach(time -> moments.add(new At(time, what.get(moments.size()))));
          return moments;
        });
  }

  static Arbitrary<List<Integer>> choices() {
    return Arbitraries.integers().between(0, 59).list().ofMaxSize(80);
  }
}
