package io.tycostream.adapters.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.domain.upstream.StreamException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReplicationFrameTest {

  @Test
  void shouldHandOnTheMessageWithinTheFrame() throws StreamException {
    byte[] frame = Bytes.of('w').int8(1).int8(-2).int8(3).int1('B').int1(9).array();
    var data = assertInstanceOf(ReplicationFrame.Data.class, ReplicationFrame.decode(frame));
    assertEquals(-2, data.serverEnd());
    assertEquals(ByteBuffer.wrap(new byte[] {'B', 9}), data.message());
  }

  @Test
  void shouldReadKeepalives() throws StreamException {
    assertEquals(
        new ReplicationFrame.Keepalive(7, true),
        ReplicationFrame.decode(Bytes.of('k').int8(7).int8(3).int1(1).array()));
    assertEquals(
        new ReplicationFrame.Keepalive(7, false),
        ReplicationFrame.decode(Bytes.of('k').int8(7).int8(3).int1(0).array()));
  }

  @Test
  void shouldRefuseWhatIsCutShortOrUnknown() {
    byte[] keepalive = Bytes.of('k').int8(7).int8(3).int1(1).array();
    for (int length = 0; length < keepalive.length; length++) {
      byte[] cut = Arrays.copyOf(keepalive, length);
      assertThrows(StreamException.class, () -> ReplicationFrame.decode(cut));
    }
    byte[] data = Bytes.of('w').int8(7).int8(3).int4(1).array();
    assertThrows(StreamException.class, () -> ReplicationFrame.decode(data));
    byte[] unknown = Bytes.of('z').int8(7).int8(3).int8(1).array();
    assertThrows(StreamException.class, () -> ReplicationFrame.decode(unknown));
  }

  @Test
  void shouldWriteTheStatusAsTheServerReadsIt() {
    byte[] expected = Bytes.of('r').int8(30).int8(20).int8(20).int8(1_500_000).int1(1).array();
    Instant now = Instant.parse("2000-01-01T00:00:01.5Z");
    assertEquals(ByteBuffer.wrap(expected), ByteBuffer.wrap(ReplicationFrame.status(30, 20, now)));
  }

  @Test
  void shouldWriteAndReadLogPositions() {
    assertEquals("16/B374D848", Lsn.format(0x16_B374D848L));
    assertEquals(0x16_B374D848L, Lsn.parse("16/B374D848"));
    assertEquals(-1L, Lsn.parse("FFFFFFFF/FFFFFFFF"));
    assertEquals("FFFFFFFF/FFFFFFFF", Lsn.format(-1L));
    assertThrows(IllegalArgumentException.class, () -> Lsn.parse("16B374D848"));
  }
}
