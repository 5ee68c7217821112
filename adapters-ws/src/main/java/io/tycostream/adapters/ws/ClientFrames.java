package io.tycostream.adapters.ws;

import io.helidon.common.buffers.DataReader;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.CloseReason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a client sends (RFC 6455, 5), and makes whole messages of its frames. Owned by the
 * thread that reads the socket.
 *
 * <p>Of a message no more is kept than a client may send. What breaks the rules is told once, as
 * soon as it is seen; of what follows only a close frame is.
 */
final class ClientFrames {

  private static final int CONTINUATION = 0x0;
  private static final int BINARY = 0x2;
  private static final int CONTROL = 0x8;

  private static final int FINAL = 0x80;
  private static final int RESERVED = 0x70;
  private static final int OPCODE = 0xF;
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7F;
  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;
  private static final int MASK_BYTES = 4;
  private static final byte[] NOTHING = {};

  /** Of one message: more than a client needs that cuts the largest one into packets. */
  private static final int MAX_FRAGMENTS = 1_000;

  /** A close frame without a code (RFC 6455, 7.1.5); it never stands in one. */
  private static final int NO_CODE = 1005;

  /** What a close frame that is none is answered with (RFC 6455, 7.4.1). */
  private static final int BROKEN_CLOSE = 1002;

  private final DataReader in;
  private final int maxMessage;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private int fragments;
  private boolean broken;

  /** Of a frame that was not worth reading. */
  private long toSkip;

  /**
   * @param maxMessage bytes
   */
  ClientFrames(DataReader in, int maxMessage) {
    this.in = in;
    this.maxMessage = maxMessage;
  }

  /** What came. */
  sealed interface Came {

    /** A whole message. */
    record Text(String text) implements Came {}

    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Ping(byte[] payload) implements Came {}

    @SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
    record Pong(byte[] payload) implements Came {}

    /** The last that the client has to say. */
    record Close(int code) implements Came {}

    /** The client does not keep to the rules, and cannot be understood any more. */
    record Broken(CloseReason why) implements Came {}
  }

  private record Header(boolean last, int reserved, int opcode, boolean masked, long length) {}

  /**
   * Waits for what comes next.
   *
   * @throws DataReader.InsufficientDataAvailableException when nothing comes any more
   */
  Came next() {
    while (true) {
      skip();
      Header header = header();
      toSkip = header.length() < 0 ? Long.MAX_VALUE : rest(header);
      CloseReason wrong = wrong(header);
      if (broken && (wrong != null || header.opcode() != Frame.CLOSE)) {
        continue;
      }
      if (wrong != null) {
        return broken(wrong);
      }
      byte[] payload = payload((int) header.length());
      switch (header.opcode()) {
        case Frame.CLOSE -> {
          return new Came.Close(code(payload));
        }
        case Frame.PING -> {
          return new Came.Ping(payload);
        }
        case Frame.PONG -> {
          return new Came.Pong(payload);
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

  private Header header() {
    int first = in.read();
    int second = in.read();
    long length =
        switch (second & LENGTH) {
          case LENGTH_IN_2_BYTES -> Short.toUnsignedInt(bytes(Short.BYTES).getShort());
          case LENGTH_IN_8_BYTES -> bytes(Long.BYTES).getLong();
          default -> second & LENGTH;
        };
    return new Header(
        (first & FINAL) != 0, first & RESERVED, first & OPCODE, (second & MASKED) != 0, length);
  }

  private static long rest(Header header) {
    return header.masked() ? header.length() + MASK_BYTES : header.length();
  }

  /** Why a frame cannot be taken, as far as that is known before it is read. */
  private @Nullable CloseReason wrong(Header header) {
    boolean control = (header.opcode() & CONTROL) != 0;
    if (header.reserved() != 0) {
      return protocol("a frame with reserved bits, for an extension that was not agreed on");
    }
    if (!header.masked()) {
      return protocol("a frame that is not masked");
    }
    if (header.length() < 0) {
      return protocol("a frame of a length below 0");
    }
    if (header.opcode() > (control ? Frame.PONG : BINARY)) {
      return protocol("a frame of an unknown kind");
    }
    if (control) {
      return !header.last() || header.length() > Frame.MAX_CONTROL_PAYLOAD
          ? protocol("a ping, pong or close that is cut in pieces or has over 125 bytes")
          : null;
    }
    if (header.opcode() == BINARY) {
      return protocol("binary messages are not spoken");
    }
    if ((header.opcode() == CONTINUATION) != (fragments > 0)) {
      return protocol(
          fragments > 0
              ? "a message amid another one"
              : "the end of a message that has no beginning");
    }
    if (header.length() > maxMessage - message.size()) {
      return new CloseReason(CloseCode.TOO_LARGE, "a message has at most " + maxMessage + " bytes");
    }
    if (fragments == MAX_FRAGMENTS) {
      return new CloseReason(
          CloseCode.TOO_LARGE, "a message has at most " + MAX_FRAGMENTS + " fragments");
    }
    return null;
  }

  private static CloseReason protocol(String what) {
    return new CloseReason(CloseCode.PROTOCOL_ERROR, what);
  }

  private Came broken(CloseReason why) {
    broken = true;
    message.reset();
    return new Came.Broken(why);
  }

  private Came message() {
    try {
      String text = text(message.toByteArray());
      message.reset();
      fragments = 0;
      return new Came.Text(text);
    } catch (CharacterCodingException e) {
      return broken(protocol("a text that is not UTF-8"));
    }
  }

  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private static int code(byte[] payload) {
    if (payload.length == 0) {
      return NO_CODE;
    }
    if (payload.length < Short.BYTES) {
      return BROKEN_CLOSE;
    }
    try {
      ByteBuffer bytes = ByteBuffer.wrap(payload);
      int code = Short.toUnsignedInt(bytes.getShort());
      StandardCharsets.UTF_8.newDecoder().decode(bytes);
      return code;
    } catch (CharacterCodingException e) {
      return BROKEN_CLOSE;
    }
  }

  private byte[] payload(int length) {
    byte[] mask = in.readBytes(MASK_BYTES);
    byte[] payload = length == 0 ? NOTHING : in.readBytes(length); // of none it would wait
    toSkip = 0;
    for (int i = 0; i < length; i++) {
      payload[i] ^= mask[i % MASK_BYTES];
    }
    return payload;
  }

  private ByteBuffer bytes(int count) {
    return ByteBuffer.wrap(in.readBytes(count));
  }

  /** By what there is, and not by the whole: it may be longer than what fits anywhere. */
  private void skip() {
    while (toSkip > 0) {
      in.ensureAvailable();
      int now = (int) Math.min(toSkip, in.available());
      in.skip(now);
      toSkip -= now;
    }
  }
}
