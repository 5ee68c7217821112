package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.upstream.Resumption.Behind;
import io.tycostream.domain.upstream.Resumption.Followed;
import io.tycostream.domain.upstream.Resumption.Held;
import io.tycostream.domain.upstream.Resumption.HistoryLost;
import io.tycostream.domain.upstream.Resumption.Resume;
import io.tycostream.domain.upstream.Resumption.Retained;
import io.tycostream.domain.upstream.Resumption.SetBack;
import io.tycostream.domain.upstream.Resumption.Shown;
import java.math.BigInteger;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The decision compared with conditions written down one by one, over integers of any size. */
final class ResumptionProperties {

  @Property(tries = 3_000, edgeCases = EdgeCasesMode.NONE)
  void goesOnExactlyWhenNothingIsInTheWay(
      @ForAll("helds") Held held, @ForAll("showns") Shown shown) {
    Resumption decided = Resumption.decide(held, shown);
    boolean read = held.complete().isPresent();
    boolean sameHistory =
        held.complete().filter(at -> at.epoch().equals(shown.epoch())).isPresent();
    boolean backwards =
        sameHistory && size(shown.present()).compareTo(size(held.complete().get().time())) < 0;
    boolean kept =
        shown.retained() instanceof Retained.After after
            && read
            && size(after.time()).compareTo(size(held.complete().get().time())) <= 0;
    boolean unchanged =
        shown.followed().keySet().stream()
            .allMatch(source ->
                shown.followed().get(source).equals(held.carried().get(source))
                    && (!held.known().containsKey(source)
                        || held.known().get(source).equals(shown.followed().get(source).print())));
    switch (decided) {
      case Resume resume -> {
        assertTrue(sameHistory && !backwards && kept && unchanged, "resumed what cannot be");
        assertEquals(held.complete(), Optional.of(resume.at()));
      }
      case Behind behind -> {
        assertTrue(backwards && shown.replica());
        assertEquals(
            size(held.complete().get().time()).subtract(size(shown.present())), size(behind.lag()));
      }
      case SetBack setBack -> {
        assertTrue(backwards && !shown.replica());
        assertEquals(held.complete(), Optional.of(setBack.ours()));
        assertEquals(shown.present(), setBack.present());
      }
      case HistoryLost lost ->
          assertTrue(!backwards && !(sameHistory && kept && unchanged), lost::reason);
    }
  }

  @Property(tries = 1_000, edgeCases = EdgeCasesMode.NONE)
  void noRowsAreReadFromWhereResumingWouldLeadBackwards(
      @ForAll("helds") Held held, @ForAll("showns") Shown shown) {
    held.complete()
        .ifPresent(complete -> {
          Resumption decided = Resumption.decide(held, shown);
          boolean forbidden = decided instanceof Behind || decided instanceof SetBack;
          assertEquals(
              forbidden ? Optional.of(decided) : Optional.empty(),
              Resumption.backwards(complete, shown));
        });
  }

  @Example
  void saysWhyAHistoryIsLost() {
    Held held =
        new Held(
            Optional.of(new Checkpoint("e", 5)),
            Map.of("s", "p"),
            Map.of("s", new Followed("p", "c")));
    Retained all = new Retained.After(5);
    Map<String, Followed> same = Map.of("s", new Followed("p", "c"));
    assertEquals(
        new Resume(new Checkpoint("e", 5)),
        Resumption.decide(held, new Shown("e", 5, false, all, same)));
    assertEquals(
        "this is another history: f instead of e", why(held, new Shown("f", 5, false, all, same)));
    assertEquals(
        "the slot is gone",
        why(held, new Shown("e", 5, false, new Retained.Nothing("the slot is gone"), same)));
    assertEquals(
        "the changes behind what is complete are not kept any more",
        why(held, new Shown("e", 6, false, new Retained.After(6), same)));
    assertEquals(
        "s is not as it was, or was not followed before",
        why(held, new Shown("e", 6, false, all, Map.of("s", new Followed("p", "d")))));
    assertEquals(
        "nothing was read before",
        why(new Held(Optional.empty(), Map.of(), Map.of()), new Shown("e", 6, false, all, same)));
  }

  private static String why(Held held, Shown shown) {
    return assertInstanceOf(HistoryLost.class, Resumption.decide(held, shown)).reason();
  }

  private static BigInteger size(long unsigned) {
    return new BigInteger(Long.toUnsignedString(unsigned));
  }

  private static Arbitrary<Long> times() {
    return Arbitraries.of(0L, 1L, 2L, Long.MAX_VALUE, Long.MIN_VALUE, -2L, -1L);
  }

  private static Arbitrary<String> epochs() {
    return Arbitraries.frequency(Tuple.of(5, "e"), Tuple.of(1, "f"));
  }

  private static Arbitrary<Map<String, Followed>> followed() {
    Arbitrary<Followed> one =
        Combinators.combine(mostly("p", "q"), mostly("c", "d")).as(Followed::new);
    return Arbitraries.maps(Arbitraries.of("s", "t"), one).ofMaxSize(2);
  }

  private static Arbitrary<String> mostly(String usual, String other) {
    return Arbitraries.frequency(Tuple.of(8, usual), Tuple.of(1, other));
  }

  @Provide
  Arbitrary<Held> helds() {
    Arbitrary<Optional<Checkpoint>> complete =
        Combinators.combine(epochs(), times()).as(Checkpoint::new).optional(0.95);
    Arbitrary<Map<String, String>> known =
        Arbitraries.maps(Arbitraries.of("s", "t"), mostly("p", "q")).ofMaxSize(2);
    return Combinators.combine(complete, known, followed()).as(Held::new);
  }

  @Provide
  Arbitrary<Shown> showns() {
    Arbitrary<Retained> retained =
        Arbitraries.frequencyOf(
            Tuple.of(6, times().map(Retained.After::new)),
            Tuple.of(1, Arbitraries.just(new Retained.Nothing("gone"))));
    return Combinators.combine(epochs(), times(), Arbitraries.of(true, false), retained, followed())
        .as(Shown::new);
  }
}
