package io.tycostream.adapters.ws.auth;

import io.tycostream.domain.session.Grant;

/**
 * A token that an operator hands out, and what its holder may see.
 *
 * @param token at least {@value #MIN_LENGTH} characters
 */
public record StaticToken(String token, Grant grant) {

  /** A shorter one could be found by trying. */
  public static final int MIN_LENGTH = 16;

  /**
   * @throws IllegalArgumentException when the token is too short
   */
  public StaticToken {
    if (token.length() < MIN_LENGTH) {
      throw new IllegalArgumentException("a token needs at least " + MIN_LENGTH + " characters");
    }
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "a token of " + grant;
  }
}
