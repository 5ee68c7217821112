package io.tycostream.client;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * A frame of RFC 6455, section 5.
 *
 * @param last whether it ends its message
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record Frame(int opcode, boolean last, byte[] payload) {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** One row may be as large as the database allows; beyond this no text can hold it. */
  private static final long MAX_PAYLOAD_BYTES = 1L << 30;

  private static final int MAX_CONTROL_BYTES = 125;
  private static final SecureRandom MASKS = new SecureRandom();

  /**
   * The next frame from a server.
   *
   * @throws IOException when the connection ends or what comes is no such frame
   */
  static Frame read(DataInputStream in) throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    int opcode = first & 0x0f;
    boolean last = (first & 0x80) != 0;
    long length = second & 0x7f;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    boolean control = opcode >= CLOSE;
    if ((first & 0x70) != 0
        || (second & 0x80) != 0
        || length < 0
        || length > MAX_PAYLOAD_BYTES
        || (control && (!last || length > MAX_CONTROL_BYTES))) {
      throw new IOException("the gateway sent what is no WebSocket frame of this protocol");
    }
    byte[] payload = in.readNBytes((int) length);
    if (payload.length < length) {
      throw new IOException("the connection ended inside a message");
    }
    return new Frame(opcode, last, payload);
  }

  static Frame text(String text) {
    return new Frame(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * @param reason is cut to what fits
   */
  static Frame close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.US_ASCII); // one byte a char, ? for the others
    int length = Math.min(text.length, MAX_CONTROL_BYTES - 2);
    return new Frame(
        CLOSE,
        true,
        ByteBuffer.allocate(2 + length).putShort((short) code).put(text, 0, length).array());
  }

  /** As a client sends it: masked. */
  byte[] masked() {
    int length = payload.length;
    int extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    ByteBuffer bytes = ByteBuffer.allocate(2 + extended + 4 + length);
    bytes.put((byte) (opcode | (last ? 0x80 : 0)));
    switch (extended) {
      case 0 -> bytes.put((byte) (0x80 | length));
      case 2 -> bytes.put((byte) (0x80 | 126)).putShort((short) length);
      default -> bytes.put((byte) (0x80 | 127)).putLong(length);
    }
    byte[] mask = new byte[4];
    MASKS.nextBytes(mask); // which nobody may foresee (10.3)
    bytes.put(mask);
    for (int i = 0; i < length; i++) {
      bytes.put((byte) (payload[i] ^ mask[i & 3]));
    }
    return bytes.array();
  }

  /** The code of a close frame, 1005 when it has none. */
  int closeCode() {
    return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
  }

  /** The reason of a close frame. */
  String closeReason() {
    return payload.length <= 2
        ? ""
        : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
  }
}
