package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.adapters.db.simulator.wire.RawClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which messages answer a statement, in which order. */
class WireSequenceTest {

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t = materialize.table("t", MzColumn.int4("id"));
  private RawClient client;

  @BeforeEach
  void connect() throws IOException {
    t.insert(1, "1").advance(10);
    client = RawClient.connected(materialize.server());
    assertEquals("R" + "S".repeat(14) + "KNZ", RawClient.types(client.readUntil('Z')));
  }

  @AfterEach
  void end() throws IOException {
    client.close();
    materialize.close();
    assertEquals(List.of(), materialize.failures());
  }

  @Test
  void aCursor() throws IOException {
    assertEquals("CZ", answer("BEGIN"));
    assertEquals("CZ", answer("DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1"));
    assertEquals("TCZ", answer("FETCH 0 c"));
    assertEquals("TDCZ", answer("FETCH ALL c WITH (timeout = '0s')"));
    assertEquals("CZ", answer("CLOSE c"));
    assertEquals("CZ", answer("COMMIT"));
  }

  @Test
  void aFetchThatFailsHasDescribedItsRows() throws IOException {
    t.retainHistory(1);
    assertEquals("CZ", answer("BEGIN"));
    assertEquals("CZ", answer("DECLARE c CURSOR FOR SUBSCRIBE t AS OF 1"));
    assertEquals("TEZ", answer("FETCH 0 c"));
    assertEquals("EZ", answer("FETCH 0 c"));
  }

  @Test
  void aSubscribeByItself() throws IOException {
    assertEquals("TNDDCZ", answer("SUBSCRIBE t WITH (PROGRESS) AS OF 1 UP TO 2"));
  }

  @Test
  void aCopy() throws IOException {
    assertEquals("HddcCZ", answer("COPY (SUBSCRIBE t WITH (PROGRESS) AS OF 1 UP TO 2) TO STDOUT"));
  }

  @Test
  void aCopyThatFailsBeforeItStarts() throws IOException {
    assertEquals("EZ", answer("COPY (SUBSCRIBE x) TO STDOUT"));
  }

  @Test
  void aCopyThatFailsInTheMiddleHasNoCopyDone() throws IOException {
    t.poison("division by zero");
    assertEquals("HdEZ", answer("COPY (SUBSCRIBE t WITH (PROGRESS)) TO STDOUT"));
  }

  @Test
  void aFatalErrorInTheMiddleIsSentAndEndsTheConnection() throws IOException {
    client.query("COPY (SUBSCRIBE t WITH (PROGRESS)) TO STDOUT");
    assertEquals("Hd", RawClient.types(client.readUntil('d')));
    assertEquals("d", RawClient.types(client.readUntil('d')));
    assertEquals("d", RawClient.types(client.readUntil('d')));
    materialize.failStreams(MaterializeErrors.authenticationExpired());
    assertEquals("E", RawClient.types(client.readAll()));
  }

  @Test
  void severalStatementsHaveOneReadyForQuery() throws IOException {
    assertEquals("TDCTDCZ", answer("SELECT 1; SELECT 2;"));
    assertEquals("TDCEZ", answer("SELECT 1; SELECT x FROM mz_objects; SELECT 2"));
    assertEquals("IZ", answer(" ; "));
  }

  private String answer(String sql) throws IOException {
    client.query(sql);
    return RawClient.types(client.readUntil('Z'));
  }
}
