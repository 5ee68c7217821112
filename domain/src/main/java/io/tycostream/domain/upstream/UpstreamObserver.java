package io.tycostream.domain.upstream;

import io.tycostream.domain.Step;

/** Sees every step of every connection to a database: logs and metrics hang here. */
@FunctionalInterface
public interface UpstreamObserver {

  /** Called on the driver's thread; must be quick and must not throw. */
  void stepped(
      String database,
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step);

  /**
   * One of several sources of a stream failed alone, again or for the first time; the others go on.
   * Called like {@link #stepped}.
   */
  default void sourceFailed(String database, String source, Failure failure) {}

  /** A source that had failed alone is followed again. Called like {@link #stepped}. */
  default void sourceReturned(String database, String source) {}
}
