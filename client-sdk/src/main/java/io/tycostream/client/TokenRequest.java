package io.tycostream.client;

import io.tycostream.domain.backoff.Backoff;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** Asks the program for credentials until it has an answer. Runs on a thread of its own. */
final class TokenRequest implements Runnable {

  private static final System.Logger LOG = System.getLogger(TokenRequest.class.getName());

  private final TokenProvider provider;
  private final Backoff backoff;
  private final Consumer<Optional<String>> answer;

  /**
   * @param backoff how long is waited after each failure of the provider
   */
  TokenRequest(TokenProvider provider, Backoff backoff, Consumer<Optional<String>> answer) {
    this.provider = provider;
    this.backoff = backoff;
    this.answer = answer;
  }

  @Override
  public void run() {
    try {
      for (int failures = 0; ; failures++) {
        try {
          answer.accept(provider.token());
          return;
        } catch (InterruptedException e) {
          throw e;
        } catch (Exception e) { // whatever it is: the next time it may be better
          LOG.log(Level.WARNING, "no token can be had now; the provider is asked again", e);
        }
        Thread.sleep(backoff.delay(failures, ThreadLocalRandom.current().nextDouble()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the client has ended
    }
  }
}
