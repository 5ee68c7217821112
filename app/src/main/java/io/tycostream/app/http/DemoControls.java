package io.tycostream.app.http;

/** What the demo's page may do to the demo's own database, to show what happens then. */
public interface DemoControls {

  /** Whether the database runs. */
  boolean isRunning();

  /** Ends the gateway's replication connection from the database's side. */
  void cutReplication();

  /** Stops the database. */
  void stopDatabase();

  /** Starts it again. */
  void startDatabase();
}
