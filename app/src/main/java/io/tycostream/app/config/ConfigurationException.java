package io.tycostream.app.config;

import java.nio.file.Path;
import java.util.List;

/** A configuration that cannot be used, with everything that is wrong with it. */
public final class ConfigurationException extends Exception {

  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // never serialised
  private final List<String> mistakes;

  /**
   * Made by the reader alone.
   *
   * @param mistakes at least one
   */
  ConfigurationException(Path file, List<String> mistakes) {
    super(file + " cannot be used:\n  " + String.join("\n  ", mistakes));
    this.mistakes = List.copyOf(mistakes);
  }

  /** One sentence each: where, what is wrong, and what would be right. */
  public List<String> mistakes() {
    return mistakes;
  }
}
