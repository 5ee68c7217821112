package io.tycostream.domain.upstream;

/** A database that can be followed. Called by one driver thread. */
public interface ChangeSource {

  /**
   * Opens a stream of all relations of this source; blocks, for at most the connect timeout beyond
   * the time that a snapshot takes while its rows keep coming.
   *
   * @param fresh read all rows first ({@link ChangeSink#snapshotStarted}, then {@link
   *     ChangeSink#loaded} for each relation); else go on exactly behind {@link
   *     ChangeSink#complete}
   * @throws StreamException when it cannot be opened; nothing is left open then
   */
  ChangeStream open(boolean fresh, ChangeSink sink) throws StreamException;

  /** Ends from another thread whatever {@link #open} or the stream is waiting for. */
  void abort();
}
