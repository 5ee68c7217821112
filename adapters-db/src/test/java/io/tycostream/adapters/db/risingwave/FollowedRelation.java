package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.simulator.risingwave.LogEntry;
import io.tycostream.adapters.db.simulator.risingwave.LogEntry.Op;
import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows one relation of a simulated RisingWave, in the order in which the driver does, without
 * its waits: a stream that breaks is opened anew at once, fresh when its history is lost.
 *
 * <p>It counts what is told twice where rows come out of the adapter, before anything drops them.
 */
final class FollowedRelation implements AutoCloseable {

  static final String SOURCE = "s";

  static final Pace FAST =
      new Pace(1, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(2), Duration.ofMillis(2), 7);

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final RisingWaveSimulator database;
  private final String relation;
  private final RisingWaveSource changes;
  private final Source source;
  private final Intake intake;
  private final Recorder recorder = new Recorder();
  private @Nullable ChangeStream stream;
  private boolean fresh = true;

  /** What was told as the rows of the first stream, and its time. */
  private final List<Row> firstRows = new ArrayList<>();

  private long firstTime = -1;
  private int answers;

  /** Whether the rows may be told of an earlier moment, with each change since. */
  boolean wantsPast = true;

  /** Which endpoint the next stream is opened at. */
  int endpoint;

  int opens;
  int freshOpens;
  int repeated;
  final List<Failure> failures = new ArrayList<>();

  FollowedRelation(WireServer server, RisingWaveSimulator database, RisingWaveRelation relation) {
    this(database, relation, new RisingWaveSource(List.of(settings(server)), relation, FAST));
  }

  FollowedRelation(
      RisingWaveSimulator database, RisingWaveRelation relation, RisingWaveSource changes) {
    this.database = database;
    this.relation = relation.relation();
    this.changes = changes;
    this.source = new Source(SOURCE, relation.limits(), Instant.EPOCH);
    this.intake = new Intake(List.of(source), Instant.EPOCH);
  }

  static RisingWaveSettings settings(WireServer server) {
    return new RisingWaveSettings(
        new ConnectionSettings(
            new DatabaseEndpoint("RisingWave", server.host(), server.port(), "dev", false, ""),
            "root",
            "",
            "disable",
            Duration.ofSeconds(4), // it is waited for in vain where nobody listens
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofSeconds(15),
            2,
            "tycostream test"),
        "");
  }

  /** With a history of so much; nothing leaves it in a test, whose clock stands still. */
  static RisingWaveRelation relation(
      String relation, Optional<List<String>> key, Duration history) {
    return new RisingWaveRelation(
        SOURCE,
        relation,
        key,
        "sub",
        true,
        RisingWaveRelation.RETENTION,
        new SourceLimits(new HistoryLimits(1_000_000, history, 1L << 30), 1_000_000, 1L << 30));
  }

  Intake intake() {
    return intake;
  }

  Source source() {
    return source;
  }

  long complete() {
    return intake.complete().map(Checkpoint::time).orElse(-1L);
  }

  long firstTime() {
    return firstTime;
  }

  int resyncs() {
    return (int) batches().stream().filter(Batch::resync).count();
  }

  /** One step: opens a stream, or polls the one that is open. */
  void turn() {
    try {
      ChangeStream open = stream;
      if (open == null) {
        opens++;
        freshOpens += fresh ? 1 : 0;
        intake.beginStream(fresh);
        recorder.beginStream();
        stream = changes.open(endpoint, fresh, recorder);
        fresh = false;
      } else {
        answers += open.poll(recorder) ? 1 : 0;
      }
    } catch (StreamException e) {
      failures.add(e.failure());
      fresh |= e.failure().kind() == FailureKind.HISTORY_LOST || intake.complete().isEmpty();
      breakStream();
    }
  }

  /** Goes on until so many FETCHes were answered. */
  void answers(int count) {
    int end = answers + count;
    until(() -> answers >= end || !failures.isEmpty());
  }

  void breakStream() {
    ChangeStream open = stream;
    stream = null;
    if (open != null) {
      open.close();
    }
  }

