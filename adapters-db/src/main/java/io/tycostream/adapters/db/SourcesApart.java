package io.tycostream.adapters.db;

import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Intake.FailedAlone;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.UpstreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The sources that failed alone while the stream of several goes on: tells the observer of them,
 * and asks the stream now and then to read them again. Owned by the driver's thread.
 */
final class SourcesApart {

  private static final System.Logger LOG = System.getLogger(SourcesApart.class.getName());

  private final String database;
  private final List<Source> sources;
  private final Intake intake;
  private final UpstreamObserver observer;
  private final Duration every;
  private final Set<Source> apart = new LinkedHashSet<>();
  private Instant askNext = Instant.MIN;

  /**
   * @param every how long a source waits until it is tried once more
   */
  SourcesApart(
      String database,
      List<Source> sources,
      Intake intake,
      UpstreamObserver observer,
      Duration every) {
    this.database = database;
    this.sources = sources;
    this.intake = intake;
    this.observer = observer;
    this.every = every;
  }

  /** Tells which have failed since the last time, each time that they do. */
  void tellFailed(Instant now) {
    List<FailedAlone> newly = intake.newlyFailed();
    if (newly.isEmpty() || sources.size() == 1) { // then it is the stream that fails
      return;
    }
    askNext = now.plus(every);
    for (FailedAlone each : newly) {
      apart.add(each.source());
      observe(() -> observer.sourceFailed(database, each.source().name(), each.failure()));
    }
  }

  /** Those that are not left out any more, now that the stream is live; each once. */
  List<Source> returned() {
    List<Source> returned = apart.stream().filter(source -> !intake.hasFailed(source)).toList();
    for (Source source : returned) {
      apart.remove(source);
      observe(() -> observer.sourceReturned(database, source.name()));
    }
    return returned;
  }

  /** Asks a live stream for those that have waited long enough. */
  void ask(ChangeStream stream, Instant now) {
    if (!apart.isEmpty() && !now.isBefore(askNext)) {
      askNow(stream, now);
    }
  }

  /** Asks a live stream for all of them. */
  void askNow(ChangeStream stream, Instant now) {
    askNext = now.plus(every);
    Set<String> names = new LinkedHashSet<>();
    apart.forEach(source -> names.add(source.name()));
    stream.readAgain(names);
  }

  /** An observer's mistake is its own. */
  private void observe(Runnable telling) {
    try {
      telling.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, database + ": an observer failed at a source", e);
    }
  }
}
