package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.protocol.CloseCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class CloseReasonProperties {

  /** Of each number of bytes some, and both halves of what is more than 16 bits. */
  private static final Integer[] POINTS = {
    0x41, 0x7F, 0x80, 0xE9, 0x7FF, 0x800, 0x20AC, 0xD7FF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xE000,
    0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF
  };

  @Property
  void fitsIsABeginningAndIsAsLongAsItCanBe(@ForAll("texts") String text) {
    String cut = new CloseReason(CloseCode.TOO_LARGE, text).text();
    // What a text with halves of characters becomes when it is sent as UTF-8.
    String sent = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String whole = sent.isEmpty() ? CloseCode.TOO_LARGE.text() : sent;
    assertTrue(whole.startsWith(cut));
    int bytes = bytes(cut);
    assertTrue(bytes <= 123);
    if (cut.length() < whole.length()) {
      String more = Character.toString(whole.codePointAt(cut.length()));
      assertTrue(bytes + bytes(more) > 123);
    }
    assertEquals(cut, new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    assertEquals(cut, new CloseReason(CloseCode.TOO_LARGE, cut).text());
  }

  @Example
  void aTextOf123BytesStaysAndOneMoreIsCut() {
    String whole = "x".repeat(120) + "€";
    assertEquals(whole, new CloseReason(CloseCode.NORMAL, whole).text());
    assertEquals("x".repeat(121), new CloseReason(CloseCode.NORMAL, "x".repeat(121) + "€").text());
    assertEquals("x".repeat(120), new CloseReason(CloseCode.NORMAL, "x".repeat(120) + "😀").text());
  }

  @Example
  void everyCodeHasATextThatFits() {
    for (CloseCode code : CloseCode.values()) {
      assertEquals(code.text(), new CloseReason(code).text());
    }
  }

  @Example
  void whoIsSentAwayForGoodIsNotToldWhenToReturn() {
    for (CloseCode code : CloseCode.values()) {
      Optional<Duration> soon = Optional.of(Duration.ZERO);
      if (code.returns() == CloseCode.Return.NO) {
        assertThrows(
            IllegalArgumentException.class, () -> new CloseReason(code, "", soon), code.name());
      } else {
        assertEquals(soon, new CloseReason(code, "", soon).retryIn());
      }
      assertEquals(code.returns() != CloseCode.Return.NO, new CloseReason(code).resumable());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new CloseReason(CloseCode.DRAINING, "", Optional.of(Duration.ofNanos(-1))));
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<Integer> points =
        Arbitraries.oneOf(Arbitraries.of(POINTS), Arbitraries.integers().between(0, 0x10FFFF));
    return points
        .list()
        .ofMaxSize(140)
        .map(list ->
            list.stream()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString());
  }
}
