package io.tycostream.domain;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an onlooker claims of a machine; what is not as claimed is an {@link AssertionError}.
 * Without JUnit, which is not there where the simulation runs by itself.
 */
public final class Holds {

  private Holds() {}

  /** Claims that it is so. */
  public static void assertTrue(boolean so) {
    assertTrue(so, "is not so");
  }

  /** Claims that it is so. */
  public static void assertTrue(boolean so, String claim) {
    assertTrue(so, () -> claim);
  }

  /** Claims that it is so. */
  public static void assertTrue(boolean so, Supplier<String> claim) {
    if (!so) {
      throw new AssertionError(claim.get());
    }
  }

  /** Claims that it is not so. */
  public static void assertFalse(boolean so, String claim) {
    assertTrue(!so, claim);
  }

  /** Claims that it is not so. */
  public static void assertFalse(boolean so, Supplier<String> claim) {
    assertTrue(!so, claim);
  }

  /** Claims that two numbers are equal. */
  public static void assertEquals(long expected, long found) {
    assertTrue(expected == found, () -> found + ", and not " + expected);
  }

  /** Claims that the two are equal. */
  public static void assertEquals(@Nullable Object expected, @Nullable Object found) {
    assertEquals(expected, found, "is another one");
  }

  /** Claims that the two are equal. */
  public static void assertEquals(@Nullable Object expected, @Nullable Object found, String claim) {
    assertEquals(expected, found, () -> claim);
  }

  /** Claims that the two are equal. */
  public static void assertEquals(
      @Nullable Object expected, @Nullable Object found, Supplier<String> claim) {
    assertTrue(
        Objects.equals(expected, found),
        () -> claim.get() + ": " + found + ", and not " + expected);
  }

  /** Claims that the two differ. */
  public static void assertNotEquals(@Nullable Object other, @Nullable Object found, String claim) {
    assertTrue(!Objects.equals(other, found), () -> claim + ": " + found);
  }
}
