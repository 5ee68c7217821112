package io.tycostream.adapters.db.postgres;

import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class MissingSegmentsTest {

  private static final String TEXT =
      "requested WAL segment 000000010000000000000001 has already been removed";

  private final MissingSegments missing = new MissingSegments();

  private static StreamException failure(String state, String text) {
    return PostgresFailures.TABLE.failure("db", "reading", new SQLException(text, state));
  }

  private FailureKind judged() {
    return missing.judge(failure("58P01", TEXT)).failure().kind();
  }

  @Test
  void shouldTryAFewTimesInARowAndThenTakeThePartForLost() {
    for (int round = 0; round < 2; round++) {
      for (int time = 0; time < 3; time++) {
        assertEquals(NETWORK, judged());
        missing.judge(failure("08006", "cut")); // what comes between says nothing of the log
      }
      StreamException lost = missing.judge(failure("58P01", TEXT));
      assertEquals(HISTORY_LOST, lost.failure().kind());
      assertTrue(lost.getMessage().contains("has already been removed"), lost.getMessage());
      assertTrue(missing.areLost());
    }
  }

  @Test
  void shouldBeginAnewWhenSomethingOfTheLogCame() {
    for (int time = 0; time < 10; time++) {
      assertEquals(NETWORK, judged());
      assertFalse(missing.areLost());
      missing.passed();
    }
  }

  @Test
  void shouldNotTakeThemForLostOnceSomethingOfTheLogCame() {
    for (int time = 0; time < 4; time++) {
      FailureKind unused = judged();
    }
    missing.passed();
    assertFalse(missing.areLost());
  }

  @Test
  void shouldLeaveOtherFailuresAsTheyAre() {
    for (int time = 0; time < 5; time++) {
      StreamException other = failure("58P01", "could not access file \"pgoutput\"");
      assertSame(other, missing.judge(other));
      StreamException text = failure("XX000", TEXT);
      assertSame(text, missing.judge(text));
      StreamException lost = failure("42704", "replication slot \"s\" does not exist");
      assertSame(lost, missing.judge(lost));
    }
    assertEquals(NETWORK, judged());
  }
}
