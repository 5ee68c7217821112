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
}
