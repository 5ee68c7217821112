package io.tycostream.adapters.db.simulator.wire;

/** The database behind the protocol. */
public interface Backend {

  /**
   * Called for each connection after it was authenticated.
   *
   * @throws Refusal to turn the client away; its report should be {@link Severity#FATAL}
   */
  Session open(Startup startup);
}
