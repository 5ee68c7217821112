package io.tycostream.domain.source;

import io.tycostream.domain.change.Row;
import java.util.List;
import java.util.Optional;

/** What a client sees of all rows. */
public final class Shown {

  private Shown() {}

  /** The rows that the feed shows, of a source without a key each copy. */
  public static List<Row> rows(Delivery.Everything all) {
    return all.snapshot().rows().stream()
        .map(all.feed().derivation()::row)
        .flatMap(Optional::stream)
        .toList();
  }
}
