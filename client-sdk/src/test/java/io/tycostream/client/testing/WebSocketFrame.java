package io.tycostream.client.testing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Frames as a server sends them (RFC 6455, 5): whole, and not masked. */
final class WebSocketFrame {

  static final int TEXT = 1;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int FINAL = 0x80;
  private static final int SHORT = 125;
  private static final int IN_2_BYTES = 126;
  private static final int IN_8_BYTES = 127;
  private static final int LONGEST_IN_2_BYTES = 0xFFFF;

  private WebSocketFrame() {}

  static byte[] of(int opcode, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(2 + Long.BYTES + payload.length);
    frame.put((byte) (FINAL | opcode));
    if (payload.length <= SHORT) {
      frame.put((byte) payload.length);
    } else if (payload.length <= LONGEST_IN_2_BYTES) {
      frame.put((byte) IN_2_BYTES).putShort((short) payload.length);
    } else {
      frame.put((byte) IN_8_BYTES).putLong(payload.length);
    }
    frame.put(payload).flip();
    byte[] bytes = new byte[frame.remaining()];
    frame.get(bytes);
    return bytes;
  }

  /**
   * @param reason at most 123 bytes in UTF-8
   */
  static byte[] close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return of(
        CLOSE,
        ByteBuffer.allocate(Short.BYTES + text.length).putShort((short) code).put(text).array());
  }
}
