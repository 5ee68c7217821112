package io.tycostream.domain.source;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.frontier.DisorderException;
import io.tycostream.domain.frontier.Frontier;
import io.tycostream.domain.frontier.Moment;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import io.tycostream.domain.view.MisfitException;
import io.tycostream.domain.view.TooLargeException;
import io.tycostream.domain.view.View;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes what a stream tells to the sources: whole moments only, through a {@link Frontier}.
 *
 * <p>No source holds up another:
 *
 * <ul>
 *   <li>One that <b>fails</b> alone (a missing table, too many rows) is left out until the next
 *       fresh stream, and keeps the rows it has; or until its rows were read beside the stream:
 *       what happens to it meanwhile is kept in a {@link Backlog}. When all have failed the stream
 *       is of no use: it is given up, and tried again slowly.
 *   <li>One that is <b>out of step</b>, because a moment does not fit its rows, is left out too;
 *       the others get the moment, and then the stream is given up for a fresh one, whose snapshot
 *       puts it right. Until then nothing is {@link #complete}, so that the stream is not resumed.
 * </ul>
 *
 * <p>It has no clock: what comes to the sources bears the time told last with {@link #at}. Owned by
 * the driver of the stream.
 */
public final class Intake implements ChangeSink {

  /** Limits are looked at each time the open moment has grown by this much. */
  private static final long LIMIT_CHECK_BYTES = 1 << 20;

  /** A source that cannot be followed although the stream goes on, and why. */
  public record FailedAlone(Source source, Failure failure) {}

  /** A relation whose rows are being told. */
  private record Loading(Relation relation, Checkpoint at) {}

  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final Map<Source, Loading> loading = new LinkedHashMap<>();
  private final Set<Source> failed = new LinkedHashSet<>();

  /** Of those of them whose rows are being read beside the stream. */
  private final Map<Source, Backlog> backlogs = new LinkedHashMap<>();

  /** Those that had too many rows, and of which all were not read since. */
  private final Set<Source> tooLarge = new HashSet<>();

  private final List<FailedAlone> untold = new ArrayList<>();
  private final Set<Source> outOfStep = new HashSet<>();
  private final Map<Source, Prehistory> prehistories = new LinkedHashMap<>();
  private final Frontier<Source> frontier = new Frontier<>();
  private final Trail trail;
  private Instant now;
  private @Nullable String epoch;

  /** The epoch of the snapshot that is being told. */
  private @Nullable String loadingEpoch;

  public Intake(List<Source> sources, Instant now) {
    sources.forEach(source -> this.sources.put(source.name(), source));
    this.trail =
        new Trail(
            sources.stream()
                .map(source -> source.limits().history().maxAge())
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO));
    this.now = now;
  }

  /** It is now so late. To be told before a stream is opened and before each poll of it. */
  public void at(Instant now) {
    this.now = now;
    complete().ifPresent(complete -> trail.pass(complete, now));
  }

  /** Another stream is going to be opened: what is incomplete of the last one is forgotten. */
  public void beginStream(boolean fresh) {
    frontier.cut();
    loading.clear();
    backlogs.clear();
    prehistories.clear();
    loadingEpoch = null;
    if (fresh) {
      failed.clear();
      outOfStep.clear();
    }
  }

  /**
   * Why the last source failed, when every source has: the stream serves nobody then, and there is
   * nothing that could be resumed.
   */
  public Optional<Failure> uselessness() {
    return failed.size() < sources.size()
        ? Optional.empty()
        : sources.values().stream()
            .flatMap(source -> source.state().reason().stream())
            .map(reason -> new Failure(FailureKind.QUERY, reason))
            .reduce((first, last) -> last);
  }

  /** Those that failed since this was asked last, one that failed again too. */
  public List<FailedAlone> newlyFailed() {
    List<FailedAlone> newly = List.copyOf(untold);
    untold.clear();
    return newly;
  }

  /** About how much memory what waits for its moment to be whole takes of a source, in bytes. */
  public long pendingBytes(Source source) {
    return frontier.pendingBytes(source);
  }

  /** Whether this source is left out because it failed alone. */
  public boolean hasFailed(Source source) {
    return failed.contains(source);
  }

  @Override
  public Optional<Checkpoint> complete() {
    String known = epoch;
    boolean resumable = outOfStep.isEmpty() && failed.size() < sources.size();
    return known == null || !resumable || frontier.complete().isEmpty()
        ? Optional.empty()
        : Optional.of(new Checkpoint(known, frontier.complete().getAsLong()));
  }

  /**
   * The oldest moment from which some client could still be helped by the history of a source, of
   * those that lie in its time: older entries than its age leave, be they there or not.
   */
  @Override
  public Optional<Checkpoint> needed() {
    Optional<Checkpoint> complete = complete();
    if (complete.isEmpty()) {
      return complete;
    }
    Checkpoint oldest = complete.get();
    for (Source source : sources.values()) {
      if (!isLeftOut(source)) {
        oldest = oldest.earlier(needed(source, complete.get()));
      }
    }
    return Optional.of(oldest);
  }

  private Checkpoint needed(Source source, Checkpoint complete) {
    Optional<Position> oldest =
        source.generation().flatMap(present -> present.log().oldest(complete.epoch()));
    if (oldest.isEmpty()) {
      return complete;
    }
    Checkpoint inLog = new Checkpoint(complete.epoch(), oldest.get().time());
    Instant since = now.minus(source.limits().history().maxAge());
    return trail
        .lastBefore(since, complete.epoch())
        .map(inLog::later)
        .orElse(inLog)
        .earlier(complete);
  }

  @Override
  public boolean wantsPast() {
    return tooLarge.isEmpty();
  }

  @Override
  public void touched(String source, Checkpoint from, Set<Key> keys) {
    prehistories.put(named(source), new Prehistory(from.time(), keys));
  }

  @Override
  public Optional<Relation> relation(String source) {
    Source named = named(source);
    return isLeftOut(named) ? Optional.empty() : named.relation();
  }

  /** The relations that are held, by the name of their source. */
  public Map<String, Relation> relations() {
    Map<String, Relation> relations = new LinkedHashMap<>();
    for (String name : sources.keySet()) {
      relation(name).ifPresent(relation -> relations.put(name, relation));
    }
    return relations;
  }

  /** Nothing to a source: its state comes from the machine. */
  @Override
  public void snapshotStarted() {}

  /** Nothing to a source. */
  @Override
  public void snapshotProgressed() {}

  @Override
  public void loaded(String name, Relation relation, Checkpoint at, List<Row> rows) {
    epoch = at.epoch();
    frontier.startAt(at.time());
    load(named(name), relation, at, () -> rows);
  }

  @Override
  public void loading(String name, Relation relation, Checkpoint at) {
    frontier.startWith(at.time());
    loadingEpoch = at.epoch();
    loading.put(named(name), new Loading(relation, at));
  }

  @Override
  public void resumed(long behind) throws StreamException {
    try {
      frontier.resumeBehind(behind);
    } catch (DisorderException e) {
      throw lost(e.disorder());
    }
  }

  @Override
  public void failed(String source, Failure failure) {
    fail(named(source), failure);
  }

  @Override
  public void joining(String name) {
    Source source = named(name);
    if (failed.contains(source)) {
      frontier.forget(source);
      backlogs.put(source, new Backlog());
    }
  }

  @Override
  public void joined(String name, Relation relation, Checkpoint at, List<Row> rows) {
    Checkpoint complete = complete().filter(ours -> ours.reaches(at)).orElseThrow(() -> early(at));
    Source source = named(name);
    Backlog backlog = backlogs.remove(source);
    if (backlog == null) {
      return;
    }
    failed.remove(source);
    load(source, relation, at, () -> rows);
    for (Backlog.Kept kept : backlog.after(at.time())) {
      if (!isLeftOut(source)) {
        applyBehindSnapshot(source, kept);
      }
    }
    if (!isLeftOut(source)) {
      source.progress(complete.time(), now);
    }
  }

  private static IllegalArgumentException early(Checkpoint at) {
    return new IllegalArgumentException("rows at " + at + ", which is not complete yet");
  }

  private void applyBehindSnapshot(Source source, Backlog.Kept kept) {
    try {
      source.apply(kept.time(), kept.events(), now);
    } catch (MisfitException e) {
      fail(source, e.misfit()); // it alone is read anew, and not all
    } catch (TooLargeException e) {
      failTooLarge(source, e.excess());
    }
  }

  @Override
  public void row(String name, RowEvent event) {
    Source source = named(name);
    if (!isLeftOut(source) || backlogs.containsKey(source)) {
      frontier.row(source, event);
      failIfPendingTooMuch(source, event);
    }
  }

  @Override
  public void row(String name, long time, RowEvent event) throws StreamException {
    Source source = named(name);
    if (isLeftOut(source)) {
      apply(() -> frontier.closeBefore(time)); // what the row says of the others
      return;
    }
    apply(() -> frontier.row(source, time, event));
    failIfPendingTooMuch(source, event);
  }

  @Override
  public void commit(long time) throws StreamException {
    apply(() -> frontier.commit(time));
  }

  @Override
  public void progress(long time) {
    // Also at the same time as before: that nothing happened since is known anew.
    if (frontier.progress(time) || frontier.standsAt(time)) {
      progressed(time);
    }
  }

  @Override
  public void closed(long before) throws StreamException {
    apply(() -> frontier.closeBefore(before));
    if (before != 0 && frontier.isCompleteAt(before - 1)) {
      progressed(before - 1);
    }
  }

  @Override
  public void completed() throws StreamException {
    apply(frontier::closeAll);
    progressed(-1);
  }

  private void progressed(long time) {
    for (Source source : sources.values()) {
      if (!isLeftOut(source) && source.generation().isPresent()) {
        source.progress(time, now);
      }
    }
  }

  private void apply(Supplier<Optional<Moment<Source>>> closing) throws StreamException {
    Optional<Moment<Source>> moment;
    try {
      moment = closing.get();
    } catch (DisorderException e) {
      throw lost(e.disorder());
    }
    if (moment.isPresent() && moment.get().snapshot()) {
      loadAll(moment.get());
    } else if (moment.isPresent()) {
      applyAll(moment.get());
    }
  }

  private void loadAll(Moment<Source> moment) {
    epoch = loadingEpoch;
    Map<Source, Loading> all = new LinkedHashMap<>(loading);
    loading.clear();
    all.forEach((source, told) -> {
      List<RowEvent> events = moment.events().getOrDefault(source, List.of());
      load(
          source,
          told.relation,
          told.at,
          () -> {
            View rows = new View(told.relation, List.of(), source.limits().capacity());
            rows.apply(events);
            return rows.rows();
          });
    });
  }

  private void load(Source source, Relation relation, Checkpoint at, Supplier<List<Row>> rows) {
    Optional<Prehistory> prehistory = Optional.ofNullable(prehistories.remove(source));
    try {
      Position position = new Position(at.epoch(), at.time(), relation.print());
      source.load(relation, position, rows.get(), prehistory, now);
      tooLarge.remove(source);
    } catch (MisfitException e) {
      fail(source, e.misfit());
    } catch (TooLargeException e) {
      failTooLarge(source, e.excess());
    }
  }

  private void applyAll(Moment<Source> moment) throws StreamException {
    Optional<String> misfit = Optional.empty();
    for (Map.Entry<Source, List<RowEvent>> entry : moment.events().entrySet()) {
      Source source = entry.getKey();
      Backlog backlog = backlogs.get(source);
      if (backlog != null) {
        backlog.keep(moment.time(), entry.getValue());
        failIfBacklogTooLarge(source, backlog.bytes());
        continue;
      }
      try {
        source.apply(moment.time(), entry.getValue(), now);
      } catch (MisfitException e) {
        outOfStep.add(source);
        misfit = Optional.of(e.misfit());
      } catch (TooLargeException e) {
        failTooLarge(source, e.excess());
      }
    }
    if (misfit.isPresent()) {
      throw lost(misfit.get());
    }
  }

  private void failIfPendingTooMuch(Source source, RowEvent last) {
    long pending = frontier.pendingBytes(source);
    if (pending / LIMIT_CHECK_BYTES == (pending - last.bytes()) / LIMIT_CHECK_BYTES) {
      return;
    }
    Backlog backlog = backlogs.get(source);
    if (backlog != null) {
      failIfBacklogTooLarge(source, backlog.bytes() + pending);
      return;
    }
    boolean fits;
    if (loading.containsKey(source)) { // the rows there are will be replaced by these
      int events = frontier.pendingEvents(source);
      fits =
          events <= source.limits().maxRows()
              && pending - events * RowEvent.OVERHEAD_BYTES <= source.limits().maxBytes();
    } else {
      fits = source.withinLimits(pending);
    }
    if (!fits) {
      failTooLarge(source, "source " + source.name() + " has grown too large");
    }
  }

  private void failIfBacklogTooLarge(Source source, long bytes) {
    if (bytes > source.limits().maxBytes()) {
      fail(
          source,
          "too much happened to source "
              + source.name()
              + " while its rows were read again, "
              + limits(source));
    }
  }

  private static String limits(Source source) {
    return "the limits are %,d rows and %,d bytes (cache.max-rows and cache.max-bytes)"
        .formatted(source.limits().maxRows(), source.limits().maxBytes());
  }

  private void failTooLarge(Source source, String excess) {
    tooLarge.add(source);
    fail(source, excess + ", " + limits(source));
  }

  private boolean isLeftOut(Source source) {
    return failed.contains(source) || outOfStep.contains(source);
  }

  private void fail(Source source, String reason) {
    fail(source, new Failure(FailureKind.QUERY, reason));
  }

  private void fail(Source source, Failure failure) {
    frontier.forget(source);
    loading.remove(source);
    backlogs.remove(source);
    failed.add(source);
    untold.add(new FailedAlone(source, failure));
    source.fail(failure.message(), now);
  }

  private Source named(String name) {
    Source source = sources.get(name);
    if (source == null) {
      throw new IllegalArgumentException("no source is named " + name);
    }
    return source;
  }

  private static StreamException lost(String why) {
    return new StreamException(FailureKind.HISTORY_LOST, why + "; all rows are read anew");
  }
}
