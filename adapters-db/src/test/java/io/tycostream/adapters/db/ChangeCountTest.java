package io.tycostream.adapters.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeCountTest {

  private static final Row ONE = Row.of("1", "a");
  private static final Row ONE_AFTER = Row.of("1", "b");
  private static final Row TWO = Row.of("2", "a");
  private static final long BYTES = ONE.bytes();

  private static ChangeCount count(String... key) {
    List<Column> columns = List.of(new Column("id", "int4"), new Column("v", "text"));
    return new ChangeCount(new Relation("public.t", "1", columns, List.of(key)));
  }

  private static void assertCounted(long changes, long rows, ChangeCount count) {
    assertEquals(
        new Observed.Changes(changes, rows * BYTES + changes * 32, Duration.ofSeconds(2)),
        count.during(Duration.ofSeconds(2)));
  }

  @Test
  void shouldTakeWhatHappensToAKeyAtOneTimeForOneChange() {
    ChangeCount count = count("id");
    count.row(5, ONE, -1);
    count.row(5, TWO, 1);
    count.row(5, ONE_AFTER, 1);
    assertCounted(2, 3, count);
    count.row(6, ONE_AFTER, -1);
    assertCounted(3, 4, count);
  }

  @Test
  void shouldCountEachCopyOfARowWithoutAKey() {
    ChangeCount count = count();
    count.row(5, ONE, -3);
    count.row(5, ONE, 2);
    assertCounted(5, 5, count);
  }

  @Test
  void shouldTellHowMuchThatIsInASecond() {
    Observed.Changes seen = new Observed.Changes(6, 600, Duration.ofMillis(1_500));
    assertEquals(4, seen.perSecond());
    assertEquals(400, seen.bytesPerSecond());
    assertThrows(IllegalArgumentException.class, () -> new Observed.Changes(0, 0, Duration.ZERO));
  }
}
