package io.tycostream.domain.source;

import io.tycostream.domain.change.Relation;
import java.util.HashMap;
import java.util.Map;

/**
 * The prints that positions have, as every gateway must write them: one for each relation and
 * definition, another one for any other.
 */
final class Definitions {

  private Definitions() {}

  static String print(Wanted wanted, Relation relation) {
    return io.tycostream.domain.feed.Derivation.of(wanted.definition(), relation)
        .print(relation.print());
  }

  /** Which definitions have the same print. */
  static Map<String, Integer> prints(Relation relation) {
    Map<String, Integer> prints = new HashMap<>();
    for (Wanted wanted : Wanted.values()) {
      prints.merge(print(wanted, relation), 1, Integer::sum);
    }
    return prints;
  }
}
