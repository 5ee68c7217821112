package io.tycostream.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.adapters.ws.auth.JwtSettings;
import io.tycostream.adapters.ws.auth.StaticToken;
import io.tycostream.app.config.Configuration;
import io.tycostream.domain.session.Grant;
import java.net.URI;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListeningTest {

  private static final Configuration.Auth NOBODY = new Configuration.Auth.Nobody();

  private static final Configuration.Auth TOKENS =
      new Configuration.Auth.Tokens(
          List.of(new StaticToken("s3cr3t-0123456789", Grant.EVERYTHING)));

  private static final Configuration.Auth JWT =
      new Configuration.Auth.Jwt(
          new JwtSettings(URI.create("https://id.example/keys"), "i", "a", "s", "f", "r"));

  private static List<String> lines(
      String host, Optional<Configuration.Tls> tls, Configuration.Auth auth) {
    Configuration usual =
        Configuration.onLoopback(
            0, Configuration.Database.onLoopback("main", 5432, "postgres", "postgres"), "trades");
    return Listening.lines(
        new Configuration(
            new Configuration.Server(host, 0, Set.of(), tls),
            usual.databases(),
            usual.sources(),
            usual.clients(),
            auth,
            usual.node()),
        8080);
  }

  private static Optional<Configuration.Tls> tls() throws NoSuchAlgorithmException {
    return Optional.of(
        new Configuration.Tls(
            List.of(), KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate()));
  }

  @Test
  void shouldSayInOneLineWhatListensOnLoopback() throws Exception {
    assertEquals(
        List.of("tycostream listens on http://127.0.0.1:8080 without authentication"),
        lines("127.0.0.1", Optional.empty(), NOBODY));
    assertEquals(
        List.of("tycostream listens on http://localhost:8080 with tokens"),
        lines("localhost", Optional.empty(), TOKENS));
    assertEquals(
        List.of("tycostream listens on https://127.0.0.1:8080 with jwt"),
        lines("127.0.0.1", tls(), JWT));
  }

  @Test
  void shouldSayPlainlyWhatIsOpenToTheWorld() throws Exception {
    String everybody =
        "warning: whoever reaches 0.0.0.0 can read every source and see every client; set"
            + " auth.mode, or let a proxy ask";
    assertEquals(
        List.of(
            "tycostream listens on http://0.0.0.0:8080 without authentication",
            everybody,
            "warning: rows travel unencrypted; set server.tls, or put a proxy in front that has"
                + " TLS"),
        lines("0.0.0.0", Optional.empty(), NOBODY));
    assertEquals(
        List.of("tycostream listens on https://0.0.0.0:8080 without authentication", everybody),
        lines("0.0.0.0", tls(), NOBODY));
    assertEquals(
        List.of(
            "tycostream listens on http://0.0.0.0:8080 with tokens",
            "warning: rows and tokens travel unencrypted; set server.tls, or put a proxy in front"
                + " that has TLS"),
        lines("0.0.0.0", Optional.empty(), TOKENS));
    assertEquals(
        List.of("tycostream listens on https://0.0.0.0:8080 with jwt"),
        lines("0.0.0.0", tls(), JWT));
  }
}
