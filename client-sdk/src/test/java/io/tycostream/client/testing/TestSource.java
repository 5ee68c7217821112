package io.tycostream.client.testing;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table that a {@link TestGateway} streams: the test changes its rows, and says what the gateway
 * suffers with it.
 *
 * <pre>{@code
 * TestSource trades =
 *     gateway.source("trades")
 *         .column("id", "int8").column("symbol", "text").column("price", "numeric")
 *         .key("id")
 *         .create();
 * trades.put(Map.of("id", 1, "symbol", "EURUSD", "price", new BigDecimal("1.0842")));
 * trades.delete(1);
 * }</pre>
 *
 * <p>Each change, and each transaction of several, returns the position that it leads to: {@code
 * table.awaitPosition(position, patience)} waits until a {@code LiveTable} without filter is there.
 */
public final class TestSource {

  /** As much as the gateway keeps by default, and for as long as a test may take. */
  private static final HistoryLimits HISTORY =
      new HistoryLimits(1_000_000, Duration.ofDays(365), 256L << 20);

  /** So far on there is nothing in the history that is young enough. */
  private static final Duration FOR_EVER = HISTORY.maxAge().multipliedBy(2);

  /** So often a client hears of progress at the most. */
  private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

  private final Hub hub;
  private final String name;
  private final Source source;
  private final String epoch;

  // Guarded by the hub's lock.
  private Relation relation;
  private SourceRows rows;
  private long time = 1;
  private boolean streaming;
  private boolean completed;
  private final List<Pending> pending = new ArrayList<>();

  /** What happened while nothing was streamed. */
  private record Pending(long time, List<RowEvent> events) {}

  private TestSource(Hub hub, String epoch, Relation relation) {
    this.hub = hub;
    this.epoch = epoch;
    this.name = relation.name();
    this.relation = relation;
    this.rows = new SourceRows(relation);
    SourceLimits limits = SourceLimits.DEFAULT;
    this.source =
        new Source(
            name, new SourceLimits(HISTORY, limits.maxRows(), limits.maxBytes()), hub.dataNow());
  }

  /** Says what a source is like, before it is there. Not for several threads. */
  public static final class Builder {

    private final Hub hub;
    private final String epoch;
    private final String name;
    private final List<Column> columns = new ArrayList<>();
    private List<String> key = List.of();
    private boolean ready = true;

    Builder(Hub hub, String epoch, String name) {
      this.hub = hub;
      this.epoch = epoch;
      this.name = name;
    }

    /**
     * One column more. Any type that PostgreSQL knows can be named; of these the values are
     * checked:
     *
     * <table>
     *   <caption>What goes with a type</caption>
     *   <tr><td>{@code bool}</td><td>{@link Boolean}</td></tr>
     *   <tr><td>{@code int2}, {@code int4}, {@code int8}</td><td>whole numbers in their range</td></tr>
     *   <tr><td>{@code numeric}</td><td>{@link java.math.BigDecimal}, its text, any number</td></tr>
     *   <tr><td>{@code float4}, {@code float8}</td><td>any number</td></tr>
     *   <tr><td>{@code uuid}</td><td>{@link java.util.UUID}, or its text</td></tr>
     *   <tr><td>{@code timestamptz}</td><td>{@link Instant}, OffsetDateTime, ZonedDateTime, text</td></tr>
     *   <tr><td>{@code timestamp}, {@code date}, {@code time}, {@code timetz}</td>
     *     <td>LocalDateTime, LocalDate, LocalTime, OffsetTime, or their texts</td></tr>
     *   <tr><td>{@code json}, {@code jsonb}</td><td>a text of JSON, or a Map, a List, a number</td></tr>
     *   <tr><td>{@code bytea}</td><td>{@code byte[]}</td></tr>
     *   <tr><td>{@code _int4} and other arrays</td><td>a List or array of what goes with the element</td></tr>
     *   <tr><td>{@code text} and all others</td><td>a text, a character, an enum's constant</td></tr>
     * </table>
     *
     * @param type PostgreSQL's short name, as clients see it
     */
    public Builder column(String column, String type) {
      columns.add(new Column(column, type));
      return this;
    }

