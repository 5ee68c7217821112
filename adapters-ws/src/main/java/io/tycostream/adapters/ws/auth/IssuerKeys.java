package io.tycostream.adapters.ws.auth;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The public keys of an issuer, read from where it keeps them.
 *
 * <p>They are read when the first token comes, again after {@link #KEPT}, and as soon as a token
 * names a key that is not among them: so a new key of the issuer is found at once. Whatever is
 * shown, they are read twice in {@link #RATE} at most. While they cannot be read, those read last
 * are used for up to {@link #OUTAGE}.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {

  private static final System.Logger LOG = System.getLogger(IssuerKeys.class.getName());

  private static final Duration KEPT = Duration.ofMinutes(5);
  private static final Duration RATE = Duration.ofSeconds(10);
  private static final Duration OUTAGE = Duration.ofHours(4);

  /** For each reading as a whole, however slowly it is answered. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final int STEP_MILLIS = 2_000;
  private static final int MAX_BYTES = 256 << 10;

  private final URI location;
  private final AtomicBoolean away = new AtomicBoolean();

  private IssuerKeys(URI location) {
    this.location = location;
  }

  /** The keys at a place, as they are there from time to time. */
  static JWKSource<SecurityContext> at(URI location) {
    return JWKSourceBuilder.create(new IssuerKeys(location))
        .cache(KEPT.toMillis(), PATIENCE.toMillis())
        .refreshAheadCache(false) // which would need a thread
        .rateLimited(RATE.toMillis())
        .outageTolerant(OUTAGE.toMillis())
        .build();
  }

  /**
   * Reads them anew.
   *
   * @throws JWKSetUnavailableException when they cannot be had in time
   */
  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator evaluator, long currentTime, SecurityContext context)
      throws KeySourceException {
    FutureTask<JWKSet> reading = new FutureTask<>(this::read);
    Thread reader = Thread.ofVirtual().name("issuer-keys").start(reading);
    try {
      JWKSet keys = reading.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      if (away.getAndSet(false)) {
        LOG.log(System.Logger.Level.INFO, "the keys at " + location + " can be read again");
      }
      return keys;
    } catch (ExecutionException e) {
      throw unavailable(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      reader.interrupt();
      throw unavailable("no whole answer within " + PATIENCE.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      reader.interrupt();
      Thread.currentThread().interrupt();
      throw new JWKSetUnavailableException("interrupted", e);
    }
  }

  private JWKSet read() throws IOException, ParseException {
    if ("file".equals(location.getScheme())) {
      try (InputStream file = Files.newInputStream(Path.of(location))) {
        return JWKSet.parse(new String(file.readNBytes(MAX_BYTES), StandardCharsets.UTF_8));
      }
    }
    return JWKSet.parse(
        new DefaultResourceRetriever(STEP_MILLIS, STEP_MILLIS, MAX_BYTES)
            .retrieveResource(location.toURL())
            .getContent());
  }

  private JWKSetUnavailableException unavailable(String why, Exception cause) {
    String message = "the keys at " + location + " cannot be read: " + why;
    if (!away.getAndSet(true)) {
      LOG.log(System.Logger.Level.WARNING, message);
    }
    return new JWKSetUnavailableException(message, cause);
  }

  @Override
  public void close() {
    // Nothing stays open between two readings.
  }
}
