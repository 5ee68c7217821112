package io.tycostream.adapters.db;

import io.tycostream.domain.Step;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamMachine;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamSettings;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one database's stream going: performs what {@link UpstreamMachine} decides, and hands what
 * the stream tells to the sources.
 *
 * <p>Everything that is told to the machine and to the sources happens on one thread of its own,
 * which is the only writer of its sources. It is a platform thread, because it reads a socket in a
 * tight loop. Openings and probes have threads of their own and hand it what they found.
 */
public final class UpstreamDriver implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(UpstreamDriver.class.getName());

  /** Signs of life are told to the machine no more often than this; its limits are in seconds. */
  private static final Duration HEARD_EVERY = Duration.ofMillis(100);

  private static final Duration TICK_EVERY = Duration.ofSeconds(1);

  private final String database;
  private final ChangeSource changes;
  private final List<Source> sources;
  private final UpstreamMachine machine;
  private final UpstreamObserver observer;
  private final InstantSource clock;
  private final Intake intake;
  private final SourcesApart apart;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final EndpointProbe probe;
  private final Thread thread;
  private volatile boolean stopping;

  private UpstreamState state;
  private @Nullable StreamOpening opening;
  private @Nullable ChangeStream stream;

  /** Whether the machine knows that the stream stands. */
  private boolean standing;

  private Optional<Checkpoint> completeTold = Optional.empty();
  private Instant heardTold = Instant.MIN;
  private Instant ticked = Instant.MIN;

  /**
   * @param database its name, for logs and metrics
   * @param clock must not go backwards: a wall clock that jumps would expire what is alive
   */
  public UpstreamDriver(
      String database,
      ChangeSource changes,
      List<Source> sources,
      UpstreamSettings settings,
      UpstreamObserver observer,
      InstantSource clock) {
    this.database = database;
    this.changes = changes;
    this.sources = List.copyOf(sources);
    this.machine = new UpstreamMachine(changes.endpoints(), settings);
    this.observer = observer;
    this.clock = clock;
    this.state = machine.initial();
    this.intake = new Intake(this.sources, clock.instant());
    this.apart = new SourcesApart(database, this.sources, intake, observer, settings.slowRetry());
    this.probe = new EndpointProbe(database, changes, this::tell);
    this.thread = Thread.ofPlatform().name("upstream-" + database).daemon().unstarted(this::run);
  }

  /** Begins to follow the database; returns at once. */
  public void start() {
    thread.start();
  }

  /** Tries a failed or waiting connection, and sources that failed alone, again now. Any thread. */
  public void retry() {
    enqueue(() -> {
      step(new UpstreamEvent.RetryRequested());
      ChangeStream open = stream;
      if (open != null && standing) {
        apart.askNow(open, clock.instant());
      }
    });
  }

  /** Ends following, and waits up to ten seconds for the thread to end. Any thread. */
  @Override
  public void close() {
    stopping = true;
    tell(new UpstreamEvent.StopRequested());
    changes.abort();
    try {
      if (!thread.join(Duration.ofSeconds(10))) {
        LOG.log(System.Logger.Level.WARNING, "{0}: the stream did not end in time", database);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(UpstreamEvent event) {
    enqueue(() -> step(event));
  }

  private void enqueue(Runnable task) {
    tasks.add(task);
    LockSupport.unpark(thread);
  }

  private void run() {
    try {
      follow();
    } catch (RuntimeException | Error e) {
      // First what clients have to know: what comes behind it may fail as well.
      Instant now = clock.instant();
      String reason = "a bug of the gateway ended the connection, restart it: " + e;
      sources.forEach(source -> source.fail(reason, now));
      LOG.log(
          System.Logger.Level.ERROR,
          database + ": a bug of the gateway ended the connection to this database",
          e);
      closeStream();
      abortOpening();
    }
  }

  private void follow() {
    step(new UpstreamEvent.Started());
    while (!(state instanceof UpstreamState.Stopped)) {
      ChangeStream open = stream;
      if (open == null) {
        awaitTaskOrDeadline();
      } else {
        read(open);
      }
      performTasks();
      Instant now = clock.instant();
      if (state.deadline().filter(deadline -> !now.isBefore(deadline)).isPresent()) {
        step(new UpstreamEvent.DeadlineReached(chance()));
      }
      lookAfterSourcesApart(now);
      if (Duration.between(ticked, now).compareTo(TICK_EVERY) >= 0) {
        ticked = now;
        sources.forEach(source -> tick(source, now));
      }
    }
    performTasks(); // a stream that stood in the last moment is closed
  }

  private void lookAfterSourcesApart(Instant now) {
    apart.tellFailed(now);
    ChangeStream open = stream;
    if (open != null && standing && state instanceof UpstreamState.Live) {
      apart.returned().forEach(source -> source.upstream(state));
      apart.ask(open, now);
    }
  }

  /** A source that cannot be tidied up goes on as it is. */
  private void tick(Source source, Instant now) {
    try {
      source.tick(now);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, source.name() + ": cannot let go of what is old", e);
    }
  }

  private void performTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void read(ChangeStream open) {
    intake.at(clock.instant());
    try {
      boolean heard = open.poll(intake);
      Optional<Failure> useless = intake.uselessness();
      if (useless.isPresent()) {
        failed(useless.get());
      } else if (!standing && open.stands()) {
        standing = true;
        step(new UpstreamEvent.StreamOpened());
      } else if (heard || open.isHeldUp()) {
        tellLife(open.isHeldUp());
      }
    } catch (StreamException e) {
      failed(e.failure());
    } catch (RuntimeException e) {
      // A bug of ours, or rows that do not fit. What the sources hold may be wrong: read it anew.
      LOG.log(System.Logger.Level.ERROR, database + ": cannot go on with what was streamed", e);
      failed(new Failure(FailureKind.HISTORY_LOST, e.toString()));
    }
  }

  /** What a stream that was heard, or is held up, tells of itself. */
  private void tellLife(boolean heldUp) {
    Instant now = clock.instant();
    if (!heardTold.plus(HEARD_EVERY).isBefore(now)) {
      return;
    }
    heardTold = now;
    Optional<Checkpoint> complete = intake.complete();
    boolean moved = !complete.equals(completeTold);
    completeTold = complete;
    if (!standing) {
      step(new UpstreamEvent.OpeningProgressed());
    } else if (moved) {
      step(new UpstreamEvent.FrontierMoved());
    } else {
      step(heldUp ? new UpstreamEvent.FrontierStoodStill() : new UpstreamEvent.Heard());
    }
  }

  private void failed(Failure failure) {
    closeStream(); // one that does not stand yet is none that the machine knows
    if (stopping) {
      return; // it failed because we end it ourselves
    }
    step(new UpstreamEvent.StreamFailed(failure, chance()));
  }

  private void awaitTaskOrDeadline() {
    if (!tasks.isEmpty()) {
      return;
    }
    Duration wait =
        state
            .deadline()
            .map(deadline -> Duration.between(clock.instant(), deadline))
            .filter(left -> left.compareTo(TICK_EVERY) < 0)
            .orElse(TICK_EVERY);
    LockSupport.parkNanos(this, Math.max(0, wait.toNanos()));
  }

  private void step(UpstreamEvent event) {
    UpstreamState from = state;
    Step<UpstreamState, UpstreamEffect> step = machine.step(from, event, clock.instant());
    state = step.state();
    for (Source source : sources) {
      if (!intake.hasFailed(source)) {
        source.upstream(state);
      }
    }
    observe(from, event, step);
    step.effects().forEach(this::perform);
  }

  /** An observer's mistake is its own. */
  private void observe(
      UpstreamState from, UpstreamEvent event, Step<UpstreamState, UpstreamEffect> step) {
    try {
      observer.stepped(database, from, event, step);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, database + ": an observer failed at " + event, e);
    }
  }

  private void perform(UpstreamEffect effect) {
    switch (effect) {
      case UpstreamEffect.OpenStream order -> open(order);
      case UpstreamEffect.AbortOpening abort -> abortOpening();
      case UpstreamEffect.CloseStream close -> closeStream();
      case UpstreamEffect.ProbeEndpoint(int endpoint) -> probe.look(endpoint, intake.complete());
      case UpstreamEffect.RaiseAlert raised -> {} // the observer's
      case UpstreamEffect.ClearAlert cleared -> {} // the observer's
    }
  }

  private void open(UpstreamEffect.OpenStream order) {
    intake.at(clock.instant());
    intake.beginStream(order.fresh());
    StreamOpening next = new StreamOpening(database, changes, order, intake, new Told());
    next.start(opening);
    opening = next;
  }

  private final class Told implements StreamOpening.Driver {
    @Override
    public void enqueue(Runnable task) {
      UpstreamDriver.this.enqueue(task);
    }

    @Override
    public void happened(UpstreamEvent event) {
      step(event);
    }

    @Override
    public void telling() {
      intake.at(clock.instant()); // a snapshot may have taken long
    }

    @Override
    public void opened(ChangeStream opened, boolean fresh) {
      stream = opened;
      standing = opened.stands();
      if (standing) {
        step(new UpstreamEvent.StreamOpened());
      } else if (!fresh) {
        step(new UpstreamEvent.CatchUpStarted());
      }
    }

    @Override
    public void failed(Failure failure) {
      UpstreamDriver.this.failed(failure);
    }
  }

  private void abortOpening() {
    StreamOpening given = opening;
    if (given != null) {
      given.giveUp();
    }
    closeStream();
  }

  private void closeStream() {
    ChangeStream open = stream;
    if (open != null) {
      stream = null;
      open.close();
    }
  }

  private static double chance() {
    return ThreadLocalRandom.current().nextDouble();
  }
}
