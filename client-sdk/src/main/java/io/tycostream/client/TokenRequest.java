package io.tycostream.client;

import io.tycostream.domain.backoff.Backoff;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** Asks the program for credentials until it has an answer. Runs on a thread of its own. */
final class TokenRequest implements Runnable {

  private static final System.Logger LOG = System.getLogger(TokenRequest.class.getName());

  private final TokenProvider provider;
  private final Backoff backoff;
  private final Consumer<Optional<String>> answer;
  private final Thread thread = Thread.ofVirtual().name("tycostream-token").unstarted(this);
  private volatile boolean over;

  /**
   * @param backoff how long is waited after each failure of the provider
   */
  TokenRequest(TokenProvider provider, Backoff backoff, Consumer<Optional<String>> answer) {
    this.provider = provider;
    this.backoff = backoff;
    this.answer = answer;
  }

  void start() {
    thread.start();
  }

  /** Nobody wants the answer any more. */
  void end() {
    over = true;
    thread.interrupt();
  }

  @Override
  public void run() {
    for (int failures = 0; !over; failures++) {
      try {
        answer.accept(Objects.requireNonNull(provider.token(), "the token provider gave null"));
        return;
      } catch (Throwable thrown) { // whatever it is: the next time it may be better
        if (!over) {
          LOG.log(Level.WARNING, "no token can be had now; the provider is asked again", thrown);
        }
      }
      pause(backoff.delay(failures, ThreadLocalRandom.current().nextDouble()));
    }
  }

  private void pause(Duration atMost) {
    try {
      Thread.sleep(atMost);
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "asked to end, or the provider left an interrupt", e);
    }
  }
}
