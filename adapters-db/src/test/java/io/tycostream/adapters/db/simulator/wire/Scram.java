package io.tycostream.adapters.db.simulator.wire;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The server's side of one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677), with a fixed salt. */
final class Scram {

  static final String MECHANISM = "SCRAM-SHA-256";

  private static final int ITERATIONS = 4096;
  private static final byte[] SALT = "tycostream-salt.".getBytes(StandardCharsets.US_ASCII);

  private final String clientFirstBare;
  private final String serverFirst;
  private final byte[] salted;

  /**
   * @param clientFirst the client's first message with its header
   * @param nonce the server's part
   */
  Scram(String clientFirst, String password, String nonce) {
    clientFirstBare =
        clientFirst.substring(clientFirst.indexOf(',', clientFirst.indexOf(',') + 1) + 1);
    String clientNonce = clientFirstBare.substring(clientFirstBare.indexOf("r=") + 2);
    serverFirst =
        "r="
            + clientNonce
            + nonce
            + ",s="
            + Base64.getEncoder().encodeToString(SALT)
            + ",i="
            + ITERATIONS;
    try {
      salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(password.toCharArray(), SALT, ITERATIONS, 256))
              .getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  String serverFirst() {
    return serverFirst;
  }

  /** The server's last message; empty if the proof is wrong. */
  String serverFinal(String clientFinal) {
    int proofAt = clientFinal.lastIndexOf(",p=");
    byte[] proof = Base64.getDecoder().decode(clientFinal.substring(proofAt + 3));
    String message = clientFirstBare + "," + serverFirst + "," + clientFinal.substring(0, proofAt);
    byte[] storedKey = sha256(hmac(salted, "Client Key"));
    byte[] signature = hmac(storedKey, message);
    byte[] clientKey = new byte[proof.length];
    for (int i = 0; i < proof.length; i++) {
      clientKey[i] = (byte) (proof[i] ^ signature[i]);
    }
    if (!MessageDigest.isEqual(sha256(clientKey), storedKey)) {
      return "";
    }
    return "v=" + Base64.getEncoder().encodeToString(hmac(hmac(salted, "Server Key"), message));
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
