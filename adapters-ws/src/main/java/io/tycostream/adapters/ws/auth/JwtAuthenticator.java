package io.tycostream.adapters.ws.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.proc.SimpleSecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.BadJWTException;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.adapters.ws.auth.ClaimedGrant.BadClaimException;
import io.tycostream.domain.protocol.CloseCode;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import java.util.Set;

/**
 * Accepts the JSON Web Tokens of an issuer (RFC 7519), signed with a key of its key set.
 *
 * <p>A token needs the right {@code iss} and {@code aud}, an {@code exp} that is not over, and
 * {@code sub}, the principal; an {@code nbf} has to be over. Clocks may differ by {@link #SKEW}.
 * Only signatures by a private key count: a key set is public, so none may stand for a secret.
 *
 * <p>Blocks for some seconds at most, and only while the issuer's keys have to be read.
 */
public final class JwtAuthenticator implements Authenticator {

  private static final System.Logger LOG = System.getLogger(JwtAuthenticator.class.getName());

  /** By how much the issuer's clock and ours may differ. */
  static final Duration SKEW = Duration.ofSeconds(30);

  /** What HTTP servers allow for all headers together. */
  static final int MAX_TOKEN_LENGTH = 16 << 10;

  static final int MAX_PRINCIPAL_LENGTH = 256;

  /** Those that the JDK can verify; Ed25519 would need another library. */
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt"); // RFC 9068

  private final JwtSettings settings;
  private final InstantSource clock;
  private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

  /**
   * @param clock what time it is in the world
   */
  public JwtAuthenticator(JwtSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, ACCESS_TOKEN, null));
    processor.setJWSKeySelector(
        new JWSVerificationKeySelector<>(ALGORITHMS, IssuerKeys.at(settings.jwks())));
    processor.setJWTClaimsSetVerifier((claims, context) -> verify(claims));
  }

  /** The claims of a token do not do; the message is for the client. */
  private static final class BadClaimsException extends BadJWTException {

    private static final long serialVersionUID = 1L;

    BadClaimsException(String reason) {
      super(reason);
    }
  }

  @Override
  public Verdict check(Optional<String> token) {
    if (token.isEmpty()) {
      return unauthenticated("a token is needed");
    }
    if (token.get().length() > MAX_TOKEN_LENGTH) {
      return unauthenticated("the token has more than " + MAX_TOKEN_LENGTH + " characters");
    }
    SignedJWT jwt;
    try {
      jwt = SignedJWT.parse(token.get());
    } catch (ParseException e) {
      return unauthenticated("the token is no signed JSON Web Token");
    }
    try {
      return granted(jwt, processor.process(jwt, new SimpleSecurityContext()));
    } catch (BadClaimsException e) {
      return unauthenticated(String.valueOf(e.getMessage()));
    } catch (BadJOSEException e) {
      return unauthenticated("the token is not signed with a key of the issuer that counts here");
    } catch (KeySourceException e) {
      LOG.log(System.Logger.Level.DEBUG, "a token could not be checked", e);
      return new Verdict.Denied(
          CloseCode.TOO_MANY, "tokens cannot be checked at the moment; try again");
    } catch (JOSEException e) {
      return unauthenticated("the token's signature cannot be verified");
    }
  }

  private Verdict granted(SignedJWT jwt, JWTClaimsSet claims) {
    try {
      return new Verdict.Granted(
          ClaimedGrant.read(
              jwt.getPayload().toString(), settings, claims.getSubject(), until(claims)));
    } catch (BadClaimException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          () ->
              "a token of %s is refused: %s (%s)"
                  .formatted(claims.getSubject(), e.reason(), e.detail()));
      return new Verdict.Denied(CloseCode.FORBIDDEN, e.reason());
    }
  }

  /** Its end; who was let in after it, by the grace of different clocks, has as long as that. */
  private Instant until(JWTClaimsSet claims) {
    Instant end = claims.getExpirationTime().toInstant();
    return clock.instant().isBefore(end) ? end : end.plus(SKEW);
  }

  private void verify(JWTClaimsSet claims) throws BadClaimsException {
    Instant now = clock.instant();
    if (!settings.issuer().equals(claims.getIssuer())) {
      throw new BadClaimsException("the token is of another issuer");
    }
    if (!claims.getAudience().contains(settings.audience())) {
      throw new BadClaimsException("the token is for another audience");
    }
    Date end = claims.getExpirationTime();
    if (end == null) {
      throw new BadClaimsException("the token has no exp, and so no end");
    }
    if (!now.isBefore(end.toInstant().plus(SKEW))) {
      throw new BadClaimsException("the token has expired");
    }
    Date begin = claims.getNotBeforeTime();
    if (begin != null && now.isBefore(begin.toInstant().minus(SKEW))) {
      throw new BadClaimsException("the token does not count yet");
    }
    String principal = claims.getSubject();
    if (principal == null
        || principal.isBlank()
        || principal.length() > MAX_PRINCIPAL_LENGTH
        || principal.chars().anyMatch(Character::isISOControl)) {
      throw new BadClaimsException(
          "the token has no sub of 1 to " + MAX_PRINCIPAL_LENGTH + " characters");
    }
  }

  private static Verdict unauthenticated(String reason) {
    return new Verdict.Denied(CloseCode.UNAUTHENTICATED, reason);
  }
}
