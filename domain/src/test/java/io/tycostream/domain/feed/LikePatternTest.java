package io.tycostream.domain.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Against Java's regular expressions, and examples asked of PostgreSQL. */
class LikePatternTest {

  private static boolean like(String text, String pattern) {
    return new LikePattern(pattern, false).matches(text);
  }

  @Property(tries = 5_000)
  void itMatchesAsARegularExpressionDoes(
      @ForAll("texts") String text,
      @ForAll("patterns") String pattern,
      @ForAll boolean ignoreCase) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i += Character.charCount(pattern.codePointAt(i))) {
      int point = pattern.codePointAt(i);
      if (point == '\\') {
        point = pattern.codePointAt(++i);
        regex.append(Pattern.quote(Character.toString(point)));
      } else {
        regex.append(
            point == '%' ? ".*" : point == '_' ? "." : Pattern.quote(Character.toString(point)));
      }
    }
    int flags = Pattern.DOTALL | (ignoreCase ? Pattern.CASE_INSENSITIVE : 0);
    LikePattern like = new LikePattern(pattern, ignoreCase);
    assertEquals(
        Pattern.compile(regex.toString(), flags).matcher(text).matches(), like.matches(text));
    LikePattern again = new LikePattern(like.canonical(), ignoreCase);
    assertEquals(like.matches(text), again.matches(text));
    assertEquals(like.canonical(), again.canonical());
  }

  @Test
  void anUnderscoreIsOneCodePoint() {
    assertTrue(like("😀", "_"));
    assertFalse(like("😀", "__"));
    assertTrue(like("a😀b", "%_b"));
    assertTrue(like("😀😀", "%😀"));
  }

  @Test
  void aBackslashTakesAwayTheMeaning() {
    assertTrue(like("a%b", "a\\%b"));
    assertFalse(like("axb", "a\\%b"));
    assertTrue(like("a\\b", "a\\\\b"));
    assertFalse(like("a\\b", "a\\b"));
    assertTrue(like("ab", "a\\b"));
  }

  @Test
  void theEmptyPatternIsTheEmptyText() {
    assertTrue(like("", ""));
    assertTrue(like("", "%"));
    assertFalse(like("a", ""));
    assertFalse(like("", "_"));
  }

  @Test
  void caseIsThatOfSingleCodePoints() {
    assertTrue(new LikePattern("äb_", true).matches("ÄBC"));
    assertFalse(new LikePattern("strasse", true).matches("Straße"));
    assertTrue(new LikePattern("\uD801\uDC28", true).matches("\uD801\uDC00"));
  }

  @Test
  void aLineBreakIsAnyCharacterToo() {
    assertTrue(like("a\n\u2028b", "a%b"));
  }

  @Test
  void lengthIsBoundedAndAnEscapeNeedsWhatItEscapes() {
    assertTrue(like("a".repeat(256), "a".repeat(256)));
    assertTrue(new LikePattern("😀".repeat(256), false).matches("😀".repeat(256)));
    String tooLong = "a".repeat(257);
    assertThrows(IllegalArgumentException.class, () -> new LikePattern(tooLong, false));
    assertThrows(IllegalArgumentException.class, () -> new LikePattern("a\\", false));
  }

  /** A matcher that tries every way would not come back from these. */
  @Test
  void hostilePatternsComeBack() {
    String text = "a".repeat(20_000);
    assertFalse(like(text, "%a".repeat(127) + "%b"));
    assertFalse(like(text, "%" + "a".repeat(254) + "b"));
    assertFalse(like(text, "%_".repeat(127) + "%b"));
    assertTrue(like(text, "%".repeat(256)));
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("a", "b", "A", "%", "_", "\\", "😀", "\n")
        .list()
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> patterns() {
    return Arbitraries.of("a", "b", "A", "%", "%", "_", "\\%", "\\_", "\\\\", "\\a", "😀", "\n")
        .list()
        .ofMaxSize(6)
        .map(parts -> String.join("", parts));
  }
}
