package io.tycostream.domain.session;

/** Which session a {@code hello} wants to take up. */
public sealed interface Claim {

  /** None: a new one. */
  record Nothing() implements Claim {}

  /** A token that nobody of this cluster signed. */
  record Unreadable() implements Claim {}

  /** A token that was verified. */
  record Presented(ResumeTicket ticket) implements Claim {}
}
