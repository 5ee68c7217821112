package io.tycostream.app.postgres;

import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Follows a source as a driver does, without its waits: a broken stream is resumed at once. */
final class Follower implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final PostgresSource source;
  private final ChangeSink sink;
  private final Runnable forgetPending;
  private final List<Failure> failures = new ArrayList<>();
  private @Nullable ChangeStream stream;
  private final int endpoint;
  private boolean fresh;
  private int opened;
  private Duration silence = PATIENCE;
  private long heardAt;

  Follower(PostgresSource source, RecordingSink sink) {
    this(source, sink, 0);
  }

  Follower(PostgresSource source, LedgerSink sink) {
    this(source, sink, sink::forgetPending, 0);
  }

  /** Follows one of the endpoints, behind what the sink has already. */
  Follower(PostgresSource source, RecordingSink sink, int endpoint) {
    this(source, sink, sink::forgetPending, endpoint);
  }

  private Follower(PostgresSource source, ChangeSink sink, Runnable forgetPending, int endpoint) {
    this.source = source;
    this.sink = sink;
    this.forgetPending = forgetPending;
    this.endpoint = endpoint;
    this.fresh = sink.complete().isEmpty();
  }

  /** From now on a stream that is silent for so long is broken, as a driver's is. */
  void limitSilence(Duration limit) {
    silence = limit;
  }

  /** All failures so far, the last one last. */
  List<Failure> failures() {
    return failures;
  }

  /** Whether the stream there is has come to where the server was when it was opened. */
  boolean stands() {
    ChangeStream open = stream;
    return open != null && open.stands();
  }

  /** How often a stream was opened. */
  int opened() {
    return opened;
  }

  /** Follows, over failures, until something holds. */
  void until(BooleanSupplier condition) throws StreamException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + PATIENCE + "; failures: " + failures);
      }
      try {
        step(sink);
      } catch (StreamException e) {
        failed(e);
      }
    }
  }

  /** Opens or polls once. */
  boolean step(ChangeSink into) throws StreamException {
    ChangeStream open = stream;
    if (open != null) {
      boolean heard = open.poll(into);
      heardAt = heard ? System.nanoTime() : heardAt;
      if (System.nanoTime() - heardAt > silence.toNanos()) {
        throw new StreamException(FailureKind.NETWORK, "nothing was heard");
      }
      return heard;
    }
    stream = source.open(endpoint, fresh, into);
    fresh = false;
    opened++;
    heardAt = System.nanoTime();
    return true;
  }

  private void failed(StreamException e) throws StreamException {
    failures.add(e.failure());
    cut();
    forgetPending.run();
    switch (e.failure().kind()) {
      case NETWORK, RESOURCES, BEHIND -> LockSupport.parkNanos(PAUSE.toNanos());
      case HISTORY_LOST -> fresh = true;
      case QUERY, CREDENTIALS -> throw e;
    }
  }

  /** How many failures were of this kind. */
  long times(FailureKind kind) {
    return failures.stream().filter(failure -> failure.kind() == kind).count();
  }

  boolean sawOnly(FailureKind kind) {
    return failures.stream().allMatch(failure -> failure.kind() == kind);
  }

  /** Ends the stream; a next step resumes it. */
  void cut() {
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }

  @Override
  public void close() {
    cut();
  }
}
