package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.LogEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a source was told so far, entry by entry, with nothing forgotten. */
final class Followed {

  private final Map<Generation, List<LogEntry>> entries = new HashMap<>();
  private final Map<Generation, Map<String, Long>> indexes = new HashMap<>();
  private final Set<String> epochs = new HashSet<>();

  /** After each step of the source. */
  void remember(Source source) {
    Generation generation = source.generation().orElseThrow();
    List<LogEntry> all = entries.computeIfAbsent(generation, g -> new ArrayList<>());
    // An entry that is larger than the log has left already: what it was is not asked for then.
    while (all.size() < generation.log().head()) {
      all.add(generation.log().entry(all.size() + 1).orElse(null));
    }
    Position at = generation.progress().position();
    indexes.computeIfAbsent(generation, g -> new HashMap<>()).put(moment(at), (long) all.size());
    epochs.add(at.epoch());
  }

  boolean knowsEpoch(Position position) {
    return epochs.contains(position.epoch());
  }

  /** The last entry up to a moment, whatever the print; nothing when it was never there. */
  Optional<Long> index(Generation generation, Position position) {
    return Optional.ofNullable(indexes.getOrDefault(generation, Map.of()).get(moment(position)));
  }

  /** The generation that a feed is of. */
  Generation generation(Feed feed) {
    return entries.keySet().stream().filter(g -> g.log() == feed.log()).findFirst().orElseThrow();
  }

  /** Whether a moment was ever reached. */
  boolean knows(Position position) {
    return entries.keySet().stream().anyMatch(g -> index(g, position).isPresent());
  }

  /** Entries behind one index up to another; nothing when one of them was never seen. */
  Optional<List<LogEntry>> between(Generation generation, long after, long upTo) {
    List<LogEntry> some = entries.get(generation).subList((int) after, (int) upTo);
    return some.contains(null) ? Optional.empty() : Optional.of(List.copyOf(some));
  }

  private static String moment(Position position) {
    return position.epoch() + "." + position.time();
  }
}
