package io.tycostream.domain.view;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import java.util.List;
import java.util.Optional;

/**
 * What a moment makes of the rows, before it is known to fit as a whole. Nothing but {@link
 * #commit} changes them. All methods up to {@link #settle} throw {@link MisfitException}.
 */
sealed interface Draft permits KeyedRows.KeyedDraft, CountedRows.CountedDraft {

  void insert(Row row);

  void upsert(Optional<Key> formerKey, Row row);

  void delete(Key key);

  void count(Row row, long diff);

  void truncate();

  /** Everything was told: what is known as a sum only must come out even. */
  void settle();

  /** How many rows there would be; at most {@link Long#MAX_VALUE}, not more. After settling. */
  long size();

  /** How much memory the rows would take. After settling, for a size that a list can have. */
  long bytes();

  /** Makes it so, and tells the net effect. After settling. */
  List<Change> commit();
}
