package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Moments are what the JDK reads, in whatever form they are. */
class MomentsTest {

  private static final String DIGITS = "0123456789";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-21T20:45:16.123456Z",
        "2026-11-21T20:45:16Z",
        "2026-11-21T20:45:16.1Z",
        "2026-11-21T20:45:16.123456789Z",
        "1969-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00Z",
        "0000-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-11-21T20:45:16+01:00",
        "2026-11-21T20:45Z",
        "+12026-11-21T20:45:16Z",
        "-0043-11-21T20:45:16Z"
      })
  void areWhatTheJdkReads(String text) {
    assertEquals(OffsetDateTime.parse(text).toInstant(), Moments.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Z",
        "infinity",
        "2026-11-21T20:45:16",
        "2026-11-21 20:45:16Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-21T24:45:16Z",
        "2026-11-21T20:60:16Z",
        "2026-11-21T20:45:60Z",
        "2026-11-21T20:45:16.1234567891Z",
        "2026-11-21T20:45:16.12x4Z",
        "2026-11-21T20:45:16,123Z",
        "2026-11-21T20:45:16.123456ZZ",
        "２026-11-21T20:45:16Z"
      })
  void areNotReadOutOfAnythingElse(String text) {
    assertThrows(DateTimeException.class, () -> OffsetDateTime.parse(text));
    assertThrows(DateTimeException.class, () -> Moments.parse(text));
  }

  @Test
  void areWhatTheJdkWrites() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      Instant moment =
          Instant.ofEpochSecond(
              random.nextLong(-62_167_219_200L, 253_402_300_800L), random.nextInt(1_000_000_000));
      assertEquals(moment, Moments.parse(moment.toString()));
    }
  }

  @Test
  void oneWrongCharacterIsReadAsTheJdkReadsIt() {
    String right = "2026-11-21T20:45:16.123456Z";
    for (int at = 0; at < right.length(); at++) {
      for (char other : (DIGITS + "-:.TZ +x").toCharArray()) {
        String text = right.substring(0, at) + other + right.substring(at + 1);
        assertEquals(read(text, false), read(text, true), text);
      }
    }
  }

  private static String read(String text, boolean ours) {
    try {
      return (ours ? Moments.parse(text) : OffsetDateTime.parse(text).toInstant()).toString();
    } catch (DateTimeException e) {
      return "none";
    }
  }
}
