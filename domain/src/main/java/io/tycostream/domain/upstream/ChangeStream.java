package io.tycostream.domain.upstream;

import java.util.Set;

/** An open stream of changes. Called by one driver thread. */
public interface ChangeStream extends AutoCloseable {

  /**
   * Hands what has come to the sink; waits for a few milliseconds at the most when nothing has.
   *
   * @return whether anything at all was heard from the database
   * @throws StreamException when the stream is broken
   */
  boolean poll(ChangeSink sink) throws StreamException;

  /**
   * Whether all rows were told and the stream has come to where the database was when it was
   * opened: only then is it live; until then it is read for the snapshot, or catches up. A stream
   * whose {@link ChangeSource#open} told all rows stands from the beginning. One that stands does
   * so for ever.
   */
  default boolean stands() {
    return true;
  }

  /**
   * Whether the stream tells nothing because the database does not get on: it says that its time
   * stands still where the stream is. Asked on another connection that explains the silence, and
   * says nothing about the stream's own; where the stream itself tells that it lives, it is so only
   * for the poll that brought it.
   */
  default boolean isHeldUp() {
    return false;
  }

  /**
   * These sources failed alone, and may be well again by now. A stream of several relations that
   * can read the rows of some beside what it tells begins to, and tells the sink of it with later
   * polls ({@link ChangeSink#joining}, and {@link ChangeSink#joined} or {@link ChangeSink#failed});
   * it passes over those that it does not carry. To be asked again when nothing came of it.
   */
  default void readAgain(Set<String> sources) {}

  /** Ends the stream at once, without waiting for the database. */
  @Override
  void close();
}
