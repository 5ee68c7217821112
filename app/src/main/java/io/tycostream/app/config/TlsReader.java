package io.tycostream.app.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code server.tls}, with the two files that it names. No mistake repeats a key. */
final class TlsReader {

  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END [A-Z ]*PRIVATE KEY-----");

  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private TlsReader() {}

  /**
   * What the gateway proves its identity with; nothing, and a mistake, when that is not to be had.
   *
   * @param folder that paths of files start from
   */
  static Optional<Configuration.Tls> read(Section tls, Path folder) {
    Optional<List<X509Certificate>> certificates =
        file(tls, "certificate", folder).flatMap(text -> certificates(tls, text));
    Optional<PrivateKey> key = file(tls, "private-key", folder).flatMap(text -> key(tls, text));
    if (certificates.isEmpty() || key.isEmpty()) {
      return Optional.empty();
    }
    if (!isPair(certificates.get().getFirst().getPublicKey(), key.get())) {
      tls.mistake(
          "private-key",
          "is not the key of the first certificate in the file of certificate; the gateway's own"
              + " has to be the first");
    }
    return Optional.of(new Configuration.Tls(certificates.get(), key.get()));
  }

  private static Optional<String> file(Section tls, String key, Path folder) {
    Optional<String> name = tls.value(key, Values.text());
    if (name.isEmpty()) {
      if (tls.sound(key)) {
        tls.mistake(key, "is missing; certificate and private-key name a PEM file each");
      }
      return Optional.empty();
    }
    try {
      Path file = folder.resolve(name.get());
      try {
        return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
      } catch (NoSuchFileException e) {
        tls.mistake(key, "names the file " + file + ", which is not there");
      } catch (AccessDeniedException e) {
        tls.mistake(
            key,
            "names the file "
                + file
                + ", which may not be read; give this program's user the"
                + " right to");
      } catch (IOException e) {
        tls.mistake(key, "names the file " + file + ", which cannot be read as a file");
      }
    } catch (InvalidPathException e) {
      tls.mistake(key, "is not the path of a file");
    }
    return Optional.empty();
  }

  private static Optional<List<X509Certificate>> certificates(Section tls, String text) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))) {
        certificates.add((X509Certificate) each);
      }
    } catch (CertificateException e) {
      certificates.clear();
    }
    if (certificates.isEmpty()) {
      tls.mistake(
          "certificate", "names a file without a certificate in PEM (-----BEGIN CERTIFICATE-----)");
      return Optional.empty();
    }
    return Optional.of(certificates);
  }

  private static Optional<PrivateKey> key(Section tls, String text) {
    Matcher key = KEY.matcher(text);
    if (!key.find()) {
      tls.mistake("private-key", "names a file without a key in PEM (-----BEGIN PRIVATE KEY-----)");
      return Optional.empty();
    }
    String form = key.group(1).strip();
    if (!form.isEmpty()) {
      tls.mistake(
          "private-key",
          form.equals("ENCRYPTED")
              ? "is encrypted; write it without a password, as openssl pkcs8 -topk8 -nocrypt does"
              : "is in the older form of "
                  + form
                  + "; write it as PKCS#8, as openssl pkcs8 -topk8"
                  + " -nocrypt does");
      return Optional.empty();
    }
    Optional<PrivateKey> read = decoded(key.group(2));
    if (read.isEmpty()) {
      tls.mistake("private-key", "is not a key of RSA, EC or Ed25519 that can be read");
    }
    return read;
  }

  private static Optional<PrivateKey> decoded(String base64) {
    byte[] encoded;
    try {
      encoded = Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    return ALGORITHMS.stream().flatMap(each -> key(each, encoded).stream()).findFirst();
  }

  /** Nothing when it is a key of another algorithm, or none at all. */
  private static Optional<PrivateKey> key(String algorithm, byte[] encoded) {
    try {
      return Optional.of(
          KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException e) {
      return Optional.empty();
    }
  }

  /** Whether what the one signs is verified by the other. */
  private static boolean isPair(PublicKey certified, PrivateKey key) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> "EdDSA";
        };
    try {
      byte[] text = "certificate and private-key".getBytes(StandardCharsets.US_ASCII);
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
