package io.tycostream.simulation;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What clients want: subscriptions of all kinds, with filters over columns that all tables have.
 */
final class Wishes {

  private static final List<DropPolicy> OF_STATE =
      List.of(DropPolicy.DROP_OLDEST, DropPolicy.CONFLATE, DropPolicy.BY_AGE);
  private static final List<DropPolicy> OF_EVENTS =
      List.of(DropPolicy.DROP_OLDEST, DropPolicy.DROP_NEWEST, DropPolicy.BY_AGE, DropPolicy.SAMPLE);

  /** Changes a second; fewer would not have come to an end when all has to be settled. */
  private static final List<Double> RATES = List.of(20.0, 100.0);

  private final World world;

  Wishes(World world) {
    this.world = world;
  }

  Subscribe subscription(String ref, String table) {
    boolean events = world.chance(0.25);
    return new Subscribe(
        ref,
        table,
        world.chance(0.5) ? Filter.EVERYTHING : filter(2),
        world.chance(0.7) ? Optional.empty() : Optional.of(columns()),
        Optional.empty(),
        !events || world.chance(0.5),
        events ? OnGap.CONTINUE : OnGap.SNAPSHOT,
        world.chance(0.3),
        world.chance(0.4) ? Optional.empty() : Optional.of(buffer(events)),
        world.chance(0.85) ? OptionalDouble.empty() : OptionalDouble.of(world.pick(RATES)),
        (int) world.between(1, 9));
  }

  /** How much may wait for a connection; seldom as little as that some have to give way. */
  Optional<BufferRequest> connection() {
    return world.chance(0.7)
        ? Optional.empty()
        : Optional.of(
            new BufferRequest(
                OptionalLong.of(world.pick(List.of(20L, 40L, 100L))),
                Optional.of(
                    world.pick(
                        List.of(
                            DropPolicy.DROP_OLDEST, DropPolicy.BY_AGE, DropPolicy.BY_PRIORITY))),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                Optional.of(Duration.ofSeconds(3)),
                OptionalInt.empty()));
  }

  private Set<String> columns() {
    return world.pick(
        List.of(Set.of(), Set.of("name"), Set.of("amount"), Set.of("name", "amount")));
  }

  private BufferRequest buffer(boolean events) {
    return new BufferRequest(
        OptionalLong.of(world.pick(List.of(1L, 4L, 20L))),
        Optional.of(world.pick(events ? OF_EVENTS : OF_STATE)),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        Optional.of(Duration.ofMillis(world.between(100, 3_000))),
        OptionalInt.of((int) world.between(1, 5)));
  }

  /** A condition with others in it, down to a depth. */
  Filter filter(int depth) {
    return switch (world.below(depth == 0 ? 5 : 8)) {
      case 0 -> new Filter.Compared("id", comparison(), number());
      case 1 -> new Filter.Compared("amount", comparison(), number());
      case 2 ->
          world.chance(0.6)
              ? new Filter.Compared("name", Filter.Comparison.EQ, name())
              : new Filter.OneOf("name", List.of(name(), name()), world.chance(0.3));
      case 3 -> new Filter.IsNull("amount", world.chance(0.5));
      case 4 ->
          new Filter.Like("name", world.pick(List.of("n_", "%1", "N2", "%")), world.chance(0.5));
      case 5 -> new Filter.And(several(depth));
      case 6 -> new Filter.Or(several(depth));
      default -> new Filter.Not(filter(depth - 1));
    };
  }

  private List<Filter> several(int depth) {
    List<Filter> several = new ArrayList<>();
    for (int left = 1 + world.below(2); left >= 0; left--) {
      several.add(filter(depth - 1));
    }
    return several;
  }

  private Filter.Comparison comparison() {
    return world.pick(List.of(Filter.Comparison.values()));
  }

  private Literal number() {
    String digits = Integer.toString(world.below(10));
    return world.chance(0.7)
        ? new Literal.Number(world.chance(0.2) ? digits + ".0" : digits)
        : new Literal.Text(digits);
  }

  private Literal name() {
    return new Literal.Text("n" + world.below(4));
  }
}
