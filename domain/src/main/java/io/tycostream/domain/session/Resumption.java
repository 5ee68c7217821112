package io.tycostream.domain.session;

/** What came of the resume token in a {@code hello}. */
public enum Resumption {
  /** There was none: a new session. */
  NOT_ASKED(false),
  /** The session goes on, on this connection. */
  RESUMED(true),
  /** It was not signed by this cluster, or is no token at all. */
  UNREADABLE(false),
  /** Its time is over. */
  EXPIRED(false),
  /** It was given to somebody else. */
  OTHER_PRINCIPAL(false),
  /** The session is not here: on another node, forgotten, or ended for good. */
  UNKNOWN(false),
  /** A {@code hello} on an open connection: the credentials are new, the rest goes on. */
  RENEWED(false);

  private final boolean resumed;

  Resumption(boolean resumed) {
    this.resumed = resumed;
  }

  /** As {@code welcome} says it; where it is not, positions do the work. */
  public boolean resumed() {
    return resumed;
  }
}
