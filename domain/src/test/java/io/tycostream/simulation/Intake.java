package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.frontier.Frontier;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.view.MisfitException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a stream tells to the sources: whole moments only, through a {@link Frontier}.
 *
 * <p>A source that fails alone (a missing table, too many rows) is left out until the next fresh
 * stream; the others go on. Used by the driver's thread.
 */
final class Intake implements ChangeSink {

  /** Limits are looked at each time the open moment has grown by this much. */
  private static final long LIMIT_CHECK_BYTES = 1 << 20;

  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final Set<Source> failed = new HashSet<>();
  private final Frontier<Source> frontier = new Frontier<>();
  private final InstantSource clock;
  private final Runnable onSnapshotStarted;
  private @Nullable String epoch;

  Intake(List<Source> sources, InstantSource clock, Runnable onSnapshotStarted) {
    sources.forEach(source -> this.sources.put(source.name(), source));
    this.clock = clock;
    this.onSnapshotStarted = onSnapshotStarted;
  }

  /** Another stream is going to be opened: what is incomplete of the last one is forgotten. */
  void beginStream(boolean fresh) {
    frontier.cut();
    if (fresh) {
      failed.clear();
    }
  }

  boolean hasFailed(Source source) {
    return failed.contains(source);
  }

  @Override
  public Optional<Checkpoint> complete() {
    return Optional.ofNullable(epoch).map(known -> new Checkpoint(known, frontier.complete()));
  }

  @Override
  public Optional<Relation> relation(String source) {
    Source named = named(source);
    return failed.contains(named) ? Optional.empty() : named.relation();
  }

  @Override
  public void snapshotStarted() {
    onSnapshotStarted.run();
  }

  @Override
  public void loaded(String name, Relation relation, Checkpoint at, List<Row> rows) {
    Source source = named(name);
    epoch = at.epoch();
    frontier.startAt(at.time());
    if (rows.size() > source.limits().maxRows()) {
      fail(source, relation.name() + " has " + rows.size() + " rows, " + rowLimit(source));
      return;
    }
    try {
      Position position = new Position(at.epoch(), at.time(), relation.print());
      source.load(relation, position, rows, clock.instant());
      failIfOverLimit(source, 0);
    } catch (MisfitException e) {
      fail(source, e.misfit());
    }
  }

  @Override
  public void failed(String source, Failure failure) {
    fail(named(source), failure.message());
  }

  @Override
  public void row(String name, RowEvent event) {
    Source source = named(name);
    if (failed.contains(source)) {
      return;
    }
    long before = frontier.pendingBytes(source);
    frontier.row(source, event);
    long pending = frontier.pendingBytes(source);
    if (pending / LIMIT_CHECK_BYTES > before / LIMIT_CHECK_BYTES) {
      failIfOverLimit(source, pending);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws MisfitException when it does not fit the rows there are
   */
  @Override
  public void commit(long time) {
    frontier
        .commit(time)
        .ifPresent(moment ->
            moment
                .events()
                .forEach((source, events) -> {
                  source.apply(moment.time(), events, clock.instant());
                  failIfOverLimit(source, 0);
                }));
  }

  @Override
  public void progress(long time) {
    // Also at the same time as before: that nothing happened since is known anew.
    if (frontier.progress(time) || frontier.standsAt(time)) {
      for (Source source : sources.values()) {
        if (!failed.contains(source) && source.generation().isPresent()) {
          source.progress(time, clock.instant());
        }
      }
    }
  }

  private void failIfOverLimit(Source source, long pendingBytes) {
    if (!source.withinLimits(pendingBytes)) {
      fail(source, "source " + source.name() + " has grown too large, " + rowLimit(source));
    }
  }

  private static String rowLimit(Source source) {
    return "the limits are %,d rows and %,d bytes (cache.max-rows and cache.max-bytes)"
        .formatted(source.limits().maxRows(), source.limits().maxBytes());
  }

  private void fail(Source source, String reason) {
    frontier.forget(source);
    failed.add(source);
    source.fail(reason, clock.instant());
  }

  private Source named(String name) {
    Source source = sources.get(name);
    if (source == null) {
      throw new IllegalArgumentException("no source is named " + name);
    }
    return source;
  }
}
