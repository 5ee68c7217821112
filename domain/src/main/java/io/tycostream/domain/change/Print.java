package io.tycostream.domain.change;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** The prints that bind a {@link Position} to what was read. */
public final class Print {

  private Print() {}

  /** Sixteen hex digits that differ when any of the texts does, or where one ends. */
  public static String of(List<String> texts) {
    // Lengths go in front of the texts, so that no two lists run together to the same bytes.
    String whole =
        texts.stream().map(text -> text.length() + ":" + text).collect(Collectors.joining());
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(whole.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
