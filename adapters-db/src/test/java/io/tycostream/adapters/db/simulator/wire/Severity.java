package io.tycostream.adapters.db.simulator.wire;

/** How grave a report is; the names are those on the wire. */
public enum Severity {
  NOTICE,
  WARNING,
  ERROR,
  /** Ends the connection. */
  FATAL
}
