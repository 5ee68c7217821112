package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;

/**
 * A complete WebSocket frame (RFC 6455, 5.2) as it goes to the socket: final, unmasked, shared by
 * any number of connections and never changed.
 *
 * @param bytes header and payload; only {@code length} of them from {@code offset} on count
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never changed
record Frame(byte[] bytes, int offset, int length) {

  static final int TEXT = 0x1;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xA;

  /** The longest header of a frame without a mask. */
  static final int MAX_HEADER = 10;

  private static final int FINAL = 0x80;
  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;

  /** A frame of these payload bytes, which are copied. */
  static Frame of(int opcode, byte[] payload) {
    byte[] bytes = new byte[MAX_HEADER + payload.length];
    System.arraycopy(payload, 0, bytes, MAX_HEADER, payload.length);
    return inPlace(opcode, bytes, payload.length);
  }

  /**
   * A frame whose payload stands already behind {@link #MAX_HEADER} free bytes of the array, which
   * from now on belongs to the frame.
   */
  static Frame inPlace(int opcode, byte[] bytes, int payloadLength) {
    int header = payloadLength < LENGTH_IN_2_BYTES ? 2 : payloadLength <= 0xFFFF ? 4 : MAX_HEADER;
    int offset = MAX_HEADER - header;
    bytes[offset] = (byte) (FINAL | opcode);
    switch (header) {
      case 2 -> bytes[offset + 1] = (byte) payloadLength;
      case 4 -> {
        bytes[offset + 1] = LENGTH_IN_2_BYTES;
        bytes[offset + 2] = (byte) (payloadLength >>> 8);
        bytes[offset + 3] = (byte) payloadLength;
      }
      default -> {
        bytes[offset + 1] = LENGTH_IN_8_BYTES;
        for (int i = 0; i < Long.BYTES; i++) {
          bytes[offset + 2 + i] = (byte) ((long) payloadLength >>> (8 * (Long.BYTES - 1 - i)));
        }
      }
    }
    return new Frame(bytes, offset, header + payloadLength);
  }

  /** A close frame; the text is cut to what a close frame can carry. */
  static Frame close(int code, String text) {
    byte[] reason = Utf8.truncated(text, 123);
    byte[] payload = new byte[2 + reason.length];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(reason, 0, payload, 2, reason.length);
    return of(CLOSE, payload);
  }

  /** The bytes for one write; the buffer is used once, the bytes are shared. */
  BufferData buffer() {
    return BufferData.create(bytes, offset, length);
  }
}
