package io.tycostream.benchmarks.domain;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.FeedIndex;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.log.LogEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A change of one row is appended to the log of a source that 10,000 feeds {@code user_id = x}
 * follow, and the one that it concerns is found and told.
 *
 * <p>Ours is the index from values to feeds. The rivals ask each feed's filter, as a gateway does
 * that filters per client, and append alone, for nobody.
 */
@State(Scope.Thread)
public class FilterIndex {

  private static final int USERS = 10_000;

  private static final Relation RELATION =
      new Relation(
          "orders",
          "1",
          List.of(
              new Column("id", "int8"),
              new Column("user_id", "int8"),
              new Column("price", "numeric")),
          List.of("id"));
  private static final HistoryLimits LIMITS =
      new HistoryLimits(50_000, Duration.ofMinutes(10), 1L << 30);
  private static final Position START = new Position("e", 0, RELATION.print());

  private final ChangeLog log = new ChangeLog(LIMITS, RELATION, START);
  private final FeedIndex index = new FeedIndex(RELATION);
  private final List<Feed> feeds = new ArrayList<>();
  private Position at = START;
  private int user;

  /** 10,000 feeds, and a log that is full. */
  @Setup
  public void open() {
    for (int i = 0; i < USERS; i++) {
      Filter own =
          new Filter.Compared("user_id", Comparison.EQ, new Literal.Number(Integer.toString(i)));
      Definition definition = new Definition(own, Optional.empty(), false);
      Feed feed = new Feed(Derivation.of(definition, RELATION), log);
      feeds.add(feed);
      index.add(feed);
    }
    for (int i = 0; i < LIMITS.maxEvents(); i++) {
      append();
    }
  }

  private LogEntry append() {
    user = (user + 7_919) % USERS;
    String id = Integer.toString(user);
    Change change = new Change.Update(Row.of(id, id, "100.25"), Row.of(id, id, "100.5"));
    Position next = at.at(at.time() + 1);
    LogEntry entry = log.append(new Batch(at, next, List.of(change), false), Instant.EPOCH);
    at = next;
    return entry;
  }

  /** The index finds the feed. */
  @Benchmark
  public List<Feed> tycostream() {
    List<Feed> concerned = index.route(append());
    if (user == 0) {
      index.forget(); // as the source does once a second
    }
    return concerned;
  }

  /** Each feed is asked. */
  @Benchmark
  public List<Feed> everyFilterIsAsked() {
    LogEntry entry = append();
    List<Feed> concerned = new ArrayList<>();
    for (Feed feed : feeds) {
      for (Change change : entry.batch().changes()) {
        if (feed.derivation().concerns(change)) {
          concerned.add(feed);
        }
      }
    }
    return concerned;
  }

  /** The log's share. */
  @Benchmark
  public LogEntry appendAlone() {
    return append();
  }
}
