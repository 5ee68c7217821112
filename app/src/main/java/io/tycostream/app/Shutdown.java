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

  private static volatile boolean begun;

  private Shutdown() {}

  /** Waits until the program is told to stop. Called by the program's main thread. */
  static void await() throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    Thread main = Thread.currentThread();
    Thread hook =
        new Thread(
            () -> {
              begun = true;
              told.countDown();
              waitFor(main);
            },
            "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    told.await();
  }

  /** Ends the program, also when it is being ended already. */
  static void exit(int code) {
    if (begun) {
      // System.exit would wait for the hook, which waits for us; and it would not be our code.
      System.out.flush();
      System.err.flush();
      Runtime.getRuntime().halt(code);
    }
    System.exit(code);
  }

  private static void waitFor(Thread main) {
    try {
      main.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
