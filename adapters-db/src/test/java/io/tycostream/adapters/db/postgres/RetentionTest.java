package io.tycostream.adapters.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.upstream.Margin;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class RetentionTest {

  private static Margin margin(String status, OptionalLong safe, OptionalLong most) {
    return new Retention(30, 10, status, safe, most).margin();
  }

  @Test
  void leavesWhatTheFirstOfTheBoundsLeaves() {
    assertEquals(
        OptionalLong.of(70), margin("reserved", OptionalLong.of(90), OptionalLong.of(100)).bytes());
    assertEquals(
        OptionalLong.of(-5),
        margin("unreserved", OptionalLong.of(-5), OptionalLong.of(100)).bytes());
    assertEquals(
        OptionalLong.empty(),
        margin("reserved", OptionalLong.empty(), OptionalLong.empty()).bytes());
  }

  @Test
  void warnsWhenTheServerIsAboutToGiveUp() {
    OptionalLong unbounded = OptionalLong.empty();
    assertEquals(Optional.empty(), margin("extended", unbounded, unbounded).warning());
    assertTrue(margin("unreserved", unbounded, unbounded).warning().isPresent());
  }
}
