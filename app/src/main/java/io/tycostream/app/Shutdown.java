package io.tycostream.app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and SIGTERM as an orderly end: the command that runs is let finish, and the program ends
 * with its exit code.
 */
final class Shutdown {

  /** A command that does not finish is ended after all; longer than any of them needs. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Shutdown() {}

  /** Waits until the program is told to stop. Called by the program's main thread. */
  static void await() throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              told.countDown();
              awaitEndOf(main);
            },
            "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    told.await();
  }

  private static void awaitEndOf(Thread main) {
    try {
      main.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // Not 130 or 143: it was an orderly end.
    Runtime.getRuntime().halt(0);
  }
}
