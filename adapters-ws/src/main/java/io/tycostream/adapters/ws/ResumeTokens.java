package io.tycostream.adapters.ws;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeyLengthException;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.tycostream.domain.session.Claim;
import io.tycostream.domain.session.ResumeTicket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/**
 * Signs what a client needs to take its session up again, and reads it back: a JWT of type {@code
 * tycostream-resume} with HMAC-SHA-256 over the session, the principal and the end. Whether it is
 * still of use is not judged here. Used by any thread.
 */
final class ResumeTokens {

  private static final JWSHeader HEADER =
      new JWSHeader.Builder(JWSAlgorithm.HS256)
          .type(new JOSEObjectType("tycostream-resume"))
          .build();

  private final MACSigner signer;
  private final MACVerifier verifier;

  /**
   * @param secret of any length; what is signed with another one is not read
   */
  ResumeTokens(String secret) {
    byte[] key = sha256(secret); // the 256 bits that the algorithm wants
    try {
      this.signer = new MACSigner(key);
      this.verifier = new MACVerifier(key);
    } catch (KeyLengthException e) {
      throw new IllegalStateException("SHA-256 has 256 bits", e);
    } catch (JOSEException e) {
      throw new IllegalStateException("a key of the right length is refused", e);
    }
  }

  /** What the client is given. */
  String sign(ResumeTicket ticket) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder().jwtID(ticket.session()).subject(ticket.principal());
    if (!ticket.expiresAt().equals(Instant.MAX)) {
      claims.expirationTime(Date.from(ticket.expiresAt()));
    }
    SignedJWT token = new SignedJWT(HEADER, claims.build());
    try {
      token.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign", e);
    }
    return token.serialize();
  }

  /** What a client presents. */
  Claim read(Optional<String> token) {
    return token.map(this::read).orElse(new Claim.Nothing());
  }

  private Claim read(String text) {
    try {
      SignedJWT token = SignedJWT.parse(text);
      if (!HEADER.getType().equals(token.getHeader().getType()) || !token.verify(verifier)) {
        return new Claim.Unreadable();
      }
      JWTClaimsSet claims = token.getJWTClaimsSet();
      String session = claims.getJWTID();
      String principal = claims.getSubject();
      if (session == null || principal == null) {
        return new Claim.Unreadable();
      }
      Date end = claims.getExpirationTime();
      Instant expiresAt = end == null ? Instant.MAX : end.toInstant();
      return new Claim.Presented(new ResumeTicket(session, principal, expiresAt));
    } catch (ParseException | JOSEException | RuntimeException e) {
      return new Claim.Unreadable();
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
