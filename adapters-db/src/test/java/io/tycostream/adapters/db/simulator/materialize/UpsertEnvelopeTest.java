package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ENVELOPE UPSERT makes of the updates of one time and key. */
class UpsertEnvelopeTest {

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t = materialize.table("t", MzColumn.text("v"), MzColumn.int4("k"));
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
  void theKeyComesFirst() throws SQLException {
    t.insert(1, "a", "1").advance(2);
    assertEquals(List.of("1\tupsert\t1\ta\n"), at(1));
  }

  @Test
  void insertDeleteAndUpdateAreWhatTheyAre() throws SQLException {
    t.insert(1, "a", "1").insert(1, "b", "2").advance(2);
    t.delete(2, "a", "1").delete(2, "b", "2").insert(2, "c", "2").insert(2, "d", "3").advance(3);
    assertEquals(List.of("2\tdelete\t1\t\\N\n", "2\tupsert\t2\tc\n", "2\tupsert\t3\td\n"), at(2));
  }

  @Test
  void everythingElseIsAViolation() throws SQLException {
    t.write(1, 2, "a", "1")
        .insert(1, "a", "2")
        .insert(1, "b", "2")
        .insert(1, "a", "3")
        .insert(1, "b", "3")
        .advance(2);
    assertEquals(
        List.of(
            "1\tkey_violation\t1\t\\N\n",
            "1\tkey_violation\t2\t\\N\n",
            "1\tkey_violation\t3\t\\N\n"),
        at(1));
    t.write(2, -2, "a", "1").delete(2, "a", "2").delete(2, "b", "2").advance(3);
    assertEquals(List.of("2\tkey_violation\t1\t\\N\n", "2\tkey_violation\t2\t\\N\n"), at(2));
  }

  @Test
  void whatHappenedAtAnotherTimeIsForgotten() throws SQLException {
    t.insert(1, "1", "1").insert(1, "2", "1").advance(2);
    t.insert(2, "3", "1").advance(3);
    t.delete(3, "1", "1").advance(4);
    assertEquals(List.of("1\tkey_violation\t1\t\\N\n"), at(1));
    assertEquals(List.of("2\tupsert\t1\t3\n"), at(2));
    assertEquals(List.of("3\tdelete\t1\t\\N\n"), at(3));
  }

  @Test
  void anUnknownKeyIsRefused() {
    assertEquals("XX000", client.refusedCopy("t ENVELOPE UPSERT (KEY (x))").getSQLState());
  }

  private List<String> at(long time) throws SQLException {
    return client
        .subscribe(
            "t WITH (SNAPSHOT = false) ENVELOPE UPSERT (KEY (k)) AS OF "
                + (time - 1)
                + " UP TO "
                + (time + 1))
        .rest();
  }
}
