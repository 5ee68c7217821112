package io.tycostream.client;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
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
  private final Optional<BufferRequest> buffer;
  private final OptionalDouble maxRate;
  private final int priority;

  private TableQuery(
      String source,
      Filter where,
      Optional<Set<String>> columns,
      Optional<BufferRequest> buffer,
      OptionalDouble maxRate,
      int priority) {
    this.source = source;
    this.where = where;
    this.columns = columns;
    this.buffer = buffer;
    this.maxRate = maxRate;
    this.priority = priority;
  }

  /** All rows and columns of a source, as the gateway's configuration names it. */
  public static TableQuery of(String source) {
    return new TableQuery(
        Objects.requireNonNull(source, "source"),
        Filter.EVERYTHING,
        Optional.empty(),
        Optional.empty(),
        OptionalDouble.empty(),
        Subscribe.DEFAULT_PRIORITY);
  }

  /** Only rows for which this is true, in place of an earlier condition; see {@link Where}. */
  public TableQuery where(Filter condition) {
    return new TableQuery(source, condition, columns, buffer, maxRate, priority);
  }

  /** Only these columns, and those of the key. */
  public TableQuery columns(String... names) {
    Set<String> chosen = new LinkedHashSet<>(List.of(names));
    return new TableQuery(source, where, Optional.of(chosen), buffer, maxRate, priority);
  }

  /**
   * A program that is slow sees fewer, newer changes, and no gap: what waits is merged by key. Best
   * for what is only shown.
   */
  public TableQuery conflated() {
    BufferRequest conflate =
        new BufferRequest(
            OptionalLong.empty(),
            Optional.of(DropPolicy.CONFLATE),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Optional.empty(),
            OptionalInt.empty());
    return new TableQuery(source, where, columns, Optional.of(conflate), maxRate, priority);
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
        source, where, columns, buffer, OptionalDouble.of(changesPerSecond), priority);
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
    return new TableQuery(source, where, columns, buffer, maxRate, weight);
  }

  /** The source that it is of. */
  public String source() {
    return source;
  }

  Subscribe subscribe(String ref) {
    return new Subscribe(
        ref,
        source,
        where,
        columns,
        Optional.empty(),
        true,
        OnGap.SNAPSHOT,
        false,
        buffer,
        maxRate,
        priority);
  }
}
