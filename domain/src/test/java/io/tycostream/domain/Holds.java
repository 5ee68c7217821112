package io.tycostream.domain;

import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What an onlooker claims of a machine. It says so without JUnit, which is not there where the
 * simulation runs by itself.
 */
public final class Holds {

  private Holds() {}

  /**
   * @throws AssertionError when it is not so
   */
  public static void assertTrue(boolean so) {
    assertTrue(so, "is not so");
  }

  /**
   * @throws AssertionError when it is not so
   */
  public static void assertTrue(boolean so, String claim) {
    assertTrue(so, () -> claim);
  }

  /**
   * @throws AssertionError when it is not so
   */
  public static void assertTrue(boolean so, Supplier<String> claim) {
    if (!so) {
      throw new AssertionError(claim.get());
    }
  }

  /**
   * @throws AssertionError when it is so
   */
  public static void assertFalse(boolean so, String claim) {
    assertTrue(!so, claim);
  }

  /**
   * @throws AssertionError when it is so
   */
  public static void assertFalse(boolean so, Supplier<String> claim) {
    assertTrue(!so, claim);
  }

  /**
   * @throws AssertionError when the two numbers are not equal
   */
  public static void assertEquals(long expected, long found) {
    assertTrue(expected == found, () -> found + ", and not " + expected);
  }

  /**
   * @throws AssertionError when the two are not equal
   */
  public static void assertEquals(@Nullable Object expected, @Nullable Object found) {
    assertEquals(expected, found, "is another one");
  }

  /**
   * @throws AssertionError when the two are not equal
   */
  public static void assertEquals(@Nullable Object expected, @Nullable Object found, String claim) {
    assertEquals(expected, found, () -> claim);
  }

  /**
   * @throws AssertionError when the two are not equal
   */
  public static void assertEquals(
      @Nullable Object expected, @Nullable Object found, Supplier<String> claim) {
    assertTrue(
        Objects.equals(expected, found),
        () -> claim.get() + ": " + found + ", and not " + expected);
  }

  /**
   * @throws AssertionError when the two are equal
   */
  public static void assertNotEquals(@Nullable Object other, @Nullable Object found, String claim) {
    assertTrue(!Objects.equals(other, found), () -> claim + ": " + found);
  }
}
