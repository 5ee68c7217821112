package io.tycostream.adapters.ws;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** Text in a bounded number of bytes. */
final class Utf8 {

  private Utf8() {}

  /** How many bytes a text has. */
  static long length(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (unit >= 0x800) {
        // The two halves of a character beyond 16 bits make four bytes, not six.
        bytes += Character.isSurrogate(unit) ? 1 : 2;
      } else if (unit >= 0x80) {
        bytes++;
      }
    }
    return bytes;
  }

  /** The longest beginning of a text that fits, never cut inside a character. */
  static byte[] truncated(String text, int maxBytes) {
    ByteBuffer bytes = ByteBuffer.allocate(maxBytes);
    StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text), bytes, true);
    byte[] fitting = new byte[bytes.position()];
    bytes.flip().get(fitting);
    return fitting;
  }
}
