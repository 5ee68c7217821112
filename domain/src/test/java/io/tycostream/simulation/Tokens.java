package io.tycostream.simulation;

import io.tycostream.domain.session.Claim;
import io.tycostream.domain.session.ResumeTicket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The resume tokens that the nodes of a cluster gave out and can all read. */
final class Tokens {

  private static final String PREFIX = "token-";

  private final List<ResumeTicket> tickets = new ArrayList<>();

  String of(ResumeTicket ticket) {
    tickets.add(ticket);
    return PREFIX + (tickets.size() - 1);
  }

  /** A token that was given to somebody else, if there is one. */
  Optional<String> ofAnother(String principal) {
    for (int i = tickets.size() - 1; i >= 0; i--) {
      if (!tickets.get(i).principal().equals(principal)) {
        return Optional.of(PREFIX + i);
      }
    }
    return Optional.empty();
  }

  Claim read(Optional<String> token) {
    if (token.isEmpty()) {
      return new Claim.Nothing();
    }
    return token.get().startsWith(PREFIX)
        ? new Claim.Presented(tickets.get(Integer.parseInt(token.get().substring(PREFIX.length()))))
        : new Claim.Unreadable();
  }
}
