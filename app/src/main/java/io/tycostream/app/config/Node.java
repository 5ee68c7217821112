package io.tycostream.app.config;

import java.util.List;
import java.util.SortedMap;

/** What stands at a key. */
sealed interface Node {

  /** A single value; empty where nothing was written. */
  record Scalar(String text) implements Node {}

  /** A list. */
  record Sequence(List<Node> items) implements Node {}

  /** Further keys. They are sorted, because the order of the file does not reach us. */
  record Mapping(SortedMap<String, Node> members) implements Node {}

  /** Something that a mistake has been noted for already. */
  record Broken() implements Node {}
}
