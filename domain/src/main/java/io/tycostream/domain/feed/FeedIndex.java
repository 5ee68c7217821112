package io.tycostream.domain.feed;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.LogEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The open feeds of a source, and the way from a change to those that it concerns.
 *
 * <p>Feeds whose filter asks for an equality, such as {@code user_id = x}, are found by the value
 * that a changed row had or has: 10,000 of them cost one look-up for each row of a change. All
 * others are asked one by one.
 *
 * <p>It counts what their marks take. A feed has room for a few in any case, which count as a part
 * of itself.
 *
 * <p>Owned by the writer of the source.
 */
public final class FeedIndex {

  private final Relation relation;
  private final Map<Integer, ByValue> columns = new LinkedHashMap<>();
  private final Set<Feed> others = new LinkedHashSet<>();
  private final Set<Feed> wholes = new LinkedHashSet<>();
  private final Set<Feed> all = new LinkedHashSet<>();
  private long extraMarks;

  /** The feeds that look for a value in a column. */
  private record ByValue(int column, ColumnType type, Map<Object, Set<Feed>> feeds) {

    Set<Feed> of(Row row) {
      String value = row.value(column);
      return value == null ? Set.of() : feeds.getOrDefault(type.key(value), Set.of());
    }
  }

  public FeedIndex(Relation relation) {
    this.relation = relation;
  }

  /** The open feeds, in the order in which they were opened. */
  public Set<Feed> feeds() {
    return all;
  }

  /** From the next entry of the log on the feed is told what concerns it. */
  public void add(Feed feed) {
    all.add(feed);
    extraMarks += feed.extraMarks();
    if (feed.derivation().isWhole()) {
      wholes.add(feed);
      return;
    }
    feed.derivation()
        .equality()
        .ifPresentOrElse(
            equality -> {
              ByValue column =
                  columns.computeIfAbsent(
                      equality.column(),
                      c ->
                          new ByValue(
                              c, ColumnType.of(relation.columns().get(c).type()), new HashMap<>()));
              for (Object value : equality.values()) {
                column.feeds.computeIfAbsent(value, v -> new LinkedHashSet<>()).add(feed);
              }
            },
            () -> others.add(feed));
  }

  /** The feed is not told any more. */
  public void remove(Feed feed) {
    if (all.remove(feed)) {
      extraMarks -= feed.extraMarks();
    }
    others.remove(feed);
    if (wholes.remove(feed)) {
      return;
    }
    feed.derivation()
        .equality()
        .ifPresent(equality -> {
          ByValue column = columns.get(equality.column());
          if (column != null) {
            for (Object value : equality.values()) {
              column.feeds.computeIfPresent(
                  value,
                  (v, feeds) -> {
                    feeds.remove(feed);
                    return feeds.isEmpty() ? null : feeds;
                  });
            }
            if (column.feeds.isEmpty()) {
              columns.remove(equality.column());
            }
          }
        });
  }

  /**
   * Marks an entry in the feeds that it concerns.
   *
   * @return those feeds, which are to be rung once the entry can be read
   */
  public List<Feed> route(LogEntry entry) {
    Map<Feed, Integer> concerned = new LinkedHashMap<>();
    if (all.size() > wholes.size()) {
      for (Change change : entry.batch().changes()) {
        others.forEach(feed -> count(feed, change, concerned));
        columns.values().forEach(column -> count(column, change, concerned));
      }
      concerned.replaceAll((feed, changes) -> net(feed, changes, entry));
      concerned.values().removeIf(changes -> changes == 0);
      concerned.forEach((feed, changes) -> mark(feed, entry.index(), changes));
    }
    List<Feed> ringing = new ArrayList<>(wholes);
    ringing.addAll(concerned.keySet());
    return ringing;
  }

  private void mark(Feed feed, long index, int changes) {
    long before = feed.extraMarks();
    feed.mark(index, changes);
    extraMarks += feed.extraMarks() - before;
  }

  /**
   * From now on an open feed knows what concerns it behind an entry, as {@link Feed#cover} says.
   */
  public void cover(Feed feed, long index, Feed.Found found) {
    long before = feed.extraMarks();
    feed.cover(index, found);
    if (all.contains(feed)) {
      extraMarks += feed.extraMarks() - before;
    }
  }

  /** How much memory the marks of all feeds take, in bytes. */
  public long markBytes() {
    return extraMarks * Marks.BYTES;
  }

  /**
   * Gives up the oldest marks of the feeds that have most, so that all together take no more than
   * so many bytes: each has the same share.
   */
  public void shorten(long bytes) {
    long share = bytes / Marks.BYTES / Math.max(1, all.size());
    int most = (int) Math.min(share, Integer.MAX_VALUE / 2) + Marks.FIRST_SIZE;
    extraMarks = 0;
    for (Feed feed : all) {
      feed.shorten(most);
      extraMarks += feed.extraMarks();
    }
  }

  /** Lets go of what is known about entries that have left the log. */
  public void forget() {
    all.forEach(Feed::forget);
  }

  private static void count(ByValue column, Change change, Map<Feed, Integer> concerned) {
    switch (change) {
      case Change.Insert(Row row) -> column.of(row).forEach(f -> count(f, change, concerned));
      case Change.Delete(Row before) -> column.of(before).forEach(f -> count(f, change, concerned));
      case Change.Update(Row before, Row row) -> {
        Set<Feed> had = column.of(before);
        had.forEach(feed -> count(feed, change, concerned));
        for (Feed feed : column.of(row)) {
          if (!had.contains(feed)) { // who looks for both values counts once
            count(feed, change, concerned);
          }
        }
      }
    }
  }

  /** Counting change by change is right as long as none cancels another. */
  private static int net(Feed feed, int changes, LogEntry entry) {
    Derivation derivation = feed.derivation();
    return derivation.nets() ? derivation.count(entry.batch().changes()) : changes;
  }

  private static void count(Feed feed, Change change, Map<Feed, Integer> concerned) {
    if (feed.derivation().concerns(change)) {
      concerned.merge(feed, 1, Integer::sum);
    }
  }
}
