package io.tycostream.app.config;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with a configuration, collected so that all of it can be told at once. */
final class Mistakes {

  private final List<String> sentences = new ArrayList<>();

  /**
   * Notes a mistake.
   *
   * @param where the path of a key, or a line
   * @param what goes on from there, and says what would be right
   */
  void add(String where, String what) {
    sentences.add(where + " " + what);
  }

  boolean isEmpty() {
    return sentences.isEmpty();
  }

  List<String> sentences() {
    return List.copyOf(sentences);
  }
}
