package io.tycostream.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate that signs itself, made by the JDK's own keytool, and its key; both as PEM. */
public final class SelfSigned {

  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path certificate;
  private final Path privateKey;
  private final KeyStore store;

  private SelfSigned(Path certificate, Path privateKey, KeyStore store) {
    this.certificate = certificate;
    this.privateKey = privateKey;
    this.store = store;
  }

  /**
   * Makes one for 127.0.0.1 and localhost.
   *
   * @param algorithm as keytool knows it: RSA, EC or Ed25519
   */
  public static SelfSigned make(Path folder, String algorithm)
      throws IOException, InterruptedException, GeneralSecurityException {
    return make(folder, algorithm, "ip:127.0.0.1,dns:localhost");
  }

  /**
   * Makes one.
   *
   * @param names that it is for, as in {@code dns:a.example,ip:127.0.0.1}
   */
  public static SelfSigned make(Path folder, String algorithm, String names)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve(algorithm + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "gateway",
                "-keyalg",
                algorithm,
                "-dname",
                "CN=gateway of a test",
                "-ext",
                "san=" + names,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(algorithm + ".log").toFile())
            .start();
    if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
      throw new AssertionError(Files.readString(folder.resolve(algorithm + ".log")));
    }
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return new SelfSigned(
        Files.writeString(
            folder.resolve(algorithm + ".crt"),
            pem("CERTIFICATE", keys.getCertificate("gateway").getEncoded())),
        Files.writeString(
            folder.resolve(algorithm + ".key"),
            pem("PRIVATE KEY", keys.getKey("gateway", PASSWORD).getEncoded())),
        keys);
  }

  private static String pem(String what, byte[] encoded) {
    String lines =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(encoded);
    return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
  }

  public Path certificate() {
    return certificate;
  }

  public Path privateKey() {
    return privateKey;
  }

  /** A client's side that trusts this certificate alone. */
  public SSLContext trusting() throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("gateway", store.getCertificate("gateway"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
