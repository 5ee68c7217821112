package io.tycostream.domain.feed;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of a source a subscriber wants to see. Those who want the same share one feed.
 *
 * @param where which rows, with what the subscriber's permissions add
 * @param columns which columns besides the key's; nothing for all of them
 * @param delta whether updates carry the key and the changed columns only
 */
public record Definition(Filter where, Optional<Set<String>> columns, boolean delta) {

  /** All rows, all columns. */
  public static final Definition WHOLE = new Definition(Filter.EVERYTHING, Optional.empty(), false);

  public Definition {
    columns = columns.map(names -> Collections.unmodifiableSortedSet(new TreeSet<>(names)));
  }
}
