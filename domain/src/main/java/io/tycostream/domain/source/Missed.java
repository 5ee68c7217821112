package io.tycostream.domain.source;

import io.tycostream.domain.log.Tail;
import java.util.Optional;

/** What has left the log behind a reader's back. */
sealed interface Missed {

  /** Nothing that the feed shows. */
  record Nothing() implements Missed {}

  /** More than there is room for just now: the source's bell rings when there is more. */
  record NoRoom() implements Missed {}

  /**
   * Something, for which the reader has room.
   *
   * @param upTo where it leads to
   * @param net not as the feed shows it yet
   * @param tail what leaves the log from there on
   */
  record Changes(Place upTo, Tail.Net net, Optional<Tail> tail) implements Missed {}
}
