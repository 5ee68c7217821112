package io.tycostream.adapters.db.simulator.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Where a statement ends. */
class StatementTextTest {

  @Test
  void statementsAreApartBySemicolons() {
    assertEquals(List.of("a", "b c"), StatementText.split(" a ;; b c ; "));
    assertEquals(List.of(), StatementText.split(" ; "));
    assertEquals(List.of(), StatementText.split(""));
  }

  @Test
  void aSemicolonInQuotesOrACommentEndsNothing() {
    for (String whole :
        List.of(
            "a ';' b",
            "a 'it''s;' b",
            "a \";\" b",
            "a $$;$$ b",
            "a $x$;$$;$x$ b",
            "a -- ; '\n b",
            "/* ; ' */ a")) {
      assertEquals(List.of(whole, "z"), StatementText.split(whole + ";z"), whole);
    }
  }

  @Test
  void parametersAreCountedOutsideOfQuotes() {
    assertEquals(0, StatementText.parameters("a '$3' \"$4\" /* $5 */"));
    assertEquals(2, StatementText.parameters("$1 = $2 AND $1"));
  }

  @Test
  void whatIsNeverClosedTakesAllTheRest() {
    for (String open : List.of("a ';z", "a \";z", "a $$;z", "a /* ;z", "a -- ;z")) {
      assertEquals(List.of(open), StatementText.split(open));
    }
  }
}
