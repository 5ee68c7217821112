package io.tycostream.domain.upstream;

/** What kind of thing went wrong with a database, and so what to do about it. */
public enum FailureKind {
  /**
   * The connection broke, could not be made or fell silent. The next endpoint is tried, and when
   * there is none, the same again with backoff.
   */
  NETWORK,
  /**
   * The database has not enough of something: connections, slots, memory. Like {@link #NETWORK}
   * with a longer backoff, because haste makes it worse.
   */
  RESOURCES,
  /**
   * The endpoint copies another server and is not yet where we are. Waited for a little, then like
   * {@link #NETWORK}.
   */
  BEHIND,
  /**
   * The database refuses what we ask for: a missing table, a missing right, a wrong setting.
   * Somebody has to do something, so the source fails visibly and is tried again only slowly.
   */
  QUERY,
  /** What we would resume from is not there any more. One fresh snapshot, and its difference. */
  HISTORY_LOST,
  /** The database does not let us in. Tried once more, then like {@link #QUERY}. */
  CREDENTIALS
}
