package io.tycostream.domain.session;

import io.tycostream.domain.feed.Filter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the holder of some credentials may see.
 *
 * @param principal who it is; sessions belong to it
 * @param sources that it may subscribe; nothing for all of them
 * @param filters by source, which rows it may see at all; of a source without one every row
 * @param admin whether it may see figures about others
 * @param until when the credentials end; nothing for never
 */
public record Grant(
    String principal,
    Optional<Set<String>> sources,
    Map<String, Filter> filters,
    boolean admin,
    Optional<Instant> until) {

  /** Where nobody is asked for credentials. */
  public static final Grant EVERYTHING =
      new Grant("anonymous", Optional.empty(), Map.of(), true, Optional.empty());

  /** Of somebody who has not shown any credentials. */
  static final Grant NOTHING =
      new Grant("nobody", Optional.of(Set.of()), Map.of(), false, Optional.empty());

  public Grant {
    sources = sources.map(Set::copyOf);
    filters = Map.copyOf(filters);
  }

  /** Whether a source may be subscribed. */
  public boolean allows(String source) {
    return sources.isEmpty() || sources.get().contains(source);
  }

  /** Which rows of a source a client gets that asks for these: never more than it may see. */
  public Filter narrow(String source, Filter wanted) {
    Filter permitted = filters.get(source);
    return permitted == null ? wanted : new Filter.And(List.of(wanted, permitted));
  }
}
