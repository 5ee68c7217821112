package io.tycostream.adapters.ws;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** Text in a bounded number of bytes. */
final class Utf8 {

  private Utf8() {}

  /** The longest beginning of a text that fits, never cut inside a character. */
  static byte[] truncated(String text, int maxBytes) {
    ByteBuffer bytes = ByteBuffer.allocate(maxBytes);
    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text), bytes, true);
    byte[] fitting = new byte[bytes.position()];
    bytes.flip().get(fitting);
    return fitting;
  }
}