    /** The columns that identify a row; none, and nothing does: the same row may stand twice. */
    public Builder key(String... names) {
      key = List.of(names);
      return this;
    }

    /**
     * It has no rows for clients yet, as at a gateway that is just being started: who subscribes
     * waits for {@link TestSource#live}.
     */
    public Builder notReady() {
      ready = false;
      return this;
    }

    /**
     * From now on it can be subscribed.
     *
     * @throws IllegalArgumentException when there is no column, a name stands twice, a key column
     *     is no column, or the gateway has a source of this name
     */
    public TestSource create() {
      if (columns.isEmpty()) {
        throw new IllegalArgumentException(
            name + " has no columns: name them with column(\"id\", \"int8\")");
      }
      Relation relation = new Relation(name, name, columns, key);
      return hub.get(() -> {
        if (hub.sources.containsKey(name)) {
          throw new IllegalArgumentException("there is a source " + name + " already");
        }
        TestSource made = new TestSource(hub, epoch, relation);
        hub.sources.put(name, made.source);
        if (ready) {
          made.live();
        }
        return made;
      });
    }
  }

  /** What clients call it. */
  public String name() {
    return name;
  }

  /** A transaction of one {@link TestTransaction#put put}. */
  public String put(Map<String, ?> row) {
    return transaction(t -> t.put(row));
  }

  /** A transaction of one {@link TestTransaction#delete(Object...) delete}. */
  public String delete(Object... key) {
    return transaction(t -> t.delete(key));
  }

  /** A transaction of one {@link TestTransaction#delete(Map) delete}. */
  public String delete(Map<String, ?> row) {
    return transaction(t -> t.delete(row));
  }

  /**
   * Several changes at one moment.
   *
   * @return the position that they lead to, of a subscription without filter and chosen columns
   * @throws IllegalArgumentException when one of them is wrong; then none is made
   */
  public String transaction(Consumer<TestTransaction> changes) {
    return hub.get(() -> commit(changes));
  }

  private String commit(Consumer<TestTransaction> changes) {
    if (completed) {
      throw new IllegalStateException(name + " is completed, and never changes again");
    }
    SourceRows.Transaction transaction = rows.begin();
    changes.accept(transaction);
    List<RowEvent> events = transaction.commit();
    time++;
    if (streaming) {
      source.apply(time, events, hub.dataNow());
    } else {
      pending.add(new Pending(time, events));
    }
    return at().toString();
  }

  private Position at() {
    return new Position(epoch, time, relation.print());
  }

  /** Tells all who follow it that nothing else changed up to now. Needs no time to pass. */
  public String progress() {
    return hub.get(() -> {
      needsStream("progress");
      time++;
      hub.dataClock.putForward(PROGRESS_EVERY);
      source.progress(time, hub.dataNow());
      return at().toString();
    });
  }

  // The gateway and its database

  /**
   * The gateway has lost its database and tries to reach it again: clients hear it, keep their
   * rows, and know since when these may be old. What the test changes meanwhile they hear when the
   * source is {@link #live} again.
   *
   * @param reason a sentence for people
   */
  public void reconnecting(String reason) {
    becomes(now -> Upstream.waiting(reason, now), false);
  }

  /**
   * The gateway is connected again and reads what happened meanwhile: clients hear that, and it.
   */
  public void catchingUp() {
    becomes(Upstream::catchingUp, true);
  }

  /** The gateway reads all rows anew. What the test changes meanwhile is heard later. */
  public void snapshotting() {
    becomes(Upstream::snapshotting, false);
  }

  /** The connection stands, and the database does not move on. Heard later, as above. */
  public void stalled() {
    becomes(Upstream::stalled, false);
  }

