package io.tycostream.adapters.db.simulator.wire;

import java.util.Map;

/** How clients prove who they are. */
public sealed interface Authentication {

  /** Everybody is welcome. */
  record Trust() implements Authentication {}

  /**
   * AuthenticationCleartextPassword. A wrong one is answered with FATAL 28P01 {@code invalid
   * password}, as Materialize does.
   *
   * @param passwords by user
   */
  record Cleartext(Map<String, String> passwords) implements Authentication {
    public Cleartext {
      passwords = Map.copyOf(passwords);
    }
  }

  /**
   * SASL with SCRAM-SHA-256 and without channel binding; otherwise as {@link Cleartext}.
   *
   * @param passwords by user
   */
  record ScramSha256(Map<String, String> passwords) implements Authentication {
    public ScramSha256 {
      passwords = Map.copyOf(passwords);
    }
  }
}
