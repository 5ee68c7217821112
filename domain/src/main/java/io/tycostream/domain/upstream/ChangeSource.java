package io.tycostream.domain.upstream;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A database that can be followed.
 *
 * <p>One call of {@link #open} at a time; the threads of two that follow each other may differ.
 */
public interface ChangeSource {

  /** The names of the servers it can be read from, in the order of preference; at least one. */
  List<String> endpoints();

  /**
   * Opens a stream of all relations of this source; blocks, for at most the connect timeout beyond
   * the time that a snapshot takes while its rows keep coming. Where the rows come with the stream,
   * they come after this: {@link ChangeStream#stands} says when they are all there.
   *
   * @param endpoint the index of the server
   * @param fresh read all rows first ({@link ChangeSink#snapshotStarted}, then {@link
   *     ChangeSink#loaded} for each relation); else go on exactly behind {@link
   *     ChangeSink#complete}
   * @throws StreamException when it cannot be opened; nothing is left open then
   */
  ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) throws StreamException;

  /**
   * Looks how an endpoint is, on connections of its own; blocks, for a bounded time. Any thread.
   *
   * @param endpoint the index of the server
   * @return its history and how far it is; nothing when it could not be followed now
   */
  Optional<Checkpoint> probe(int endpoint);

  /**
   * The moment of the database's own clock that one of its times is; nothing where its times are no
   * clock, but places in a log.
   *
   * @param time unsigned
   */
  default Optional<Instant> moment(long time) {
    return Optional.empty();
  }

  /**
   * For how long the database keeps what a stream would be resumed from, as it was seen last;
   * nothing while that is not known. Any thread; does not block.
   */
  default Optional<Margin> margin() {
    return Optional.empty();
  }

  /** Ends from another thread whatever {@link #open} or the stream is waiting for. */
  void abort();
}
