package io.tycostream.adapters.ws;

import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Grant;
import java.util.Optional;

/** Finds out who a client is, and what it may see. Used by any thread. */
public interface Authenticator {

  /** What came of it. */
  sealed interface Verdict {

    /** The credentials are good. */
    record Granted(Grant grant) implements Verdict {}

    /**
     * They are not.
     *
     * @param code {@link CloseCode#UNAUTHENTICATED} or {@link CloseCode#FORBIDDEN}; {@link
     *     CloseCode#TOO_MANY} when nobody can say at the moment: the client comes back and asks
     *     again
     * @param reason for the client; never repeats what it showed
     */
    record Denied(CloseCode code, String reason) implements Verdict {}
  }

  /** Everybody may see everything. */
  Authenticator NOBODY_IS_ASKED = token -> new Verdict.Granted(Grant.EVERYTHING);

  /**
   * Looks at credentials. May ask somebody else, and then blocks for some seconds at most.
   *
   * @param token what the client shows; nothing when it shows nothing
   */
  Verdict check(Optional<String> token);
}
