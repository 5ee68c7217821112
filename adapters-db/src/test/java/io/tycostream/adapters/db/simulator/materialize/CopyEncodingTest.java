package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/** COPY's text format, and how a COPY begins and ends. */
class CopyEncodingTest {

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t = materialize.table("t", MzColumn.text("a"), MzColumn.text("b"));
  private MzClient client;

  @BeforeEach
  void connect() throws SQLException {
    client = MzClient.of(materialize);
  }

  @AfterEach
  void end() throws SQLException {
    client.close();
    materialize.close();
    assertEquals(List.of(), materialize.failures());
  }

  @Test
  void backslashNewlineReturnAndTabAreEscapedAndNothingElse() throws SQLException {
    assertEquals("1\t1\ta\\\\b\\nc\\rd\\te\t\b\f\u000b\n", sent("a\\b\nc\rd\te", "\b\f\u000b"));
  }

  @Test
  void nullEmptyAndALiteralBackslashNAreThreeThings() throws SQLException {
    assertEquals("1\t1\t\\N\t\n", sent(null, ""));
    assertEquals("1\t1\t\\\\N\t\\N\n", sent("\\N", null));
  }

  @Test
  void textIsUtf8() throws SQLException {
    assertEquals("1\t1\tä€𝄞\tx\n", sent("ä€𝄞", "x"));
  }

  @Test
  void theAnswerSaysHowManyTextColumnsThereAre() throws SQLException {
    t.advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS) AS OF 9");
    assertEquals(5, copy.out().getFieldCount());
    assertEquals(0, copy.out().getFormat());
    assertEquals(0, copy.out().getFieldFormat(4));
  }

  @Test
  void itEndsWithTheNumberOfRowsAndTheConnectionIsFree() throws SQLException {
    t.insert(1, "a", "b").advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS) AS OF 1 UP TO 2");
    assertEquals(2, copy.rest().size());
    assertEquals(2, copy.out().getHandledRowCount());
    assertEquals(List.of("1"), client.rows("SELECT 1"));
  }

  @Test
  void aFailureBeforeTheStartIsAnErrorAlone() throws SQLException {
    t.retainHistory(1).advance(10);
    PSQLException error = client.refusedCopy("t AS OF 1");
    assertEquals("22000", error.getSQLState());
    assertEquals(0, materialize.server().streamedBytes());
    assertEquals(List.of("1"), client.rows("SELECT 1"));
  }

  @Test
  void aFailureInTheMiddleComesWithoutCopyDone() throws SQLException {
    t.advance(10);
    MzClient.Copy copy = client.subscribe("t WITH (PROGRESS) AS OF 9");
    assertEquals(2, copy.next(2).size());
    materialize.drop(t);
    // pgjdbc would return the end of the copy before the error if there had been a CopyDone.
    assertEquals("42704", copy.failure().getSQLState());
    assertTrue(client.jdbc().isValid(5));
  }

  @Test
  void aTableCanBeCopiedAsItIs() throws SQLException {
    t.write(1, 2, "a", null).insert(2, "b", "x").advance(3);
    assertEquals(
        List.of("a\t\\N\n", "a\t\\N\n"),
        client.copy("COPY (SELECT * FROM t AS OF 1) TO STDOUT").rest());
  }

  @Test
  void otherFormatsAreNotSimulated() {
    assertEquals(
        "0A000",
        org.junit.jupiter.api.Assertions.assertThrows(
                PSQLException.class,
                () -> client.copy("COPY (SUBSCRIBE t) TO STDOUT WITH (FORMAT csv)"))
            .getSQLState());
  }

  private String sent(String a, String b) throws SQLException {
    long time = t.upper() + 1;
    MzRow row = MzRow.of(a, b);
    t.write(time, 1, row).advance(time + 1);
    String line =
        client
            .subscribe("t WITH (SNAPSHOT = false) AS OF " + (time - 1) + " UP TO " + (time + 1))
            .next();
    client.close();
    client = MzClient.of(materialize);
    return "1" + line.substring(line.indexOf('\t'));
  }
}
