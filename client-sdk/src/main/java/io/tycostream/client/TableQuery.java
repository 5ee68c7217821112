package io.tycostream.client;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Which rows and columns of a source a client follows, and how they are sent. Immutable: each
 * method gives another one.
 *
 * <pre>{@code
 * TableQuery.of("trades")
 *     .where(Where.all(Where.column("desk").is("fx"), Where.column("price").isAbove(100)))
 *     .columns("symbol", "price")
 * }</pre>
 */
public final class TableQuery {

  private final String source;
  private final Filter where;
  private final Optional<Set<String>> columns;
  private final Beginning beginning;
  private final Optional<BufferRequest> buffer;
  private final OptionalDouble maxRate;
  private final int priority;
  private final Optional<String> durable;

  /** What is followed, and how it begins. */
  private enum Beginning {
    ROWS,
    EVENTS_BEHIND_ROWS,
    EVENTS
  }

  private TableQuery(
      String source,
      Filter where,
      Optional<Set<String>> columns,
      Beginning beginning,
      Optional<BufferRequest> buffer,
      OptionalDouble maxRate,
      int priority,
      Optional<String> durable) {
    this.source = source;
    this.where = where;
    this.columns = columns;
    this.beginning = beginning;
    this.buffer = buffer;
    this.maxRate = maxRate;
    this.priority = priority;
    this.durable = durable;
  }

  /** All rows and columns of a source, as the gateway's configuration names it. */
  public static TableQuery of(String source) {
    return new TableQuery(
        Objects.requireNonNull(source, "source"),
        Filter.EVERYTHING,
        Optional.empty(),
        Beginning.ROWS,
        Optional.empty(),
        OptionalDouble.empty(),
        Subscribe.DEFAULT_PRIORITY,
        Optional.empty());
  }

  /**
   * Only rows for which this is true, in place of an earlier condition. A row that comes to be so
   * is an insert, one that is not so any more a delete.
   */
  public TableQuery where(Where condition) {
    return new TableQuery(
        source, condition.filter(), columns, beginning, buffer, maxRate, priority, durable);
  }

  /**
   * Only these columns, and those of the key, which may be among them. A change in other columns
   * alone is none then. Where the source has no such column the gateway refuses to follow it, and
   * the subscription ends.
   */
  public TableQuery columns(String... names) {
    Set<String> chosen = new LinkedHashSet<>(List.of(names));
    return new TableQuery(
        source, where, Optional.of(chosen), beginning, buffer, maxRate, priority, durable);
  }

  /**
   * A program that is slow sees fewer, newer changes, and no gap: what waits is merged by key. Best
   * for what is only shown.
   */
  public TableQuery conflated() {
    return buffer(ClientBuffer.conflate());
  }

  /** How much may wait at the gateway for a slow program, and what is then dropped. */
  public TableQuery buffer(ClientBuffer wanted) {
    return new TableQuery(
        source,
        where,
        columns,
        beginning,
        Optional.of(wanted.request()),
        maxRate,
        priority,
        durable);
  }

  /**
   * At most so many row changes a second, in the long run.
   *
   * @throws IllegalArgumentException unless it is more than none
   */
  public TableQuery maxRate(double changesPerSecond) {
    if (!(changesPerSecond > 0) || Double.isInfinite(changesPerSecond)) {
      throw new IllegalArgumentException("a rate is above 0: " + changesPerSecond);
    }
    return new TableQuery(
        source,
        where,
        columns,
        beginning,
        buffer,
        OptionalDouble.of(changesPerSecond),
        priority,
        durable);
  }

  /**
   * Its weight among the subscriptions of the client, from 1 to 9; 5 unless told otherwise.
   *
   * @throws IllegalArgumentException when it is another
   */
  public TableQuery priority(int weight) {
    if (weight < 1 || weight > 9) {
      throw new IllegalArgumentException("a priority is from 1 to 9: " + weight);
    }
    return new TableQuery(source, where, columns, beginning, buffer, maxRate, weight, durable);
  }

  /**
   * Every change as an event, behind all rows as they are at first. A program that is slow is told
   * a {@link Gap} and the later changes, not rows again; nobody keeps rows. Where the gateway does
   * not know single changes itself, as behind a restart of its own of which the database kept no
   * history, a batch is not exact: it has the net of them.
   */
  public TableQuery events() {
    return beginning(Beginning.EVENTS_BEHIND_ROWS);
  }

  /** The same, without the rows at first. */
  public TableQuery eventsFromNow() {
    return beginning(Beginning.EVENTS);
  }

  private TableQuery beginning(Beginning other) {
    return new TableQuery(source, where, columns, other, buffer, maxRate, priority, durable);
  }

  /**
   * The program keeps its place under this name, in the client's {@link PositionStore}: started
   * again, it is told what it missed, and all rows only where that is not known any more.
   *
   * <p>The rows are the program's own affair then: {@link Subscription#state} has none, an update
   * does not have the row before, and a delete has the key alone. What a listener throws at is told
   * again, after 100 ms to 20 s, until it returns. A program that is too slow is told a {@link
   * Gap}, and then several changes of a row as one; who needs every change follows {@link #events},
   * which may be durable, too. With another condition or other columns under the same name it is
   * told a gap and all rows.
   *
   * @param name unique among the programs that share a store, and of one subscription at a time;
   *     best one that says what for
   */
  public TableQuery durable(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a durable name has at least one letter");
    }
    return new TableQuery(
        source, where, columns, beginning, buffer, maxRate, priority, Optional.of(name));
  }

  /** The source that it is of. */
  public String source() {
    return source;
  }

  /** Under which name its place is kept, where it is. */
  Optional<String> durable() {
    return durable;
  }

  /** Whether single changes are followed, which make no rows. */
  boolean isOfEvents() {
    return beginning != Beginning.ROWS;
  }

  /** Why there are no rows, for people. */
  String whyNotKept() {
    return isOfEvents() ? "it is followed as events" : "its program keeps its place";
  }

  /**
   * @throws IllegalArgumentException when it cannot be asked for
   */
  void check() {
    try {
      ClientMessageWriter.write(subscribe(""));
    } catch (UncheckedIOException e) {
      throw new IllegalArgumentException("the condition is nested too deeply", e);
    }
  }

  Subscribe subscribe(String ref) {
    return new Subscribe(
        ref,
        source,
        where,
        columns,
        Optional.empty(),
        beginning != Beginning.EVENTS,
        isOfEvents() ? OnGap.CONTINUE : OnGap.SNAPSHOT,
        false,
        buffer,
        maxRate,
        priority);
  }
}
