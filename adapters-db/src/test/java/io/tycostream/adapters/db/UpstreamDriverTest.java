package io.tycostream.adapters.db;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.Step;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class UpstreamDriverTest {

  private static final Relation TABLE =
      new Relation("public.t", "1", List.of(new Column("id", "text")), List.of("id"));

  /** Long enough for an opening that does nothing, on a busy machine. */
  private static final Duration SHORT = Duration.ofSeconds(1);

  private static final Duration LONG = Duration.ofMinutes(5);

  private final Source source =
      new Source("t", new SourceLimits(HistoryLimits.DEFAULT, 1_000, 1 << 20), Instant.now());
  private final BlockingQueue<UpstreamState> states = new LinkedBlockingQueue<>();

  private UpstreamDriver driver(ChangeSource changes, Duration openLimit) {
    return driver(
        changes,
        openLimit,
        (database, from, event, step) -> states.add(step.state()),
        InstantSource.system());
  }

  private UpstreamDriver driver(
      ChangeSource changes, UpstreamObserver observer, InstantSource clock) {
    return driver(changes, LONG, observer, clock);
  }

  private UpstreamDriver driver(
      ChangeSource changes, Duration openLimit, UpstreamObserver observer, InstantSource clock) {
    UpstreamSettings settings =
        new UpstreamSettings(
            Backoff.DATABASE,
            OptionalInt.empty(),
            openLimit,
            openLimit,
            LONG,
            Duration.ofMillis(100),
            LONG,
            LONG);
    return new UpstreamDriver("books", changes, List.of(source), settings, observer, clock);
  }

  private UpstreamState await(Predicate<UpstreamState> wanted) throws InterruptedException {
    while (true) {
      UpstreamState state = states.poll(30, TimeUnit.SECONDS);
      assertNotNull(state, "it does not come");
      if (wanted.test(state)) {
        return state;
      }
    }
  }

  /** Two endpoints: the first hangs until it is released, the second serves one row. */
  private static class FirstHangs implements ChangeSource {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch released = new CountDownLatch(1);
    final CountDownLatch closed = new CountDownLatch(1);
    final AtomicInteger aborted = new AtomicInteger();

    @Override
    public List<String> endpoints() {
      return List.of("first", "second");
    }

    @Override
    public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) throws StreamException {
      if (endpoint == 0) {
        entered.countDown();
        awaitRelease();
      }
      sink.snapshotStarted();
      sink.snapshotProgressed();
      sink.loaded("t", TABLE, new Checkpoint("e", 7 + endpoint), List.of(Row.of("" + endpoint)));
      return new Quiet(endpoint == 0 ? closed : new CountDownLatch(1));
    }

    void awaitRelease() throws StreamException {
      try {
        released.await();
      } catch (InterruptedException e) {
        throw new StreamException(FailureKind.NETWORK, "interrupted", e);
      }
    }

    @Override
    public Optional<Checkpoint> probe(int endpoint) {
      return Optional.empty();
    }

    @Override
    public void abort() {
      aborted.incrementAndGet();
    }
  }

  private static class Quiet implements ChangeStream {
    private final CountDownLatch closed;

    Quiet(CountDownLatch closed) {
      this.closed = closed;
    }

    @Override
    public boolean poll(ChangeSink sink) {
      LockSupport.parkNanos(1_000_000);
      return true;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @Test
  void shouldGiveUpAnOpeningThatHangsAndGoToTheNextEndpoint() throws Exception {
    FirstHangs changes =
        new FirstHangs() {
          @Override
          public void abort() {
            super.abort();
            released.countDown();
          }

          @Override
          void awaitRelease() throws StreamException {
            super.awaitRelease();
            throw new StreamException(FailureKind.QUERY, "not to be told any more");
          }
        };
    try (UpstreamDriver driver = driver(changes, SHORT)) {
      driver.start();
      UpstreamState.Live live = (UpstreamState.Live) await(UpstreamState.Live.class::isInstance);
      assertEquals("second", live.endpoints().name());
      assertTrue(changes.aborted.get() > 0);
      assertEquals(8, source.generation().orElseThrow().progress().position().time());
    }
  }

  @Test
  void shouldAbortAgainWhatBeganOnlyAfterItWasAborted() throws Exception {
    CountDownLatch missed = new CountDownLatch(1);
    FirstHangs changes =
        new FirstHangs() {
          private volatile boolean begun;

          @Override
          public void abort() {
            super.abort();
            missed.countDown();
            if (begun) {
              released.countDown();
            }
          }

          @Override
          void awaitRelease() throws StreamException {
            try {
              missed.await();
            } catch (InterruptedException e) {
              throw new StreamException(FailureKind.NETWORK, "interrupted", e);
            }
            begun = true;
            super.awaitRelease();
          }
        };
    try (UpstreamDriver driver = driver(changes, SHORT)) {
      driver.start();
      UpstreamState.Live live = (UpstreamState.Live) await(UpstreamState.Live.class::isInstance);
      assertEquals("second", live.endpoints().name());
    }
  }

  @Test
  void shouldGoOnWhenAnObserverFails() throws Exception {
    CountDownLatch live = new CountDownLatch(1);
    UpstreamDriver driver =
        driver(
            new Served(new Quiet(new CountDownLatch(1))),
            (database, from, event, step) -> {
              if (step.state() instanceof UpstreamState.Live) {
                live.countDown();
              }
              throw new IllegalStateException("a bug of the observer");
            },
            InstantSource.system());
    driver.start();
    assertTrue(live.await(30, TimeUnit.SECONDS), "it did not go on");
    driver.close();
    assertEquals(8, source.generation().orElseThrow().progress().position().time());
  }

  @Test
  void shouldSayWhenItEndsByABugOfItsOwn() throws Exception {
    CountDownLatch closing = new CountDownLatch(1);
    ChangeStream stream =
        new ChangeStream() {
          @Override
          public boolean poll(ChangeSink sink) throws StreamException {
            throw new StreamException(FailureKind.NETWORK, "gone");
          }

          @Override
          public void close() {
            closing.countDown();
            throw new IllegalStateException("a bug of the driver");
          }
        };
    UpstreamDriver driver =
        driver(
            new Served(stream),
            (database, from, event, step) -> states.add(step.state()),
            InstantSource.system());
    driver.start();
    assertTrue(closing.await(30, TimeUnit.SECONDS));
    driver.close();
    assertEquals(SourceCondition.FAILED, source.state().condition());
    assertTrue(source.state().toString().contains("a bug of the driver"), source.state()::toString);
  }

  @Test
  void shouldSayThatItsSourcesHaveFailedWhateverEndsIt() throws Exception {
    CountDownLatch polled = new CountDownLatch(1);
    ChangeStream stream =
        new Quiet(new CountDownLatch(1)) {
          @Override
          public boolean poll(ChangeSink sink) {
            polled.countDown();
            throw new StackOverflowError("of the decoder");
          }
        };
    UpstreamDriver driver = driver(new Served(stream), LONG);
    driver.start();
    assertTrue(polled.await(30, TimeUnit.SECONDS));
    driver.close();
    assertEquals(SourceCondition.FAILED, source.state().condition());
    assertTrue(source.state().toString().contains("of the decoder"), source.state()::toString);
  }

  @Test
  void shouldTryAnOpeningThatAnErrorEndedOnceMore() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    ChangeSource changes =
        new Served(new Quiet(new CountDownLatch(1))) {
          @Override
          public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) {
            if (opened.incrementAndGet() == 1) {
              throw new StackOverflowError("of the opening");
            }
            return super.open(endpoint, fresh, sink);
          }
        };
    try (UpstreamDriver driver = driver(changes, LONG)) {
      driver.start();
      UpstreamState.Waiting waiting =
          (UpstreamState.Waiting) await(UpstreamState.Waiting.class::isInstance);
      assertTrue(waiting.failure().message().contains("of the opening"), waiting::toString);
      driver.retry();
      await(UpstreamState.Live.class::isInstance);
    }
  }

  /** What an observer hears of single sources. */
  private static final class Apart implements UpstreamObserver {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @Override
    public void stepped(
        String database,
        UpstreamState from,
        UpstreamEvent event,
        Step<UpstreamState, UpstreamEffect> step) {}

    @Override
    public void sourceFailed(String database, String source, Failure failure) {
      heard.add("%s %s %s %s".formatted(database, source, failure.kind(), failure.message()));
      throw new IllegalStateException("a bug of the observer");
    }

    @Override
    public void sourceReturned(String database, String source) {
      heard.add(database + " " + source + " returned");
      throw new IllegalStateException("a bug of the observer");
    }

    String next() throws InterruptedException {
      String next = heard.poll(30, TimeUnit.SECONDS);
      assertNotNull(next, "nothing more is told");
      return next;
    }
  }

  /** One of its two sources fails, and joins when it has been read again for the second time. */
  private static final class OneFails extends Served {
    OneFails() {
      super(
          new Quiet(new CountDownLatch(1)) {
            private int asked;
            private boolean wished;

            @Override
            public void readAgain(Set<String> sources) {
              assertEquals(Set.of("t"), sources);
              wished = true;
            }

            @Override
            public boolean poll(ChangeSink sink) {
              if (wished) {
                wished = false;
                sink.joining("t");
                if (++asked == 1) {
                  sink.failed("t", new Failure(FailureKind.RESOURCES, "still out of order"));
                } else {
                  sink.joined("t", TABLE, new Checkpoint("e", 8), List.of(Row.of("1")));
                }
              }
              return super.poll(sink);
            }
          });
    }

    @Override
    public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) {
      ChangeStream stream = super.open(endpoint, fresh, sink);
      sink.loaded("u", TABLE, new Checkpoint("e", 8), List.of());
      sink.failed("t", new Failure(FailureKind.QUERY, "out of order"));
      return stream;
    }
  }

  private UpstreamDriver oneFails(Apart observer, Source other, Duration slowRetry) {
    UpstreamSettings settings =
        new UpstreamSettings(
            Backoff.DATABASE,
            OptionalInt.empty(),
            LONG,
            LONG,
            LONG,
            UpstreamSettings.DEFAULT.stallAfter(),
            LONG,
            slowRetry);
    return new UpstreamDriver(
        "books",
        new OneFails(),
        List.of(source, other),
        settings,
        observer,
        InstantSource.system());
  }

  @Test
  void shouldTellOfASourceThatFailsAloneAndTryItAgainAfterTheSlowRetry() throws Exception {
    Apart observer = new Apart();
    Source other = new Source("u", SourceLimits.DEFAULT, Instant.now());
    try (UpstreamDriver driver = oneFails(observer, other, Duration.ofMillis(50))) {
      driver.start();
      assertEquals("books t QUERY out of order", observer.next());
      assertEquals(SourceCondition.FAILED, source.state().condition());
      assertEquals("books t RESOURCES still out of order", observer.next());
      assertEquals("books t returned", observer.next());
    }
    assertEquals(SourceCondition.LIVE, source.state().condition());
    assertEquals(SourceCondition.LIVE, other.state().condition());
    assertEquals(1, source.figures().orElseThrow().rows());
    assertTrue(observer.heard.isEmpty());
  }

  @Test
  void shouldTryASourceThatFailedAloneWhenItIsAskedTo() throws Exception {
    Apart observer = new Apart();
    Source other = new Source("u", SourceLimits.DEFAULT, Instant.now());
    try (UpstreamDriver driver = oneFails(observer, other, LONG)) {
      driver.start();
      assertEquals("books t QUERY out of order", observer.next());
      driver.retry();
      assertEquals("books t RESOURCES still out of order", observer.next());
      driver.retry();
      assertEquals("books t returned", observer.next());
    }
  }

  /** Serves one row at once. */
  private static class Served implements ChangeSource {
    private final ChangeStream stream;

    Served(ChangeStream stream) {
      this.stream = stream;
    }

    @Override
    public List<String> endpoints() {
      return List.of("only");
    }

    @Override
    public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) {
      sink.snapshotStarted();
      sink.loaded("t", TABLE, new Checkpoint("e", 8), List.of(Row.of("1")));
      return stream;
    }

    @Override
    public Optional<Checkpoint> probe(int endpoint) {
      return Optional.empty();
    }

    @Override
    public void abort() {}
  }

  @Test
  void shouldCloseAStreamThatOpensAfterItWasGivenUpAndForgetItsRows() throws Exception {
    FirstHangs changes = new FirstHangs(); // does not even listen to abort
    try (UpstreamDriver driver = driver(changes, SHORT)) {
      driver.start();
      changes.entered.await();
      await(state ->
          state instanceof UpstreamState.Connecting connecting
              && connecting.outage().attempt() == 1);
      changes.released.countDown();
      UpstreamState.Live live = (UpstreamState.Live) await(UpstreamState.Live.class::isInstance);
      assertTrue(changes.closed.await(30, TimeUnit.SECONDS), "the late stream was not closed");
      assertTrue(live.attempt() > 0, "nothing of the first opening counts");
    }
  }

  @Test
  void shouldStopWhileAStreamIsBeingOpened() throws Exception {
    FirstHangs changes = new FirstHangs();
    UpstreamDriver driver = driver(changes, LONG);
    driver.start();
    changes.entered.await();
    driver.close();
    await(UpstreamState.Stopped.class::isInstance);
    assertTrue(changes.aborted.get() > 0);
    assertTrue(source.generation().isEmpty());
    changes.released.countDown();
    assertTrue(changes.closed.await(30, TimeUnit.SECONDS), "a stream that nobody wants stays open");
  }

  /** Tells its rows with the stream, one a poll. */
  private static final class RowByRow implements ChangeSource, ChangeStream {
    final BlockingQueue<Integer> rows = new LinkedBlockingQueue<>();
    final BlockingQueue<Boolean> closed = new LinkedBlockingQueue<>();
    final AtomicInteger opened = new AtomicInteger();
    private boolean stands;
    private boolean fresh;

    @Override
    public List<String> endpoints() {
      return List.of("only");
    }

    @Override
    public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) throws StreamException {
      opened.incrementAndGet();
      this.fresh = fresh;
      if (fresh) {
        sink.snapshotStarted();
        sink.loading("t", TABLE, new Checkpoint("e", 7));
      } else {
        sink.resumed(sink.complete().orElseThrow().time());
      }
      stands = false;
      return this;
    }

    @Override
    public boolean poll(ChangeSink sink) throws StreamException {
      Integer row = rows.poll();
      if (row == null) {
        LockSupport.parkNanos(1_000_000);
        return false;
      }
      if (row < 0) {
        throw new StreamException(FailureKind.NETWORK, "cut");
      }
      if (row == 0) {
        sink.closed(fresh ? 8 : 10_000);
        stands = true;
      } else {
        sink.row("t", fresh ? 7 : 10 + row, new RowEvent.Counted(Row.of("" + row), 1));
      }
      return true;
    }

    @Override
    public boolean stands() {
      return stands;
    }

    @Override
    public boolean isHeldUp() {
      return stands && opened.get() == 2;
    }

    @Override
    public Optional<Checkpoint> probe(int endpoint) {
      return Optional.empty();
    }

    @Override
    public void abort() {}

    @Override
    public void close() {
      closed.add(true);
    }
  }

  @Test
  void shouldBeLiveOnceTheRowsThatComeWithTheStreamAreAllThere() throws Exception {
    RowByRow changes = new RowByRow();
    try (UpstreamDriver driver = driver(changes, LONG)) {
      driver.start();
      changes.rows.add(1);
      changes.rows.add(-1); // what came of the snapshot is forgotten, and the stream is closed
      assertNotNull(changes.closed.poll(30, TimeUnit.SECONDS), "a stream that broke stays open");
      await(UpstreamState.Waiting.class::isInstance);
      assertTrue(source.generation().isEmpty());
      changes.rows.addAll(List.of(2, 3));
      await(UpstreamState.Snapshotting.class::isInstance);
      changes.rows.add(0);
      UpstreamState.Live live = (UpstreamState.Live) await(UpstreamState.Live.class::isInstance);
      assertEquals(2, source.figures().orElseThrow().rows());
      assertEquals(7, source.generation().orElseThrow().progress().position().time());
      assertEquals(1, live.attempt());
      assertTrue(states.stream().noneMatch(UpstreamState.Waiting.class::isInstance));
      await(state -> state instanceof UpstreamState.Live held && held.stalled());
    }
    assertNotNull(changes.closed.poll(30, TimeUnit.SECONDS), "the last stream stays open");
    assertTrue(changes.closed.isEmpty(), "a stream was closed twice");
  }

  @Test
  void shouldCatchUpBeforeItIsLiveAgain() throws Exception {
    RowByRow changes = new RowByRow();
    try (UpstreamDriver driver = driver(changes, LONG)) {
      driver.start();
      changes.rows.addAll(List.of(1, 0));
      await(UpstreamState.Live.class::isInstance);
      changes.rows.add(-1);
      await(UpstreamState.CatchingUp.class::isInstance);
      assertEquals(SourceCondition.CATCHING_UP, source.state().condition());
      // It gets on, and clients get the rows meanwhile.
      int rows = 1;
      while (!(states.poll(20, TimeUnit.MILLISECONDS) instanceof UpstreamState.CatchingUp behind
          && behind.progressed().isAfter(behind.since()))) {
        changes.rows.add(++rows);
        assertTrue(rows < 5_000, "it does not get on");
      }
      changes.rows.add(0);
      await(UpstreamState.Live.class::isInstance);
      assertEquals(rows, source.figures().orElseThrow().rows());
      assertEquals(SourceCondition.LIVE, source.state().condition());
      assertEquals(2, changes.opened.get());
    }
  }

  @Test
  void shouldGiveUpAStreamThatDoesNotGetOnWhileItCatchesUp() throws Exception {
    RowByRow changes = new RowByRow();
    try (UpstreamDriver driver = driver(changes, SHORT)) {
      driver.start();
      changes.rows.addAll(List.of(1, 0));
      await(UpstreamState.Live.class::isInstance);
      changes.rows.addAll(List.of(-1, 2));
      UpstreamState.Waiting waiting =
          (UpstreamState.Waiting)
              await(state ->
                  state instanceof UpstreamState.Waiting failed
                      && failed.failure().message().contains("catching up"));
      assertEquals(2, waiting.outage().attempt());
      assertNotNull(changes.closed.poll(30, TimeUnit.SECONDS), "the stream that broke stays open");
      assertNotNull(changes.closed.poll(30, TimeUnit.SECONDS), "a given up stream stays open");
      changes.rows.add(0);
      await(UpstreamState.Live.class::isInstance);
    }
  }

  @Test
  void shouldGiveUpAStreamThatServesNobodyAndBeginAnewWhenAsked() throws Exception {
    RowByRow changes = new RowByRow();
    try (UpstreamDriver driver = driver(changes, LONG)) {
      driver.start();
      for (int row = 1; row <= 1_001; row++) { // one more than the source may have
        changes.rows.add(row);
      }
      changes.rows.add(0);
      UpstreamState.Failed failed =
          (UpstreamState.Failed) await(UpstreamState.Failed.class::isInstance);
      assertTrue(failed.failure().message().contains("cache.max-rows"), failed::toString);
      assertNotNull(changes.closed.poll(30, TimeUnit.SECONDS), "the stream stays open");
      changes.rows.clear();
      changes.rows.addAll(List.of(1, 0));
      driver.retry();
      await(UpstreamState.Live.class::isInstance);
      assertEquals(1, source.figures().orElseThrow().rows());
    }
  }

  @Test
  void shouldLookAtOneEndpointAtATimeAndTellWhatWasCompleteBefore() throws Exception {
    BlockingQueue<EndpointProbed> found = new LinkedBlockingQueue<>();
    CountDownLatch looking = new CountDownLatch(1);
    CountDownLatch answered = new CountDownLatch(1);
    AtomicInteger looks = new AtomicInteger();
    ChangeSource changes =
        new FirstHangs() {
          @Override
          public Optional<Checkpoint> probe(int endpoint) {
            looks.incrementAndGet();
            looking.countDown();
            try {
              answered.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            throw new IllegalStateException("a bug");
          }
        };
    EndpointProbe probe = new EndpointProbe("books", changes, found::add);
    Optional<Checkpoint> complete = Optional.of(new Checkpoint("e", 3));
    probe.look(0, complete);
    looking.await();
    probe.look(1, Optional.empty());
    answered.countDown();
    assertEquals(
        new EndpointProbed(0, Optional.empty(), complete), found.poll(30, TimeUnit.SECONDS));
    assertEquals(1, looks.get());
  }
}
