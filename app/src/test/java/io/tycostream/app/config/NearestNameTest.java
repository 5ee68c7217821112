package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameTest {

  @ParameterizedTest
  @CsvSource({
    "port, port, 0",
    "prot, port, 1",
    "por, port, 1",
    "ports, port, 1",
    "pork, port, 1",
    "'', port, 4",
    "slot, port, 3"
  })
  void shouldCountTheLettersToChange(String from, String to, int distance) {
    assertEquals(distance, NearestName.distance(from, to));
  }

  @Test
  void shouldTakeTheFirstOfEquallyNearOnes() {
    assertEquals(Optional.of("bat"), NearestName.to("aat", List.of("cat", "bat")));
    assertEquals(Optional.empty(), NearestName.to("a", List.of()));
  }

  @Property(tries = 200)
  void shouldBeTheSameBothWaysAndNoMoreThanTheLongerName(
      @ForAll @AlphaChars @StringLength(max = 9) String a,
      @ForAll @AlphaChars @StringLength(max = 9) String b) {
    int distance = NearestName.distance(a, b);
    assertEquals(distance, NearestName.distance(b, a));
    assertEquals(a.equals(b), distance == 0);
    assertEquals(true, distance <= Math.max(a.length(), b.length()));
  }
}
