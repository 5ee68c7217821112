package io.tycostream.adapters.ws.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tycostream.adapters.ws.Authenticator.Verdict;
import io.tycostream.domain.protocol.CloseCode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where the keys come from: an issuer on the network that has its days, or a file. */
@Timeout(60)
class IssuerKeysTest {

  private static final ECKey FIRST = Issuer.ec(Curve.P_256, "first");
  private static final ECKey SECOND = Issuer.ec(Curve.P_256, "second");

  private static final Verdict AWAY =
      new Verdict.Denied(CloseCode.TOO_MANY, "tokens cannot be checked at the moment; try again");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger requests = new AtomicInteger();
  private volatile String published = Issuer.published(FIRST);
  private volatile int status = 200;
  private volatile boolean dripping;
  private HttpServer server;
  private JwtAuthenticator authenticator;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.setExecutor(threads);
    server.createContext("/keys", this::answer);
    server.start();
    authenticator =
        authenticator(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys"));
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private static JwtAuthenticator authenticator(URI keys) {
    return new JwtAuthenticator(
        new JwtSettings(keys, "https://id.example", "tyco", "sources", "filters", "admin"),
        Instant::now);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    byte[] keys = published.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      if (dripping) {
        drip(out);
      }
      out.write(keys);
    }
  }

  /** Blanks, one now and then, which keep any limit of a single read from being reached. */
  private void drip(OutputStream out) throws IOException {
    try {
      while (!over.await(200, TimeUnit.MILLISECONDS)) {
        out.write(' ');
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Verdict check(ECKey key) {
    return check(authenticator, key);
  }

  private static Verdict check(JwtAuthenticator authenticator, ECKey key) {
    long end = Instant.now().getEpochSecond() + 600;
    String claims =
        "{\"iss\":\"https://id.example\",\"aud\":\"tyco\",\"sub\":\"ann\",\"exp\":" + end + "}";
    return authenticator.check(Optional.of(Issuer.sign(key, JWSAlgorithm.ES256, claims)));
  }

  private static void assertGranted(Verdict verdict) {
    assertTrue(verdict instanceof Verdict.Granted, verdict::toString);
  }

  @Test
  void shouldReadTheKeysOnceForManyTokens() {
    for (int i = 0; i < 20; i++) {
      assertGranted(check(FIRST));
    }
    assertEquals(1, requests.get());
  }

  @Test
  void shouldFindANewKeyOfTheIssuerAtOnce() {
    assertGranted(check(FIRST));
    published = Issuer.published(FIRST, SECOND);
    assertGranted(check(SECOND));
    assertGranted(check(FIRST));
    assertEquals(2, requests.get());
  }

  /** Keys that nobody has are named as often as somebody likes; the issuer is spared. */
  @Test
  void shouldAskTheIssuerRarelyWhateverTokensName() {
    assertGranted(check(FIRST));
    for (int i = 0; i < 50; i++) {
      assertTrue(check(Issuer.ec(Curve.P_256, "nobody-" + i)) instanceof Verdict.Denied);
    }
    assertTrue(requests.get() <= 2, () -> "requests: " + requests);
    assertGranted(check(FIRST));
  }

  @Test
  void shouldGoOnWithTheKeysItHasWhileTheIssuerIsAway() {
    assertGranted(check(FIRST));
    status = 503;
    assertTrue(check(SECOND) instanceof Verdict.Denied);
    assertGranted(check(FIRST));
  }

  @Test
  void shouldAskToComeBackWhileThereAreNoKeys() {
    status = 503;
    assertEquals(AWAY, check(FIRST));
    status = 200;
    assertGranted(check(FIRST));
  }

  @Test
  void shouldNotWaitForAnIssuerThatNeverEndsItsAnswer() {
    dripping = true;
    assertEquals(AWAY, check(FIRST));
    dripping = false;
    assertGranted(check(FIRST));
  }

  @Test
  void shouldNotTakeWhatIsNoKeySet() {
    published = "<html>";
    assertEquals(AWAY, check(FIRST));
    published = " ".repeat(300_000) + Issuer.published(FIRST);
    assertEquals(AWAY, check(FIRST));
  }

  @Test
  void shouldReadAFileAgainWhenATokenNamesAnotherKey(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("keys.json");
    JwtAuthenticator ofFile = authenticator(file.toUri());
    assertEquals(AWAY, check(ofFile, FIRST));
    Files.writeString(file, Issuer.published(FIRST));
    assertGranted(check(ofFile, FIRST));

    JwtAuthenticator another = authenticator(file.toUri());
    assertGranted(check(another, FIRST));
    Files.writeString(file, Issuer.published(SECOND));
    assertGranted(check(another, SECOND));
  }
}
