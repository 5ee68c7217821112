package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;
import java.nio.ByteBuffer;

/**
 * A complete WebSocket frame (RFC 6455, 5.2) as it goes to the socket: final, unmasked, shared by
 * any number of connections and never changed.
 */
final class Frame {

  static final int TEXT = 0x1;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;

  private static final int FINAL = 0x80;
  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;

  /** What a close frame can carry besides its code. */
  private static final int MAX_REASON = 123;

  /** What a ping, pong or close can carry. */
  static final int MAX_CONTROL_PAYLOAD = 125;

  private final byte[] bytes;

  private Frame(byte[] bytes) {
    this.bytes = bytes;
  }

  static Frame of(int opcode, byte[] payload) {
    return of(opcode, payload, payload.length);
  }

  /** A frame of the first bytes of an array, which are copied. */
  static Frame of(int opcode, byte[] payload, int length) {
    int header = length < LENGTH_IN_2_BYTES ? 2 : length <= 0xFFFF ? 4 : 10;
    ByteBuffer frame = ByteBuffer.allocate(header + length).put((byte) (FINAL | opcode));
    switch (header) {
      case 2 -> frame.put((byte) length);
      case 4 -> frame.put((byte) LENGTH_IN_2_BYTES).putShort((short) length);
      default -> frame.put((byte) LENGTH_IN_8_BYTES).putLong(length);
    }
    return new Frame(frame.put(payload, 0, length).array());
  }

  /** A close frame; the text is cut to what a close frame can carry. */
  static Frame close(int code, String text) {
    byte[] reason = Utf8.truncated(text, MAX_REASON);
    ByteBuffer payload = ByteBuffer.allocate(Short.BYTES + reason.length);
    return of(CLOSE, payload.putShort((short) code).put(reason).array());
  }

  /** Bytes on the socket. */
  int length() {
    return bytes.length;
  }

  /** Puts the bytes into an array, and returns where they end there. */
  int copyTo(byte[] target, int at) {
    System.arraycopy(bytes, 0, target, at, bytes.length);
    return at + bytes.length;
  }

  /** The bytes for one write; the buffer is used once, the bytes are shared. */
  BufferData buffer() {
    // From the first byte of an array to its last: Helidon's buffer writes a part of one wrongly.
    return BufferData.create(bytes);
  }
}
