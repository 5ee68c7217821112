package io.tycostream.adapters.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PgOutputMessage.Attribute;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Begin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Commit;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Delete;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Insert;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Logical;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Origin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.RelationDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Truncate;
import io.tycostream.adapters.db.postgres.PgOutputMessage.TypeDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Update;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PgOutputDecoderTest {

  /** A message as bytes and as what it means. */
  record Example(Bytes bytes, PgOutputMessage message) {
    @Override
    public String toString() {
      return message.toString();
    }
  }

  static List<Example> examples() {
    Row row = Row.of("7", null, Row.UNCHANGED, "", "Zoë");
    return List.of(
        new Example(
            Bytes.of('B').int8(0xffff_ffff_0000_0001L).int8(5).int4(-2),
            new Begin(0xffff_ffff_0000_0001L, 5, -2)),
        new Example(Bytes.of('C').int1(0).int8(10).int8(11).int8(12), new Commit(10, 11, 12)),
        new Example(Bytes.of('O').int8(10).string("elsewhere"), new Origin(10, "elsewhere")),
        new Example(
            Bytes.of('R')
                .int4(16384)
                .string("public")
                .string("trades")
                .int1('d')
                .int2(2)
                .int1(1)
                .string("id")
                .int4(20)
                .int4(-1)
                .int1(0)
                .string("größe")
                .int4(1700)
                .int4(655366),
            new RelationDescribed(
                16384,
                "public",
                "trades",
                'd',
                List.of(
                    new Attribute(true, "id", 20, -1),
                    new Attribute(false, "größe", 1700, 655366)))),
        new Example(
            Bytes.of('R').int4(1).string("").string("pg_class").int1('n').int2(0),
            new RelationDescribed(1, "pg_catalog", "pg_class", 'n', List.of())),
        new Example(
            Bytes.of('Y').int4(99).string("public").string("mood"),
            new TypeDescribed(99, "public", "mood")),
        new Example(tuple(Bytes.of('I').int4(-1).int1('N')), new Insert(-1, row)),
        new Example(tuple(Bytes.of('U').int4(1).int1('N')), new Update(1, Optional.empty(), row)),
        new Example(
            tuple(Bytes.of('U').int4(1).int1('K').int2(1).text("6").int1('N')),
            new Update(1, Optional.of(Row.of("6")), row)),
        new Example(
            tuple(Bytes.of('U').int4(1).int1('O').int2(1).int1('n').int1('N')),
            new Update(1, Optional.of(Row.of((String) null)), row)),
        new Example(Bytes.of('D').int4(1).int1('K').int2(1).text("6"), new Delete(1, Row.of("6"))),
        new Example(tuple(Bytes.of('D').int4(1).int1('O')), new Delete(1, row)),
        new Example(Bytes.of('T').int4(2).int1(3).int4(7).int4(-8), new Truncate(List.of(7, -8))),
        new Example(
            Bytes.of('M').int1(1).int8(9).string("p").int4(2).int1(1).int1(2),
            new Logical(true, 9, "p", ByteBuffer.wrap(new byte[] {1, 2}))));
  }

  private static Bytes tuple(Bytes bytes) {
    return bytes.int2(5).text("7").int1('n').int1('u').text("").text("Zoë");
  }

  @ParameterizedTest
  @MethodSource("examples")
  void shouldDecode(Example example) throws StreamException {
    assertEquals(example.message, PgOutputDecoder.decode(example.bytes.buffer()));
  }

  @ParameterizedTest
  @MethodSource("examples")
  void shouldRefuseWhatIsCutShortAnywhere(Example example) {
    byte[] whole = example.bytes.array();
    for (int length = 0; length < whole.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(whole, length));
      StreamException e =
          assertThrows(StreamException.class, () -> PgOutputDecoder.decode(cut), "" + length);
      assertEquals(FailureKind.NETWORK, e.failure().kind());
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void shouldRefuseBytesLeftOver(Example example) {
    ByteBuffer longer = example.bytes.int1(0).buffer();
    assertThrows(StreamException.class, () -> PgOutputDecoder.decode(longer));
  }

  @Test
  void shouldTellAnUnchangedValueFromOneWithTheSameText() throws StreamException {
    Insert insert =
        (Insert)
            PgOutputDecoder.decode(
                Bytes.of('I').int4(1).int1('N').int2(2).text("(unchanged)").int1('u').buffer());
    assertTrue(!insert.row().isUnchanged(0) && insert.row().isUnchanged(1));
  }

  @Test
  void shouldReadOnlyWhatIsLeftOfABuffer() throws StreamException {
    ByteBuffer buffer = Bytes.of('x').int1('C').int1(0).int8(10).int8(11).int8(12).buffer();
    buffer.get();
    assertEquals(new Commit(10, 11, 12), PgOutputDecoder.decode(buffer));
  }

  @Test
  void shouldNameAnUnknownType() {
    StreamException e =
        assertThrows(
            StreamException.class, () -> PgOutputDecoder.decode(Bytes.of('S').int4(1).buffer()));
    assertEquals(FailureKind.QUERY, e.failure().kind());
    assertTrue(e.getMessage().contains("'S'"), e.getMessage());
  }

  @Test
  void shouldRefuseLengthsAndKindsThatCannotBe() {
    List<Bytes> wrong =
        List.of(
            Bytes.of('I').int4(1).int1('N').int2(-1),
            Bytes.of('I').int4(1).int1('N').int2(1).int1('t').int4(-1),
            Bytes.of('I').int4(1).int1('N').int2(1).int1('t').int4(Integer.MAX_VALUE),
            Bytes.of('I').int4(1).int1('N').int2(1).int1('b').int4(0),
            Bytes.of('I').int4(1).int1('K').int2(0),
            Bytes.of('D').int4(1).int1('N').int2(0),
            Bytes.of('T').int4(Integer.MAX_VALUE).int1(0).int4(1));
    for (Bytes bytes : wrong) {
      assertThrows(StreamException.class, () -> PgOutputDecoder.decode(bytes.buffer()));
    }
  }
}