  /** All is well again, or for the first time: what was held back is told. */
  public void live() {
    becomes(Upstream::live, true);
  }

  /**
   * The gateway has given up, until {@link #live}. Clients that have rows keep them; who subscribes
   * a source that never had any is refused with {@code source-failed}.
   *
   * @param reason a sentence for people
   */
  public void failed(String reason) {
    hub.run(() -> {
      streaming = false;
      source.fail(reason, hub.dataNow());
    });
  }

  /** The source has ended: its rows are right for ever, and cannot be changed any more. */
  public void completed() {
    hub.run(() -> {
      needsStream("completed");
      source.progress(-1, hub.dataNow());
      source.upstream(Upstream.live(hub.dataNow()));
      completed = true;
      streaming = false;
    });
  }

  private void becomes(Function<Instant, UpstreamState> state, boolean streams) {
    hub.run(() -> {
      if (completed) {
        throw new IllegalStateException(name + " is completed");
      }
      streaming = streams;
      if (streams) {
        tellPending();
      }
      source.upstream(state.apply(hub.dataNow()));
    });
  }

  private void tellPending() {
    if (source.generation().isEmpty()) {
      source.load(relation, at(), rows.all(), hub.dataNow());
    } else {
      pending.forEach(each -> source.apply(each.time(), each.events(), hub.dataNow()));
    }
    pending.clear();
  }

  private void needsStream(String what) {
    if (!streaming) {
      throw new IllegalStateException(what + " of " + name + ", which is not live");
    }
  }

  // Losses

  /**
   * The gateway forgets all history up to now. A client that comes back and has missed something
   * gets a gap {@code history-expired} and a snapshot; one that has missed nothing goes on.
   */
  public void loseHistory() {
    hub.run(this::forgetHistory);
  }

  private void forgetHistory() {
    source.tick(hub.dataNow().plus(FOR_EVER));
  }

  /**
   * Too much for those who follow the source: they get a gap, and all of these transactions but the
   * last folded into one {@code merged} batch. Then the last one. An event subscription gets a gap
   * with recovery {@code none} in place of the folded ones. One that conflates gets no gap: it
   * asked for folds. One with a filter gets a gap only when two of the first transactions concern
   * it.
   *
   * @param more three at least together, as a gateway never folds a single batch, and not the
   *     newest
   * @return the position behind all of them
   */
  @SafeVarargs
  public final String gapWithFold(
      Consumer<TestTransaction> first,
      Consumer<TestTransaction> second,
      Consumer<TestTransaction> third,
      Consumer<TestTransaction>... more) {
    return hub.get(() -> {
      needsStream("a gap");
      commit(first);
      commit(second);
      commit(third);
      for (Consumer<TestTransaction> each : more) {
        commit(each);
      }
      for (Peer peer : hub.peers()) {
        peer.subscriptions().stream()
            .filter(each -> each.subscription().source().equals(name))
            .forEach(PeerSubscription::squeeze);
        peer.wake();
      }
      return at().toString();
    });
  }

  /**
   * Too much for those who follow the source and for its history: they get a gap and all rows anew,
   * an event subscription a gap with recovery {@code none}. The {@link #loseHistory history} is
   * lost up to here. One with a filter gets a gap only when the transactions concern it.
   *
   * @return the position behind all of them
   */
  @SafeVarargs
  public final String gapWithSnapshot(
      Consumer<TestTransaction> first, Consumer<TestTransaction>... more) {
    return hub.get(() -> {
      needsStream("a gap");
      commit(first);
      for (Consumer<TestTransaction> each : more) {
        commit(each);
      }
      forgetHistory();
      return at().toString();
    });
  }

  /**
   * Changes that the gateway has found by reading all rows anew, because it could not go on behind
   * its own position: clients get them as one {@code resync} batch.
   *
   * @return the position behind them
   */
  public String resync(Consumer<TestTransaction> changes) {
    return hub.get(() -> {
      needsStream("a resync");
      SourceRows.Transaction transaction = rows.begin();
      changes.accept(transaction);
      transaction.commit();
      time++;
      source.load(relation, at(), rows.all(), hub.dataNow());
      return at().toString();
    });
  }

