package io.tycostream.app.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Configurations as tests write them. */
final class Yaml {

  /** The least that is accepted. */
  static final String MINIMAL =
      """
      databases:
        main:
      sources:
        trades:
      """;

  private Yaml() {}

  static Configuration read(String text, Map<String, String> environment)
      throws ConfigurationException {
    try {
      Path file = Files.createTempFile("tycostream", ".yaml");
      try {
        Files.writeString(file, text);
        return ConfigurationReader.read(file, environment);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Configuration read(String text) {
    try {
      return read(text, Map.of());
    } catch (ConfigurationException e) {
      throw new AssertionError("refused: " + e.mistakes(), e);
    }
  }

  static List<String> mistakes(String text, Map<String, String> environment) {
    try {
      return List.of("accepted: " + read(text, environment));
    } catch (ConfigurationException e) {
      return e.mistakes();
    }
  }

  static List<String> mistakes(String text) {
    return mistakes(text, Map.of());
  }
}
