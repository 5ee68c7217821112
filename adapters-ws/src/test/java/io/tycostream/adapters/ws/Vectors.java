package io.tycostream.adapters.ws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The example messages of the protocol's documentation. */
final class Vectors {

  private Vectors() {}

  /**
   * The messages by name.
   *
   * @param side {@code client} or {@code server}
   */
  static Map<String, String> of(String side) {
    Path folder = Path.of("..", "docs", "protocol", "vectors", side);
    Map<String, String> messages = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replace(".json", "");
        messages.put(name, Files.readString(file).stripTrailing());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return messages;
  }
}
