package io.tycostream.adapters.db.simulator.materialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.wire.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.util.PSQLException;

/** A COPY that is cut after every number of bytes. */
class CutTest {

  private static final String WHOLE =
      "COPY (SUBSCRIBE t WITH (PROGRESS) AS OF 9 UP TO 40) TO STDOUT";

  private final MaterializeSimulator materialize = MaterializeSimulator.start();
  private final MzObject t = materialize.table("t", MzColumn.int4("id"), MzColumn.text("v"));

  /** Several times in a batch, two rows of a time, an insertion before its retraction, escapes. */
  @BeforeEach
  void write() {
    t.insert(5, "1", "z").write(6, 3, "2", "tab\tand \\N").advance(10);
    t.delete(12, "1", "z").insert(12, "1", "a").insert(15, "3", null).advance(20);
    t.write(20, -2, "2", "tab\tand \\N").insert(29, "3", "").delete(29, "3", null).advance(30);
    t.advance(41);
  }

  @AfterEach
  void end() {
    materialize.close();
    assertEquals(List.of(), materialize.failures());
  }

  @Test
  void whatArrivesIsAPrefixOfWhatWouldHaveArrived() throws IOException {
    byte[] whole = answer();
    int stream = Math.toIntExact(materialize.server().streamedBytes());
    assertEquals('H', whole[0]);
    assertTrue(new String(whole, StandardCharsets.UTF_8).contains("COPY "));
    for (int k = 0; k <= stream; k++) {
      materialize.faults().cutStreamsAfter(k);
      assertArrayEquals(Arrays.copyOf(whole, k), answer());
    }
    assertArrayEquals(whole, answer());
  }

  @Test
  void whoResumesOneBeforeTheLastProgressMissesAndRepeatsNothing() throws Exception {
    byte[] whole = answer();
    for (int k = 0; k < whole.length - 6; k++) {
      Follower follower = new Follower();
      materialize.faults().cutStreamsAfter(k);
      follower.run(materialize);
      follower.run(materialize);
      assertEquals(t.state(39), follower.state, "cut after " + k);
      assertEquals(t.changes(follower.start + 1, 40), follower.changes, "cut after " + k);
    }
  }

  private byte[] answer() throws IOException {
    try (RawClient client = RawClient.connected(materialize.server())) {
      client.readUntil('Z');
      client.query(WHOLE);
      return client.readUntil('Z');
    }
  }

  /** The least that follows a SUBSCRIBE rightly. */
  private static final class Follower {
    private final Map<MzRow, Long> state = new TreeMap<>();
    private final List<Update> changes = new ArrayList<>();
    private long frontier = -1;
    private long start = -1;

    /** Reads until the end or a cut. */
    void run(MaterializeSimulator materialize) throws SQLException {
      boolean fresh = frontier < 0;
      long asOf = fresh ? 9 : frontier - 1;
      List<Update> pending = new ArrayList<>();
      try (MzClient client = MzClient.of(materialize)) {
        MzClient.Copy copy =
            client.subscribe(
                "t WITH (PROGRESS, SNAPSHOT = " + fresh + ") AS OF " + asOf + " UP TO 40");
        for (String line = copy.next(); line != null; line = copy.next()) {
          List<String> fields = List.of(line.substring(0, line.length() - 1).split("\t", -1));
          long time = Long.parseLong(fields.get(0));
          if (fields.get(1).equals("f")) {
            MzRow row = MzRow.of(value(fields.get(3)), value(fields.get(4)));
            pending.add(new Update(time, row, Long.parseLong(fields.get(2))));
          } else if (time > asOf) {
            apply(pending, fresh ? asOf : -1);
            frontier = time;
            start = start < 0 ? asOf : start;
          }
        }
        // An end by UP TO has no last progress.
        apply(pending, fresh ? asOf : -1);
        frontier = 40;
        start = start < 0 ? asOf : start;
      } catch (PSQLException cut) {
        assertEquals("08006", cut.getSQLState());
      }
    }

    private void apply(List<Update> pending, long snapshot) {
      for (Update update : pending) {
        if (state.merge(update.row(), update.diff(), Long::sum) == 0) {
          state.remove(update.row());
        }
        if (update.time() != snapshot) {
          changes.add(update);
        }
      }
      pending.clear();
    }

    private static String value(String field) {
      return field.equals("\\N") ? null : field.replace("\\t", "\t").replace("\\\\", "\\");
    }
  }
}
