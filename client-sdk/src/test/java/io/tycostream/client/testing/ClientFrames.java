package io.tycostream.client.testing;

import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.CloseReason;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Makes messages of the frames that a client sends (RFC 6455, 5). Owned by the reading thread. */
final class ClientFrames {

  private static final int CONTINUATION = 0x0;
  private static final int BINARY = 0x2;
  private static final int CONTROL = 0x8;
  private static final int MAX_CONTROL_PAYLOAD = 125;
  private static final int MAX_FRAGMENTS = 1_000;
  private static final int MASK_BYTES = 4;
  private static final int NO_CODE = 1005;
  private static final int BROKEN_CLOSE = 1002;

  private final DataInputStream in;
  private final int maxRequest;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private int fragments;

  /** A frame that breaks the rules was told; from then on only a close frame is of interest. */
  private boolean broken;

  ClientFrames(DataInputStream in, int maxRequest) {
    this.in = in;
    this.maxRequest = maxRequest;
  }

  /** What came. */
  sealed interface Came {

    record Text(String text) implements Came {}

    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Ping(byte[] payload) implements Came {}

    record Pong() implements Came {}

    /** The last that the client has to say. */
    record Close(int code) implements Came {}

    /** The client does not keep to the rules. */
    record Broken(CloseReason why) implements Came {}
  }

  private record Header(boolean last, int reserved, int opcode, boolean masked, long length) {}

  /** Waits for what comes next. */
  Came next() throws IOException {
    while (true) {
      Header header = header();
      CloseReason wrong = wrong(header);
      if (wrong != null || (broken && header.opcode() != WebSocketFrame.CLOSE)) {
        in.skipNBytes(header.length() + (header.masked() ? MASK_BYTES : 0));
        if (broken || wrong == null) {
          continue;
        }
        broken = true;
        return new Came.Broken(wrong);
      }
      byte[] payload = payload((int) header.length());
      switch (header.opcode()) {
        case WebSocketFrame.CLOSE -> {
          return new Came.Close(code(payload));
        }
        case WebSocketFrame.PING -> {
          return new Came.Ping(payload);
        }
        case WebSocketFrame.PONG -> {
          return new Came.Pong();
        }
        default -> {
          message.writeBytes(payload);
          fragments++;
          if (header.last()) {
            return message();
          }
        }
      }
    }
  }

  private Header header() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    long length = second & 0x7F;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    if (length < 0) {
      throw new IOException("a frame of a length below 0");
    }
    return new Header((first & 0x80) != 0, first & 0x70, first & 0xF, (second & 0x80) != 0, length);
  }

  private @Nullable CloseReason wrong(Header header) {
    boolean control = (header.opcode() & CONTROL) != 0;
    if (header.reserved() != 0 || !header.masked()) {
      return protocol("a frame that is not masked, or has reserved bits");
    }
    if (header.opcode() > (control ? WebSocketFrame.PONG : BINARY)) {
      return protocol("a frame of an unknown kind");
    }
    if (control) {
      return header.last() && header.length() <= MAX_CONTROL_PAYLOAD
          ? null
          : protocol("a ping, pong or close that is cut in pieces or has over 125 bytes");
    }
    if (header.opcode() == BINARY) {
      return protocol("binary messages are not spoken");
    }
    if ((header.opcode() == CONTINUATION) != (fragments > 0)) {
      return protocol("a message amid another one, or the end of one that has no beginning");
    }
    if (header.length() > maxRequest - message.size() || fragments == MAX_FRAGMENTS) {
      return new CloseReason(
          CloseCode.TOO_LARGE,
          "a message has at most " + maxRequest + " bytes and " + MAX_FRAGMENTS + " fragments");
    }
    return null;
  }

  private static CloseReason protocol(String what) {
    return new CloseReason(CloseCode.PROTOCOL_ERROR, what);
  }

  private Came message() {
    byte[] bytes = message.toByteArray();
    message.reset();
    fragments = 0;
    try {
      return new Came.Text(text(bytes));
    } catch (CharacterCodingException e) {
      broken = true;
      return new Came.Broken(protocol("a text that is not UTF-8"));
    }
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static int code(byte[] payload) {
    return switch (payload.length) {
      case 0 -> NO_CODE;
      case 1 -> BROKEN_CLOSE;
      default -> Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
    };
  }

  private byte[] payload(int length) throws IOException {
    byte[] mask = new byte[MASK_BYTES];
    in.readFully(mask);
    byte[] payload = new byte[length];
    in.readFully(payload);
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i % MASK_BYTES];
    }
    return payload;
  }
}