  /**
   * The table gets one column more, NULL in all rows there are: who follows all columns gets a gap
   * {@code source-reset}, a new shape and a snapshot.
   *
   * @throws IllegalArgumentException when there is such a column
   */
  public void addColumn(String column, String type) {
    hub.run(() -> {
      List<Column> columns = new ArrayList<>(relation.columns());
      columns.add(new Column(column, type));
      reshape(columns, IntStream.range(0, columns.size()).toArray());
    });
  }

  /**
   * The table loses a column. See {@link #addColumn}; who has asked for this very column is refused
   * with {@code unknown-column}.
   *
   * @throws IllegalArgumentException when there is no such column, or it is a part of the key
   */
  public void dropColumn(String column) {
    hub.run(() -> {
      List<Column> columns = new ArrayList<>(relation.columns());
      if (!columns.removeIf(each -> each.name().equals(column))) {
        throw new IllegalArgumentException("there is no column " + column + " in " + name);
      }
      int[] kept =
          IntStream.range(0, relation.columns().size())
              .filter(i -> !relation.columns().get(i).name().equals(column))
              .toArray();
      reshape(columns, kept);
    });
  }

  /**
   * @param from which of the former columns each of the new ones is; one that is none is NULL
   */
  private void reshape(List<Column> columns, int[] from) {
    needsStream("another shape");
    Relation reshaped = new Relation(name, name, columns, relation.key());
    List<Row> moved = rows.all().stream().map(row -> moved(row, from)).toList();
    relation = reshaped;
    rows = new SourceRows(reshaped);
    rows.addAll(moved);
    time++;
    source.load(reshaped, at(), moved, hub.dataNow());
  }

  private static Row moved(Row row, int[] from) {
    @Nullable String[] values = new @Nullable String[from.length];
    for (int i = 0; i < from.length; i++) {
      values[i] = from[i] < row.size() ? row.value(from[i]) : null;
    }
    return Row.taking(values);
  }

  // What clients do

  /**
   * Waits until so many subscriptions of this source stand, those of all clients together, and have
   * been sent something.
   *
   * @throws AssertionError when it is not so within 10 s
   */
  public void awaitSubscriptions(int count) {
    hub.await(
        () -> subscriptions().stream().filter(each -> each.sent().isPresent()).count() == count,
        TestGateway.PATIENCE,
        () -> "not " + count + " subscriptions of " + name + " but " + subscriptions());
  }

  /**
   * Waits until all subscriptions of this source, one at least, have acknowledged a position or a
   * later one.
   *
   * @param position as a change of this source returned it
   * @throws AssertionError when it is not so within 10 s
   * @throws IllegalArgumentException when it is no position
   */
  public void awaitAcked(String position) {
    Position wanted =
        Position.parse(position)
            .orElseThrow(() -> new IllegalArgumentException("no position: " + position));
    hub.await(
        () ->
            !subscriptions().isEmpty() && subscriptions().stream().allMatch(s -> acked(s, wanted)),
        TestGateway.PATIENCE,
        () -> "not all have acknowledged " + position + ": " + subscriptions());
  }

  private static boolean acked(TestSubscription subscription, Position wanted) {
    return subscription
        .acked()
        .flatMap(Position::parse)
        .filter(acked -> Long.compareUnsigned(acked.time(), wanted.time()) >= 0)
        .isPresent();
  }

  /** The subscriptions of this source, of all clients that are connected. */
  public List<TestSubscription> subscriptions() {
    return hub.get(() ->
        hub.greeted().stream()
            .flatMap(peer -> peer.seen().subscriptions().stream())
            .filter(each -> each.source().equals(name))
            .toList());
  }
}
