package io.tycostream.domain.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A request for a subscription. */
final class SubscribeTest {

  /** The same request is then the same text, whatever order the columns came in. */
  @Test
  void columnsStandInOrderAndAreItsOwn() {
    Set<String> wanted = new HashSet<>(List.of("z", "a", "m"));
    Set<String> columns = columns(Optional.of(wanted)).orElseThrow();
    wanted.clear();
    assertEquals(List.of("a", "m", "z"), List.copyOf(columns));
    assertThrows(UnsupportedOperationException.class, columns::clear);
  }

  @Test
  void noColumnsAreAnotherThingThanAllOfThem() {
    assertEquals(Optional.of(Set.of()), columns(Optional.of(Set.of())));
    assertEquals(Optional.empty(), columns(Optional.empty()));
  }

  private static Optional<Set<String>> columns(Optional<Set<String>> wanted) {
    Subscribe subscribe =
        new Subscribe(
            "r",
            "s",
            Filter.EVERYTHING,
            wanted,
            Optional.empty(),
            true,
            OnGap.SNAPSHOT,
            false,
            Optional.empty(),
            OptionalDouble.empty(),
            Subscribe.DEFAULT_PRIORITY);
    return subscribe.from(Optional.of("e.1.p")).columns();
  }
}
