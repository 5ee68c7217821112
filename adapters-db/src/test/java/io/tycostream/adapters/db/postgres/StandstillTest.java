package io.tycostream.adapters.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StandstillTest {

  /** Beyond 2⁶³, where signed numbers are negative. */
  private static final long HERE = Long.MIN_VALUE + 8;

  private static final ReplicationFrame KEEPALIVE = new ReplicationFrame.Keepalive(HERE, false);
  private static final ReplicationFrame CHANGE =
      new ReplicationFrame.Data(HERE, ByteBuffer.allocate(0));

  private static boolean stands(long written, ReplicationFrame... frames) {
    Standstill standstill = new Standstill();
    standstill.begin(written);
    List.of(frames).forEach(standstill::heard);
    return standstill.isSeen();
  }

  @Test
  void aServerThatOnlySaysThatItLivesStandsStillWhenItsLogIsFurther() {
    assertEquals(true, stands(HERE + 41, KEEPALIVE, KEEPALIVE));
    assertEquals(true, stands(-1L, KEEPALIVE));
  }

  @Test
  void aHeaderOfAPageIsNothingThatWasWritten() {
    assertEquals(false, stands(HERE + 40, KEEPALIVE));
    assertEquals(false, stands(HERE, KEEPALIVE));
  }

  @Test
  void aServerIsNotBehindWhatWasSeenOfItsLogLongAgoOrNever() {
    assertEquals(false, stands(Long.MAX_VALUE, KEEPALIVE));
    assertEquals(false, stands(0, KEEPALIVE));
  }

  @Test
  void aServerThatTellsChangesGetsOn() {
    assertEquals(false, stands(HERE + 1000, CHANGE));
    assertEquals(false, stands(HERE + 1000, KEEPALIVE, CHANGE, KEEPALIVE));
  }

  @Test
  void aServerThatCatchesUpWithinAPollGetsOn() {
    assertEquals(
        false, stands(HERE + 1000, KEEPALIVE, new ReplicationFrame.Keepalive(HERE + 1000, false)));
  }

  @Test
  void aSilentServerSaysNothing() {
    Standstill standstill = new Standstill();
    standstill.begin(HERE + 1000);
    standstill.heard(KEEPALIVE);
    standstill.begin(HERE + 1000);
    assertEquals(false, standstill.isSeen());
  }
}
