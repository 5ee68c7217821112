package io.tycostream.domain.protocol;

import java.util.Locale;

/** How the gateway's own connection to the database of a source stands. */
public enum SourceCondition {
  /** Being connected for the first time. */
  CONNECTING,
  /** Reading all rows. */
  SNAPSHOTTING,
  /** Rows flow. */
  LIVE,
  /** Connected, and the database does not move on. */
  STALLED,
  /** The connection was lost; the rows are as old as {@code since}. */
  RECONNECTING,
  /** Connected, and still behind where the database, or the client, already is. */
  CATCHING_UP,
  /** Given up until somebody does something about it. */
  FAILED,
  /** The source has ended; nothing more can come. */
  COMPLETED;

  /** As it stands on the wire: {@code catching-up}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
