package io.tycostream.domain.session;

import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.CloseCode.Return;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a connection ends: a code, a text, and whether and when to return.
 *
 * @param text what to say, cut to {@link #MAX_BYTES} of UTF-8 between two characters; half of a
 *     surrogate pair becomes {@code ?}, an empty one becomes the code's own text
 * @param retryIn when to return; nothing leaves it to the client
 */
public record CloseReason(CloseCode code, String text, Optional<Duration> retryIn) {

  /** What a close frame carries besides its code (RFC 6455, 5.5: 125 bytes with it). */
  public static final int MAX_BYTES = 123;

  /**
   * @throws IllegalArgumentException when {@code retryIn} is negative, or is there although the
   *     client is not to return
   */
  public CloseReason {
    text = text.isEmpty() ? code.text() : cut(text, MAX_BYTES);
    if (retryIn.isPresent()) {
      if (retryIn.get().isNegative()) {
        throw new IllegalArgumentException("nobody returns in " + retryIn.get());
      }
      if (code.returns() == Return.NO) {
        throw new IllegalArgumentException(code + " sends away for good, not for a while");
      }
    }
  }

  /** Leaves it to the client when to return. */
  public CloseReason(CloseCode code, String text) {
    this(code, text, Optional.empty());
  }

  /** With the code's own text. */
  public CloseReason(CloseCode code) {
    this(code, code.text());
  }

  /** As {@code bye} says it: whether the same client would not be closed for the same reason. */
  public boolean resumable() {
    return code.returns() != Return.NO;
  }

  /** Whether the session can be taken up again after it. */
  public boolean keepsSession() {
    return code.returns() == Return.RESUME;
  }

  /** The longest beginning of a text that has at most so many bytes in UTF-8. */
  static String cut(String text, int maxBytes) {
    StringBuilder fitting = new StringBuilder();
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      boolean half = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
      String character = half ? "?" : Character.toString(point);
      bytes += character.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > maxBytes) {
        break;
      }
      fitting.append(character);
    }
    return fitting.toString();
  }
}
