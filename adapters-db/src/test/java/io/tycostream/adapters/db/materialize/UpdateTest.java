package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpdateTest {

  private static final CopyText TWO = new CopyText(2);

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void readsRowsAndProgress() throws Exception {
    assertEquals(
        new Update.Progress(1_700_000_000_000L),
        Update.read(line("1700000000000\tt\t\\N\t\\N\t\\N"), TWO));
    assertEquals(
        new Update.Rows(1_700_000_000_000L, Row.of("1", null), -2),
        Update.read(line("1700000000000\tf\t-2\t1\t\\N"), TWO));
    assertEquals(
        new Update.Rows(0, Row.of("a\tb", ""), 10_000_000),
        Update.read(line("0\tf\t10000000\ta\\tb\t"), TWO));
  }

  /** Times have 64 bits and no sign. */
  @Property
  void readsEveryTime(@ForAll long time) throws Exception {
    String text = Long.toUnsignedString(time);
    assertEquals(new Update.Progress(time), Update.read(line(text + "\tt\t\\N\t\\N\t\\N"), TWO));
    assertEquals(OptionalLong.of(time), Update.progress(line(text + "\tt\t\\N")));
    assertEquals(OptionalLong.empty(), Update.progress(line(text + "\tf\t1\tt\t")));
  }

  @Test
  void readsTheLastTimeThereIs() throws Exception {
    assertEquals(
        new Update.Progress(-1), Update.read(line("18446744073709551615\tt\t\\N\t\\N\t\\N"), TWO));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1\tf",
        "1\tf\t1",
        "1\tf\t1\ta",
        "1\tf\t1\ta\tb\tc",
        "1\tx\t1\ta\tb",
        "1\ttrue\t1\ta\tb",
        "\tf\t1\ta\tb",
        "-1\tf\t1\ta\tb",
        "1.5\tf\t1\ta\tb",
        "18446744073709551616\tf\t1\ta\tb",
        "99999999999999999999\tf\t1\ta\tb",
        "184467440737095516150\tf\t1\ta\tb",
        "1\tf\t\ta\tb",
        "1\tf\t-\ta\tb",
        "1\tf\t\\N\ta\tb",
        "1\tf\t9223372036854775808\ta\tb",
      })
  void takesNothingForALineThatIsNone(String text) {
    StreamException e = assertThrows(StreamException.class, () -> Update.read(line(text), TWO));
    assertEquals(FailureKind.NETWORK, e.failure().kind());
  }
}
