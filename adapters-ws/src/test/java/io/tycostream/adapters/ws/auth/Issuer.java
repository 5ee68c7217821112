package io.tycostream.adapters.ws.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.util.Arrays;

/** Makes keys and signs tokens with them. */
final class Issuer {

  private Issuer() {}

  static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2_048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  static ECKey ec(Curve curve, String id) {
    try {
      return new ECKeyGenerator(curve).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  /** The public halves, as an issuer publishes them. */
  static String published(JWK... keys) {
    return new JWKSet(Arrays.asList(keys)).toString(true);
  }

  static String sign(JWK key, JWSAlgorithm algorithm, String payload) {
    return sign(key, new JWSHeader.Builder(algorithm).keyID(key.getKeyID()), payload);
  }

  private static String sign(JWK key, JWSHeader.Builder header, String payload) {
    return signTyped(key, header.type(JOSEObjectType.JWT), payload);
  }

  /** With a type of its own. */
  static String signTyped(JWK key, JWSHeader.Builder header, String payload) {
    try {
      JWSSigner signer =
          key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key);
      JWSObject token = new JWSObject(header.build(), new Payload(payload));
      token.sign(signer);
      return token.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }
}
