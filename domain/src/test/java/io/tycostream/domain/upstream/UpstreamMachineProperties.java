package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.upstream.UpstreamEvent.DeadlineReached;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamFailed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamOpened;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Whatever happens in whatever order, {@link UpstreamInvariants} hold after every step. */
final class UpstreamMachineProperties {

  private static final Duration WINDOW = Duration.ofSeconds(1);

  /** Something that happens after a while. */
  record Happening(Duration after, boolean atDeadline, UpstreamEvent event) {}

  @Property(tries = 1_500, edgeCases = EdgeCasesMode.NONE)
  void holdsItsInvariants(
      @ForAll("happenings") List<Happening> happenings,
      @ForAll("limits") OptionalInt maxRetries,
      @ForAll("names") List<String> endpoints,
      @ForAll("stalls") Duration stallAfter) {
    UpstreamSettings settings = settings(maxRetries, stallAfter);
    UpstreamInvariants checked =
        new UpstreamInvariants(new UpstreamMachine(endpoints, settings), settings);
    Instant now = Instant.EPOCH;
    for (Happening happening : happenings) {
      Instant present = now;
      now =
          happening.atDeadline
              ? checked.state().deadline().filter(at -> at.isAfter(present)).orElse(present)
              : now.plus(happening.after);
      checked.step(happening.event, now);
    }
  }

  /**
   * Nobody asks for anything and every attempt fails, in whatever way: then each second sees at
   * most ten attempts at each endpoint (the shortest wait is 90 ms, so eleven fit with both ends)
   * and the one more that a lost history is worth.
   */
  @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
  void attemptsThatAllFailAreNoStorm(
      @ForAll("storms") List<Happening> failures, @ForAll("names") List<String> endpoints) {
    UpstreamSettings settings = settings(OptionalInt.empty(), Duration.ZERO);
    UpstreamInvariants checked =
        new UpstreamInvariants(new UpstreamMachine(endpoints, settings), settings);
    Deque<Instant> attempts = new ArrayDeque<>();
    Instant now = Instant.EPOCH;
    checked.step(new UpstreamEvent.Started(), now);
    attempts.add(now);
    for (Happening happening : failures) {
      while (!UpstreamInvariants.isOpen(checked.state())) {
        now = checked.state().deadline().orElseThrow();
        note(attempts, checked.step(new DeadlineReached(0), now).effects(), now);
      }
      now = now.plus(happening.after);
      if (happening.atDeadline) { // it stands for a moment
        checked.step(new StreamOpened(), now);
      }
      note(attempts, checked.step(happening.event, now).effects(), now);
      while (attempts.getFirst().plus(WINDOW).isBefore(now)) {
        attempts.removeFirst();
      }
      int most = endpoints.size() * 12 + 1;
      assertTrue(attempts.size() <= most, () -> attempts.size() + " attempts within " + WINDOW);
    }
  }

  private static void note(Deque<Instant> attempts, List<UpstreamEffect> effects, Instant now) {
    effects.stream()
        .filter(UpstreamEffect.OpenStream.class::isInstance)
        .forEach(open -> attempts.addLast(now));
  }

  static UpstreamSettings settings(OptionalInt maxRetries, Duration stallAfter) {
    return new UpstreamSettings(
        Backoff.DATABASE,
        maxRetries,
        Duration.ofSeconds(10),
        Duration.ofSeconds(12),
        Duration.ofSeconds(15),
        stallAfter,
        Duration.ofSeconds(20),
        Duration.ofSeconds(30));
  }

  private static Arbitrary<UpstreamEvent> failed() {
    return Combinators.combine(
            Arbitraries.frequency(
                Tuple.of(4, FailureKind.NETWORK),
                Tuple.of(1, FailureKind.RESOURCES),
                Tuple.of(2, FailureKind.BEHIND),
                Tuple.of(1, FailureKind.QUERY),
                Tuple.of(3, FailureKind.HISTORY_LOST),
                Tuple.of(2, FailureKind.CREDENTIALS)),
            chances())
        .as((kind, chance) -> new StreamFailed(new Failure(kind, "so"), chance));
  }

  private static Arbitrary<Double> chances() {
    return Arbitraries.doubles().between(0, true, 1, false);
  }