  /** Goes on until something holds. */
  void until(BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        List<Failure> last = failures.subList(Math.max(0, failures.size() - 3), failures.size());
        fail("it does not come: complete " + complete() + ", " + database + ", " + last);
      }
      turn();
    }
  }

  /** Goes on until everything up to this time is complete, and more is not open. */
  void until(long time) {
    until(() -> complete() >= time);
  }

  boolean stands() {
    ChangeStream open = stream;
    return open != null && open.stands();
  }

  boolean isOpen() {
    return stream != null;
  }

  /** Everything that was published is what happened, each moment once; and nothing came twice. */
  void check() {
    assertEquals(0, repeated, "told twice");
    Map<List<@Nullable String>, Integer> view = new HashMap<>();
    firstRows.forEach(row -> add(view, row, 1));
    assertEquals(counted(database.state(relation, firstTime)), view, "the first rows");
    long at = firstTime;
    for (Batch batch : batches()) {
      Map<List<@Nullable String>, Integer> told = net(batch.changes());
      long to = batch.position().time();
      Map<List<@Nullable String>, Integer> happened = happened(at, to);
      assertEquals(happened, told, "from " + at + " to " + to);
      if (!batch.resync()) {
        // Of an epoch that comes to nothing, as when a row goes and an equal one comes, nothing is
        // told.
        database.changes(relation, at, to).stream()
            .map(LogEntry::time)
            .filter(time -> time != to)
            .forEach(
                time -> assertEquals(Map.of(), happened(time - 1, time), "one epoch at a time"));
      }
      merge(view, told);
      at = to;
    }
    assertEquals(Map.of(), happened(at, complete()), "missing up to " + complete());
    assertEquals(counted(database.state(relation, complete())), view, "the rows in the end");
  }

  private List<Batch> batches() {
    if (source.generation().isEmpty()) {
      return List.of();
    }
    ChangeLog log = source.generation().get().log();
    assertEquals(0, log.floor());
    List<Batch> batches = new ArrayList<>();
    for (long i = 1; i <= log.head(); i++) {
      batches.add(log.entry(i).orElseThrow().batch());
    }
    return batches;
  }

  private Map<List<@Nullable String>, Integer> happened(long after, long through) {
    Map<List<@Nullable String>, Integer> net = new HashMap<>();
    database.changes(relation, after, through).forEach(entry -> merge(net, changed(entry)));
    return net;
  }

  private static Map<List<@Nullable String>, Integer> changed(LogEntry entry) {
    boolean more = entry.op() == Op.INSERT || entry.op() == Op.UPDATE_INSERT;
    return Map.of(entry.values(), more ? 1 : -1);
  }

  private static Map<List<@Nullable String>, Integer> counted(List<List<@Nullable String>> rows) {
    Map<List<@Nullable String>, Integer> counts = new HashMap<>();
    rows.forEach(row -> merge(counts, Map.of(row, 1)));
    return counts;
  }

  private static Map<List<@Nullable String>, Integer> net(List<Change> changes) {
    Map<List<@Nullable String>, Integer> net = new HashMap<>();
    for (Change change : changes) {
      switch (change) {
        case Change.Insert(Row row) -> add(net, row, 1);
        case Change.Delete(Row before) -> add(net, before, -1);
        case Change.Update(Row before, Row row) -> {
          add(net, before, -1);
          add(net, row, 1);
        }
      }
    }
    return net;
  }

  private static void add(Map<List<@Nullable String>, Integer> counts, Row row, int diff) {
    List<@Nullable String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(row.value(i));
    }
    merge(counts, Map.of(values, diff));
  }

  private static void merge(
      Map<List<@Nullable String>, Integer> counts, Map<List<@Nullable String>, Integer> more) {
    more.forEach((row, diff) ->
        counts.merge(row, diff, (a, b) -> a + b == 0 ? null : Integer.valueOf(a + b)));
  }

  @Override
  public void close() {
    breakStream();
    changes.abort();
  }

  private record Told(long time, Map<List<@Nullable String>, Integer> change) {

    static Told of(long time, RowEvent.Counted counted) {
      Map<List<@Nullable String>, Integer> change = new HashMap<>();
      add(change, counted.row(), Math.toIntExact(counted.diff()));
      return new Told(time, change);
    }

    static Told of(LogEntry entry) {
      return new Told(entry.time(), changed(entry));
    }
  }

  /** Stands where rows come out of the adapter. */
  private final class Recorder implements ChangeSink {

    /** What one stream told of the time behind its snapshot, and how often. */
    private final Map<Told, Integer> seen = new HashMap<>();

    private long loadingAt = -1;

    /** Another stream is opened. */
    void beginStream() {
      seen.clear();
    }

    /** Rows without a key may be told more than once, but no more often than they were logged. */
    private boolean isToldAgain(Told told) {
      int times = seen.merge(told, 1, Integer::sum);
      return times > 1
          && times
              > database.changes(relation, told.time - 1, told.time).stream()
                  .filter(entry -> told.equals(Told.of(entry)))
                  .count();
    }

    @Override
    public Optional<Checkpoint> complete() {
      return intake.complete();
    }

    @Override
    public boolean wantsPast() {
      return wantsPast;
    }

    @Override
    public Optional<Relation> relation(String name) {
      return intake.relation(name);
    }

    @Override
    public void snapshotStarted() {
      intake.snapshotStarted();
    }

    @Override
    public void snapshotProgressed() {
      intake.snapshotProgressed();
    }

    @Override
    public void loaded(String name, Relation loaded, Checkpoint at, List<Row> rows) {
      throw new IllegalStateException("not the way of RisingWave");
    }

    @Override
    public void loading(String name, Relation loaded, Checkpoint at) {
      loadingAt = at.time();
      if (source.generation().isEmpty()) {
        firstTime = at.time();
        firstRows.clear();
      }
      intake.loading(name, loaded, at);
    }

    @Override
    public void resumed(long behind) throws StreamException {
      intake.resumed(behind);
    }

    @Override
    public void failed(String name, Failure failure) {
      intake.failed(name, failure);
    }

    @Override
    public void row(String name, RowEvent event) {
      throw new IllegalStateException("not the way of RisingWave");
    }

    @Override
    public void row(String name, long time, RowEvent event) throws StreamException {
      boolean ofSnapshot = time == loadingAt;
      if (!ofSnapshot && event instanceof RowEvent.Counted counted) {
        boolean old = intake.complete().filter(at -> time <= at.time()).isPresent();
        repeated += old || isToldAgain(Told.of(time, counted)) ? 1 : 0;
      }
      if (ofSnapshot
          && source.generation().isEmpty()
          && event instanceof RowEvent.Counted counted) {
        firstRows.add(counted.row());
      }
      intake.row(name, time, event);
    }

    @Override
    public void commit(long time) {
      throw new IllegalStateException("not the way of RisingWave");
    }

    @Override
    public void progress(long time) {
      throw new IllegalStateException("not the way of RisingWave");
    }

    @Override
    public void closed(long before) throws StreamException {
      loadingAt = -1;
      intake.closed(before);
    }

    @Override
    public void completed() {
      throw new IllegalStateException("not the way of RisingWave");
    }
  }
}
