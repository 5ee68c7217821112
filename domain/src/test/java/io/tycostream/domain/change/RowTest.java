package io.tycostream.domain.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RowTest {

  private static final Row BEFORE = Row.of("1", "long text", null);

  @Test
  void aValueThatWasNotSentIsTakenFromTheRowBefore() {
    Row sent = Row.of("2", Row.UNCHANGED, "c");
    assertEquals(Row.of("2", "long text", "c"), sent.completedFrom(BEFORE));
    assertTrue(sent.hasUnchanged());
    assertTrue(sent.isUnchanged(1));
    assertFalse(sent.isUnchanged(0));
    assertEquals(Row.of("2", "c", null), Row.of("2", "c", Row.UNCHANGED).completedFrom(BEFORE));
  }

  @Test
  void aRowThatWasSentWholeStaysTheSame() {
    Row sent = Row.of("2", null, "c");
    assertFalse(sent.hasUnchanged());
    assertSame(sent, sent.completedFrom(BEFORE));
    assertFalse(Row.of().hasUnchanged());
  }

  /** Data may hold any text. */
  @Test
  @SuppressWarnings("StringOperationCanBeSimplified") // another object with the same text
  void theSameTextIsNotUnchanged() {
    assertFalse(Row.of(new String(Row.UNCHANGED)).hasUnchanged());
  }

  @Test
  void aProjectionHasTheColumnsAskedForInThatOrder() {
    assertEquals(Row.of(null, "1"), BEFORE.project(new int[] {2, 0}));
    assertEquals(Row.of(), BEFORE.project(new int[] {}));
    assertEquals(3, BEFORE.size());
  }

  @Test
  void itsSizeIsTheObjectAndEachValue() {
    assertEquals(24, Row.of().bytes());
    assertEquals(24 + 4, Row.of(new String[] {null}).bytes());
    assertEquals(24 + 48, Row.of("").bytes());
    assertEquals(24 + (48 + 1) + (48 + 9) + 4, BEFORE.bytes());
  }

  @Test
  void rowsAreEqualByTheirValues() {
    assertEquals(BEFORE, Row.of("1", "long text", null));
    assertEquals(BEFORE.hashCode(), Row.of("1", "long text", null).hashCode());
    assertNotEquals(BEFORE, Row.of("1", "long text", "null"));
    assertNotEquals(BEFORE, Row.of("1", "long text"));
    assertEquals("[1, long text, null]", BEFORE.toString());
  }

  /** Else every table of rows would be a list. */
  @Test
  void differentRowsSeldomShareAHash() {
    int hashes =
        IntStream.range(0, 1_000)
            .mapToObj(i -> Row.of(Integer.toString(i), "x").hashCode())
            .collect(Collectors.toSet())
            .size();
    assertTrue(hashes > 900, hashes + " hashes of 1,000 rows");
  }

  @Test
  void aRowThatTakesItsValuesIsNoOtherRow() {
    assertEquals(BEFORE, Row.taking(new String[] {"1", "long text", null}));
    assertEquals(BEFORE.bytes(), Row.taking(new String[] {"1", "long text", null}).bytes());
  }

  @Test
  void whatItWasMadeOfMayBeChanged() {
    String[] values = {"1"};
    Row row = Row.of(values);
    values[0] = "2";
    assertEquals("1", row.value(0));
  }
}
