package io.tycostream.domain.upstream;

/** An open stream of changes. Called by one driver thread. */
public interface ChangeStream extends AutoCloseable {

  /**
   * Hands what has come to the sink; waits for a few milliseconds at the most when nothing has.
   *
   * @return whether anything at all was heard from the database
   * @throws StreamException when the stream is broken
   */
  boolean poll(ChangeSink sink) throws StreamException;

  /** Ends the stream at once, without waiting for the database. */
  @Override
  void close();
}
