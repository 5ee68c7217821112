package io.tycostream.domain.log;

/** What a log can do for somebody who has a position. */
public sealed interface Lookup {

  /** Everything behind the position is here, from the entry with this index on. */
  record Replay(long from) implements Lookup {}

  /**
   * It is later than anything known here of its database, whatever its definition: nothing that is
   * here now would lead on from it.
   */
  record Ahead() implements Lookup {}

  /** What followed it has left the log. */
  record Expired() implements Lookup {}

  /** It is of the same database history, and of another definition. */
  record OtherDefinition() implements Lookup {}

  /** It is of a history that this log never saw, or lies strictly inside a difference. */
  record Unknown() implements Lookup {}
}
