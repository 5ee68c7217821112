package io.tycostream.domain.frontier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.change.RowEvent.Deleted;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Against a list of what was told, with times as numbers without a sign bit. */
final class FrontierProperties {

  /** What a stream tells. */
  sealed interface Told {
    record Happened(String source, RowEvent event) implements Told {}

    record Forgotten(String source) implements Told {}

    record Committed(long time) implements Told {}

    record Progressed(long time) implements Told {}

    record Broken() implements Told {}

    record Loaded(long time) implements Told {}
  }

  @Property(tries = 2_000)
  void aMomentComesOutOnceWholeAndInOrder(@ForAll("stories") List<Told> story) {
    Frontier<String> frontier = new Frontier<>();
    List<Told.Happened> open = new ArrayList<>();
    BigInteger complete = BigInteger.ZERO;
    for (Told told : story) {
      switch (told) {
        case Told.Happened happened -> {
          frontier.row(happened.source, happened.event);
          open.add(happened);
        }
        case Told.Forgotten(String source) -> {
          frontier.forget(source);
          open.removeIf(happened -> happened.source.equals(source));
        }
        case Told.Committed(long time) -> {
          boolean isNew = unsigned(time).compareTo(complete) > 0;
          Optional<Moment<String>> moment = frontier.commit(time);
          assertEquals(
              isNew ? Optional.of(new Moment<>(time, bySource(open))) : Optional.empty(), moment);
          open.clear();
          complete = complete.max(unsigned(time));
        }
        case Told.Progressed(long time) -> {
          boolean further = open.isEmpty() && unsigned(time).compareTo(complete) > 0;
          assertEquals(further, frontier.progress(time));
          complete = further ? unsigned(time) : complete;
        }
        case Told.Broken broken -> {
          frontier.cut();
          open.clear();
        }
        case Told.Loaded(long time) -> {
          frontier.startAt(time);
          open.clear();
          complete = unsigned(time);
        }
      }
      assertEquals(complete, unsigned(frontier.complete()));
      assertEquals(open.isEmpty(), frontier.standsAt(frontier.complete()));
      for (Told.Happened one : open) {
        long pending =
            open.stream()
                .filter(each -> each.source.equals(one.source))
                .mapToLong(each -> each.event.bytes())
                .sum();
        assertEquals(pending, frontier.pendingBytes(one.source));
      }
    }
  }

  private static Map<String, List<RowEvent>> bySource(List<Told.Happened> open) {
    Map<String, List<RowEvent>> events = new LinkedHashMap<>();
    open.forEach(happened ->
        events.computeIfAbsent(happened.source, s -> new ArrayList<>()).add(happened.event));
    return events;
  }

  private static BigInteger unsigned(long time) {
    return new BigInteger(Long.toUnsignedString(time));
  }

  @Provide
  Arbitrary<List<Told>> stories() {
    Arbitrary<String> sources = Arbitraries.of("s", "t");
    Arbitrary<Long> times =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 9),
            Arbitraries.longs().between(0, 3).map(back -> Long.MAX_VALUE - back),
            Arbitraries.longs().between(0, 3).map(on -> Long.MIN_VALUE + on),
            Arbitraries.longs().between(0, 3).map(back -> -1 - back));
    Arbitrary<RowEvent> events =
        Arbitraries.strings().alpha().ofMaxLength(3).map(v -> new Deleted(new Key(Row.of(v))));
    Arbitrary<Told> happened = Combinators.combine(sources, events).as(Told.Happened::new);
    return Arbitraries.frequencyOf(
            Tuple.of(8, happened),
            Tuple.of(1, sources.map(Told.Forgotten::new)),
            Tuple.of(6, times.map(Told.Committed::new)),
            Tuple.of(3, times.map(Told.Progressed::new)),
            Tuple.of(1, Arbitraries.create(Told.Broken::new)),
            Tuple.of(1, times.map(Told.Loaded::new)))
        .list()
        .ofMaxSize(30);
  }
}
