package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tycostream.app.SelfSigned;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS) // for one identity
class TlsConfigurationTest {

  private Path folder;
  private SelfSigned identity;

  @BeforeAll
  void make(@TempDir Path shared) throws Exception {
    folder = shared;
    identity = SelfSigned.make(folder, "EC");
  }

  private static List<String> mistakes(String tls) {
    List<String> mistakes = Yaml.mistakes(Yaml.MINIMAL + "server: {tls: " + tls + "}\n");
    assertFalse(String.join("\n", mistakes).contains("MIG"), "a mistake repeats a key");
    return mistakes;
  }

  private static String files(Path certificate, Path key) {
    return "{certificate: '" + certificate + "', private-key: '" + key + "'}";
  }

  private List<String> mistakesOf(String certificate, String key) throws Exception {
    Path certificateFile = Files.writeString(folder.resolve("a.crt"), certificate);
    return mistakes(files(certificateFile, Files.writeString(folder.resolve("a.key"), key)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void shouldReadACertificateAndItsKey(String algorithm, @TempDir Path own) throws Exception {
    SelfSigned.make(own, algorithm);
    Path file =
        Files.writeString(
            own.resolve("tycostream.yaml"),
            Yaml.MINIMAL
                + "server: {tls: {certificate: %1$s.crt, private-key: %1$s.key}}\n"
                    .formatted(algorithm));
    Configuration.Tls tls = ConfigurationReader.read(file, Map.of()).server().tls().orElseThrow();
    assertEquals(
        "CN=gateway of a test", tls.certificates().getFirst().getSubjectX500Principal().getName());
    assertEquals("TLS as CN=gateway of a test", tls.toString());
  }

  @Test
  void shouldWantBothFiles() {
    assertEquals(
        List.of(
            "server.tls.certificate is missing; certificate and private-key name a PEM file each",
            "server.tls.private-key is missing; certificate and private-key name a PEM file each"),
        mistakes("{}"));
    assertEquals(
        List.of(
            "server.tls.certificate names the file /no/where.crt, which is not there",
            "server.tls.private-key names the file " + folder + ", which cannot be read as a file"),
        mistakes(files(Path.of("/no/where.crt"), folder)));
    assertEquals(
        List.of("server.tls.key is not a known key; the nearest one is private-key"),
        mistakes(files(identity.certificate(), identity.privateKey()).replace("}", ", key: a}")));
  }

  @Test
  void shouldSayWhatAFileIsNot() throws Exception {
    String certificate = Files.readString(identity.certificate());
    String key = Files.readString(identity.privateKey());
    assertEquals(
        List.of(
            "server.tls.certificate names a file without a certificate in PEM (-----BEGIN"
                + " CERTIFICATE-----)",
            "server.tls.private-key names a file without a key in PEM (-----BEGIN PRIVATE"
                + " KEY-----)"),
        mistakesOf(key, certificate));
    assertEquals(
        List.of(
            "server.tls.private-key is encrypted; write it without a password, as openssl pkcs8"
                + " -topk8 -nocrypt does"),
        mistakesOf(certificate, key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")));
    assertEquals(
        List.of(
            "server.tls.private-key is in the older form of RSA; write it as PKCS#8, as openssl"
                + " pkcs8 -topk8 -nocrypt does"),
        mistakesOf(certificate, key.replace("PRIVATE KEY", "RSA PRIVATE KEY")));
    assertEquals(
        List.of("server.tls.private-key is not a key of RSA, EC or Ed25519 that can be read"),
        mistakesOf(certificate, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void shouldRefuseTheKeyOfAnotherCertificate(String algorithm, @TempDir Path own)
      throws Exception {
    Path other = SelfSigned.make(own, algorithm).privateKey();
    assertEquals(
        List.of(
            "server.tls.private-key is not the key of the first certificate in the file of"
                + " certificate; the gateway's own has to be the first"),
        mistakes(files(identity.certificate(), other)));
  }
}
