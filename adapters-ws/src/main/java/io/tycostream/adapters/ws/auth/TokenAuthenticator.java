package io.tycostream.adapters.ws.auth;

import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Grant;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;

/**
 * Knows a list of tokens. Of each only the SHA-256 digest is kept.
 *
 * <p>How long a check takes tells nothing about the tokens: whole digests are compared, with all of
 * the list, whether one was found or not.
 */
public final class TokenAuthenticator implements Authenticator {

  private static final Verdict MISSING =
      new Verdict.Denied(CloseCode.UNAUTHENTICATED, "a token is needed");

  private static final Verdict UNKNOWN =
      new Verdict.Denied(CloseCode.UNAUTHENTICATED, "the token is not known here");

  @SuppressWarnings("ArrayRecordComponent") // compared by MessageDigest alone
  private record Known(byte[] digest, Verdict verdict) {}

  private final List<Known> known;

  /**
   * @param tokens no two alike
   * @throws IllegalArgumentException when two are
   */
  public TokenAuthenticator(List<StaticToken> tokens) {
    if (tokens.stream().map(StaticToken::token).distinct().count() < tokens.size()) {
      throw new IllegalArgumentException("two tokens are the same");
    }
    known = tokens.stream().map(TokenAuthenticator::known).toList();
  }

  private static Known known(StaticToken token) {
    Grant grant = token.grant();
    return new Known(digest(token.token()), new Verdict.Granted(grant));
  }

  @Override
  public Verdict check(Optional<String> token) {
    if (token.isEmpty()) {
      return MISSING;
    }
    byte[] digest = digest(token.get());
    Verdict verdict = UNKNOWN;
    for (Known each : known) {
      if (MessageDigest.isEqual(each.digest, digest)) {
        verdict = each.verdict; // and on through the others, to take as long as for any token
      }
    }
    return verdict;
  }

  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
