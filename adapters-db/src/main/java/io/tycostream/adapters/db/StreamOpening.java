package io.tycostream.adapters.db;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import io.tycostream.domain.upstream.UpstreamEffect.OpenStream;
import io.tycostream.domain.upstream.UpstreamEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One opening of a stream, on a thread of its own, so that the driver goes on meeting deadlines
 * meanwhile and can give it up.
 *
 * <p>It sees what the sources held when it began. What it is told for them waits until the stream
 * stands, and is forgotten when it is given up: the sources have one writer, the driver's thread.
 */
final class StreamOpening implements ChangeSink {

  private static final System.Logger LOG = System.getLogger(StreamOpening.class.getName());

  private static final Duration PROGRESS_EVERY = Duration.ofMillis(100);

  private static final Duration ABORT_AGAIN = Duration.ofMillis(20);

  /** The driver, whose methods are called on its own thread, and never after {@link #giveUp}. */
  interface Driver {

    /** Does something on the driver's thread. Any thread. */
    void enqueue(Runnable task);

    void happened(UpstreamEvent event);

    /** The sources are going to be told what came before the first row. */
    void telling();

    /**
     * The last call: the sources know what was told before the first row of the stream.
     *
     * @param fresh whether the stream begins with all rows
     */
    void opened(ChangeStream stream, boolean fresh);

    /** The last call. */
    void failed(Failure failure);
  }

  private final ChangeSource changes;
  private final OpenStream order;
  private final Intake intake;
  private final Driver driver;
  private final Optional<Checkpoint> complete;
  private final boolean wantsPast;
  private final Map<String, Relation> relations;
  private final List<Telling> told = new ArrayList<>();
  private final Thread thread;

  /** The stream that was opened, until somebody takes it. */
  private final AtomicReference<@Nullable ChangeStream> untaken = new AtomicReference<>();

  private volatile boolean givenUp;
  private @Nullable StreamOpening before;

  /** Written on the driver's thread, before a next opening is made. */
  private @Nullable Thread aborting;

  private long progressToldAt = System.nanoTime();

  /** Something that the sources are to know before the first row of the stream. */
  private interface Telling {
    void tell() throws StreamException;
  }

  /** Made on the driver's thread. */
  StreamOpening(
      String database, ChangeSource changes, OpenStream order, Intake intake, Driver driver) {
    this.changes = changes;
    this.order = order;
    this.intake = intake;
    this.driver = driver;
    this.complete = intake.complete();
    this.wantsPast = intake.wantsPast();
    this.relations = intake.relations();
    this.thread = Thread.ofPlatform().name("opening-" + database).daemon().unstarted(this::run);
  }

  /**
   * Begins, and returns at once.
   *
   * @param predecessor which may not have ended yet although it was given up; it is waited for
   */
  void start(@Nullable StreamOpening predecessor) {
    before = predecessor;
    thread.start();
  }

  /** Nothing is told any more, and a stream that opens nevertheless is closed. Driver's thread. */
  void giveUp() {
    givenUp = true;
    changes.abort();
    closeUntaken();
    aborting = Thread.ofVirtual().name("abort-" + thread.getName()).start(this::abortUntilItEnds);
  }

  /**
   * What is aborted in the moment before it begins goes on, so it is aborted again until it ends.
   * The next opening, which would be hit too, begins only behind this.
   */
  private void abortUntilItEnds() {
    try {
      while (!thread.join(ABORT_AGAIN)) {
        changes.abort();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this", e);
    }
  }

  private void run() {
    StreamOpening predecessor = before;
    before = null;
    if (predecessor != null) {
      predecessor.awaitEnd();
    }
    if (givenUp) {
      return;
    }
    try {
      untaken.set(changes.open(order.endpoint(), order.fresh(), this));
      driver.enqueue(this::handOver);
      if (givenUp) {
        closeUntaken(); // the driver may have ended, and do nothing any more
      }
    } catch (StreamException e) {
      fail(e.failure());
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, thread.getName() + ": the stream cannot be opened", e);
      fail(new Failure(FailureKind.RESOURCES, e.toString()));
    }
  }

  private void awaitEnd() {
    try {
      thread.join();
      Thread last = aborting;
      if (last != null) {
        last.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts an opening", e);
    }
  }

  private void closeUntaken() {
    ChangeStream stream = untaken.getAndSet(null);
    if (stream != null) {
      stream.close();
    }
  }

  private void handOver() {
    ChangeStream stream = untaken.getAndSet(null);
    if (stream == null) {
      return;
    }
    if (givenUp) {
      stream.close();
      return;
    }
    try {
      tellAll();
    } catch (StreamException e) {
      stream.close();
      driver.failed(e.failure());
      return;
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, thread.getName() + ": the rows cannot be loaded", e);
      stream.close();
      driver.failed(new Failure(FailureKind.RESOURCES, e.toString()));
      return;
    }
    told.clear(); // else the rows of the snapshot would stay for as long as the stream
    driver.opened(stream, order.fresh());
  }

  private void fail(Failure failure) {
    driver.enqueue(() -> {
      if (!givenUp) {
        try {
          tellAll(); // a source that cannot be followed is known nevertheless
          driver.failed(failure);
        } catch (StreamException e) {
          driver.failed(e.failure());
        }
      }
    });
  }

  private void tellAll() throws StreamException {
    driver.telling();
    for (Telling each : told) {
      each.tell();
    }
  }

  private void tell(UpstreamEvent event) {
    driver.enqueue(() -> {
      if (!givenUp) {
        driver.happened(event);
      }
    });
  }

  @Override
  public Optional<Checkpoint> complete() {
    return complete;
  }

  @Override
  public boolean wantsPast() {
    return wantsPast;
  }

  @Override
  public Optional<Relation> relation(String source) {
    return Optional.ofNullable(relations.get(source));
  }

  @Override
  public void snapshotStarted() {
    tell(new UpstreamEvent.SnapshotStarted());
  }

  @Override
  public void snapshotProgressed() {
    long now = System.nanoTime();
    if (now - progressToldAt >= PROGRESS_EVERY.toNanos()) {
      progressToldAt = now;
      tell(new UpstreamEvent.OpeningProgressed());
    }
  }

  @Override
  public void loaded(String source, Relation relation, Checkpoint at, List<Row> rows) {
    told.add(() -> intake.loaded(source, relation, at, rows));
  }

  @Override
  public void touched(String source, Checkpoint from, Set<Key> keys) {
    told.add(() -> intake.touched(source, from, keys));
  }

  @Override
  public void failed(String source, Failure failure) {
    told.add(() -> intake.failed(source, failure));
  }

  @Override
  public void loading(String source, Relation relation, Checkpoint at) {
    told.add(() -> intake.loading(source, relation, at));
  }

  @Override
  public void resumed(long behind) {
    told.add(() -> intake.resumed(behind));
  }

  @Override
  public void row(String source, long time, RowEvent event) {
    row(source, event);
  }

  @Override
  public void closed(long before) {
    progress(before);
  }

  @Override
  public void completed() {
    throw new IllegalStateException("an end before the stream stands");
  }

  @Override
  public void row(String source, RowEvent event) {
    throw new IllegalStateException("a row of " + source + " before the stream stands");
  }

  @Override
  public void commit(long time) {
    throw new IllegalStateException("a commit before the stream stands");
  }

  @Override
  public void progress(long time) {
    throw new IllegalStateException("progress before the stream stands");
  }
}
