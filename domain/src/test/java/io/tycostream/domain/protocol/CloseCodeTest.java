package io.tycostream.domain.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.protocol.CloseCode.Return;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The numbers of the protocol, written out: clients have them in their code. */
final class CloseCodeTest {

  private static final Map<Integer, Return> RETURNS =
      Map.of(
          1000, Return.NO,
          1001, Return.RESUME,
          1009, Return.NO,
          4400, Return.NO,
          4401, Return.WITH_NEW_CREDENTIALS,
          4403, Return.WITH_NEW_CREDENTIALS,
          4408, Return.RESUME,
          4409, Return.BY_POSITION,
          4429, Return.RESUME,
          4503, Return.RESUME);

  @Test
  void eachNumberSaysWhetherAClientReturns() {
    Map<Integer, Return> returns = new TreeMap<>();
    for (CloseCode each : CloseCode.values()) {
      returns.put(each.code(), each.returns());
      assertEquals(Optional.of(each), CloseCode.of(each.code()));
    }
    assertEquals(new TreeMap<>(RETURNS), returns);
    RETURNS.forEach((code, each) -> assertEquals(each, CloseCode.returnAfter(code)));
  }

  @Test
  void anUnknownEndIsAReasonToReturn() {
    for (int code : new int[] {-1, 0, 999, 1002, 1005, 1006, 4404, Integer.MAX_VALUE}) {
      assertEquals(Optional.empty(), CloseCode.of(code));
      assertEquals(Return.RESUME, CloseCode.returnAfter(code));
    }
  }

  @Test
  void eachSaysSomethingOfItsOwnThatACloseFrameHolds() {
    Set<String> texts = new HashSet<>();
    for (CloseCode each : CloseCode.values()) {
      assertTrue(texts.add(each.text()), each::text);
      int bytes = each.text().getBytes(StandardCharsets.UTF_8).length;
      assertTrue(bytes > 0 && bytes <= 123, each::text);
    }
  }
}
