package io.tycostream.adapters.db.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.StreamException;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CopyTextTest {

  private static Row decode(int columns, String line) throws StreamException {
    return new CopyText(columns).row(line.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void shouldTellNullFromNothingAndFromItsOwnText() throws StreamException {
    assertEquals(Row.of(null, "", "N", "\\N", "N"), decode(5, "\\N\t\tN\t\\\\N\t\\x4E\n"));
  }

  @Test
  void shouldReadEveryEscape() throws StreamException {
    assertEquals(
        Row.of("\b\f\n\r\t\u000b\\.q", "ab"), decode(2, "\\b\\f\\n\\r\\t\\v\\\\\\.\\q\tab\n"));
  }

  @ParameterizedTest
  @CsvSource({"\\101,A", "\\1012,A2", "\\60,0", "\\608,08", "\\x41,A", "\\x411,A1", "\\xg,xg"})
  void shouldReadBytesByNumber(String text, String value) throws StreamException {
    assertEquals(Row.of(value), decode(1, text));
  }

  @Test
  void shouldPutBytesByNumberTogetherToCharacters() throws StreamException {
    assertEquals(Row.of("ë", "\t"), decode(2, "\\xc3\\253\t\\\t"));
  }

  @Test
  void shouldReadALineWithoutNewlineAndARowWithoutColumns() throws StreamException {
    assertEquals(Row.of("a", "b"), decode(2, "a\tb"));
    assertEquals(Row.of(), decode(0, "\n"));
  }

  @Test
  void shouldRefuseAnotherNumberOfColumns() {
    assertThrows(StreamException.class, () -> decode(2, "a\n"));
    assertThrows(StreamException.class, () -> decode(2, "a\tb\tc\n"));
    assertThrows(StreamException.class, () -> decode(1, "a\\"));
  }

  @Property
  void shouldReadBackWhatTheServerWrites(@ForAll String one, @ForAll String other)
      throws StreamException {
    // Half a surrogate pair is no text that a database could hold.
    String left = new String(one.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    String right = new String(other.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    assertEquals(
        Row.of(left, null, right), decode(3, escaped(left) + "\t\\N\t" + escaped(right) + "\n"));
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\")
        .replace("\b", "\\b")
        .replace("\f", "\\f")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
        .replace("\u000b", "\\v");
  }
}