  private static Arbitrary<UpstreamEvent> probes() {
    Arbitrary<Optional<Checkpoint>> shown =
        Arbitraries.frequencyOf(
            Tuple.of(
                8,
                Combinators.combine(
                        Arbitraries.frequency(Tuple.of(9, "e"), Tuple.of(1, "other")),
                        Arbitraries.frequency(Tuple.of(9, -1L), Tuple.of(1, Long.MAX_VALUE)))
                    .as((epoch, time) -> Optional.of(new Checkpoint(epoch, time)))),
            Tuple.of(1, Arbitraries.just(Optional.<Checkpoint>empty())));
    return Combinators.combine(Arbitraries.frequency(Tuple.of(9, 0), Tuple.of(1, 7)), shown)
        .as((endpoint, present) ->
            new EndpointProbed(endpoint, present, Optional.of(new Checkpoint("e", -2L))));
  }

  @Provide
  Arbitrary<List<Happening>> happenings() {
    Arbitrary<UpstreamEvent> events =
        Arbitraries.frequencyOf(
            Tuple.of(12, failed()),
            Tuple.of(12, chances().map(DeadlineReached::new)),
            Tuple.of(8, Arbitraries.just(new StreamOpened())),
            Tuple.of(4, Arbitraries.just(new UpstreamEvent.SnapshotStarted())),
            Tuple.of(4, Arbitraries.just(new UpstreamEvent.CatchUpStarted())),
            Tuple.of(3, Arbitraries.just(new UpstreamEvent.OpeningProgressed())),
            Tuple.of(3, Arbitraries.just(new UpstreamEvent.Heard())),
            Tuple.of(3, Arbitraries.just(new UpstreamEvent.FrontierMoved())),
            Tuple.of(2, Arbitraries.just(new UpstreamEvent.FrontierStoodStill())),
            Tuple.of(3, probes()),
            Tuple.of(3, Arbitraries.just(new UpstreamEvent.RetryRequested())),
            Tuple.of(1, Arbitraries.just(new UpstreamEvent.StopRequested())));
    Arbitrary<Duration> pauses =
        Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.longs().between(0, 300)),
                Tuple.of(1, Arbitraries.longs().between(300, 25_000)))
            .map(Duration::ofMillis);
    Arbitrary<List<Happening>> random =
        Combinators.combine(pauses, Arbitraries.of(true, false), events)
            .as(Happening::new)
            .list()
            .ofMinSize(1)
            .ofMaxSize(60);
    // Random events alone are hardly ever healthy for five minutes.
    Arbitrary<List<Happening>> healthy =
        Combinators.combine(
                Arbitraries.longs().between(5_000, 14_000).map(Duration::ofMillis),
                Arbitraries.just(false),
                Arbitraries.frequencyOf(
                    Tuple.of(1, Arbitraries.just(new UpstreamEvent.Heard())),
                    Tuple.of(8, probes())))
            .as(Happening::new)
            .list()
            .ofMinSize(30)
            .ofMaxSize(60);
    return Combinators.combine(
            random, Arbitraries.oneOf(healthy, Arbitraries.just(List.<Happening>of())), random)
        .as((before, between, after) -> {
          List<Happening> story = new ArrayList<>();
          story.add(new Happening(Duration.ZERO, false, new UpstreamEvent.Started()));
          story.addAll(before);
          story.addAll(between);
          story.addAll(after);
          return story;
        });
  }

  @Provide
  Arbitrary<List<Happening>> storms() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 30).map(Duration::ofMillis),
            Arbitraries.of(true, false, false),
            failed())
        .as(Happening::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(120);
  }

  @Provide
  Arbitrary<OptionalInt> limits() {
    return Arbitraries.of(
        OptionalInt.empty(), OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(3));
  }

  @Provide
  Arbitrary<List<String>> names() {
    return Arbitraries.of(List.of("a"), List.of("a", "b"), List.of("a", "b", "c"));
  }

  @Provide
  Arbitrary<Duration> stalls() {
    return Arbitraries.of(Duration.ZERO, Duration.ofSeconds(7), Duration.ofSeconds(17));
  }
}
