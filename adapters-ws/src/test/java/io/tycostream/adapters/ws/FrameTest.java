package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameTest {

  @ParameterizedTest
  @CsvSource({
    "0, 8100",
    "1, 8101",
    "125, 817d",
    "126, 817e007e",
    "65535, 817effff",
    "65536, 817f0000000000010000",
    "300000, 817f00000000000493e0",
  })
  void lengthsStandInTheShortestForm(int length, String header) {
    byte[] payload = new byte[length];
    Arrays.fill(payload, (byte) 'x');
    Frame frame = Frame.of(Frame.TEXT, payload);
    byte[] bytes = Frames.bytes(frame);
    int headerBytes = header.length() / 2;
    assertEquals(header, HexFormat.of().formatHex(bytes, 0, headerBytes));
    assertEquals(headerBytes + length, bytes.length);
    assertEquals(bytes.length, frame.length());
    assertArrayEquals(payload, Arrays.copyOfRange(bytes, headerBytes, bytes.length));
  }

  @Test
  void onlyTheFirstBytesOfAnArrayCountAndAreCopied() {
    byte[] payload = {1, 2, 3, 4};
    Frame frame = Frame.of(Frame.PONG, payload, 2);
    payload[0] = 9;
    assertArrayEquals(new byte[] {(byte) 0x8A, 2, 1, 2}, Frames.bytes(frame));
  }

  @Test
  void aBufferIsUsedOnceAndTheFrameAgain() {
    Frame frame = Frame.of(Frame.PING, new byte[] {7});
    assertArrayEquals(Frames.bytes(frame), Frames.bytes(frame));
  }

  @Test
  void aCloseFrameHasItsCodeAndReason() {
    assertArrayEquals(
        new byte[] {(byte) 0x88, 4, 0x11, 0x30, 'n', 'o'}, Frames.bytes(Frame.close(4400, "no")));
  }

  @Property(tries = 300)
  void aReasonIsCutBetweenCharacters(
      @ForAll @IntRange(max = 130) int ascii, @ForAll @IntRange(max = 60) int wide) {
    String reason = "x".repeat(ascii) + "é€😀".repeat(wide);
    byte[] bytes = Frames.bytes(Frame.close(1000, reason));
    byte[] text = Arrays.copyOfRange(bytes, 4, bytes.length);
    String cut = new String(text, StandardCharsets.UTF_8);
    assertTrue(text.length <= 123);
    assertTrue(reason.startsWith(cut), cut);
    assertTrue(cut.equals(reason) || text.length > 119, "as much as fits");
  }
}
