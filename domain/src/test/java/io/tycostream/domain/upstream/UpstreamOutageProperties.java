package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.upstream.EndpointWorld.Endpoint;
import io.tycostream.domain.upstream.EndpointWorld.Manner;
import io.tycostream.domain.upstream.EndpointWorld.Phase;
import io.tycostream.domain.upstream.UpstreamState.Live;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The machine among endpoints that come and go, in virtual time. */
final class UpstreamOutageProperties {

  private static final int TROUBLE_ENDS = 60_000;

  /**
   * The longest wait, every endpoint once given up (10 s for opening, 12 s for reading), one slow
   * retry (30 s), and a stream whose silence has to be noticed (15 s).
   */
  private static final Duration BACK_WITHIN = Duration.ofSeconds(30 + 3 * 22 + 30 + 15);

  private static final Duration FAIL_BACK_WITHIN = Duration.ofMinutes(6);

  @Property(tries = 250, edgeCases = EdgeCasesMode.NONE)
  void isLiveWithinABoundedTimeOnceOneEndpointIsWell(
      @ForAll("endpoints") List<Endpoint> endpoints, @ForAll("which") int which) {
    int well = which % endpoints.size();
    List<Endpoint> some = new ArrayList<>(endpoints);
    some.set(well, recovering(endpoints.get(well)));
    EndpointWorld world = new EndpointWorld(some);
    world.runUntil(Instant.ofEpochMilli(TROUBLE_ENDS).plus(BACK_WITHIN));
    Live live = assertInstanceOf(Live.class, world.state());
    Manner manner = some.get(live.endpoints().current()).at(world.now());
    assertTrue(manner != Manner.REFUSES && manner != Manner.BREAKS, () -> "live on " + manner);
  }

  @Property(tries = 120, edgeCases = EdgeCasesMode.NONE)
  void isBackAtTheFirstEndpointWhenAllAreWellAndOfOneHistory(
      @ForAll("endpoints") List<Endpoint> endpoints) {
    List<Endpoint> all =
        endpoints.stream()
            .map(UpstreamOutageProperties::recovering)
            .map(one -> new Endpoint("e", one.replica(), one.phases()))
            .toList();
    EndpointWorld world = new EndpointWorld(all);
    world.runUntil(Instant.ofEpochMilli(TROUBLE_ENDS).plus(BACK_WITHIN));
    int resyncs = world.resyncs();
    world.runUntil(world.now().plus(FAIL_BACK_WITHIN));
    assertEquals(0, assertInstanceOf(Live.class, world.state()).endpoints().current());
    assertEquals(resyncs, world.resyncs(), "going back reads nothing anew");
  }

  @Example
  void staysWhereItIsWhenTheFirstEndpointHasAnotherHistory() {
    List<Endpoint> endpoints =
        List.of(
            new Endpoint("e", false, List.of(new Phase(5_000, Manner.REFUSES))),
            new Endpoint("e", true, List.of()));
    List<Endpoint> replaced =
        List.of(
            new Endpoint(
                "f",
                false,
                List.of(new Phase(0, Manner.REFUSES), new Phase(20_000, Manner.SERVES))),
            new Endpoint("e", true, List.of()));
    for (List<Endpoint> all : List.of(endpoints, replaced)) {
      EndpointWorld world = new EndpointWorld(all);
      world.runUntil(Instant.EPOCH.plus(Duration.ofMinutes(12)));
      assertEquals(1, assertInstanceOf(Live.class, world.state()).endpoints().current());
      assertEquals(1, world.resyncs());
    }
  }

  private static Endpoint recovering(Endpoint endpoint) {
    List<Phase> phases = new ArrayList<>(endpoint.phases());
    phases.add(new Phase(TROUBLE_ENDS, Manner.SERVES));
    return new Endpoint(endpoint.epoch(), endpoint.replica(), phases);
  }

  @Provide
  Arbitrary<List<Endpoint>> endpoints() {
    Arbitrary<List<Phase>> phases =
        Combinators.combine(
                Arbitraries.integers().between(0, TROUBLE_ENDS - 1), Arbitraries.of(Manner.class))
            .as(Phase::new)
            .list()
            .ofMaxSize(8)
            .map(list -> list.stream().sorted(Comparator.comparingInt(Phase::fromMillis)).toList());
    return Combinators.combine(
            Arbitraries.frequency(Tuple.of(5, "e"), Tuple.of(1, "f")),
            Arbitraries.of(true, false),
            phases)
        .as(Endpoint::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<Integer> which() {
    return Arbitraries.integers().between(0, 2);
  }
}
