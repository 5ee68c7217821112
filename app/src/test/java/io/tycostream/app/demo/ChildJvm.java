package io.tycostream.app.demo;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** Started as a JVM of its own: runs a server until it is killed. */
public final class ChildJvm {
  private ChildJvm() {}

  /** Prints the server's folder, port and paused state on one line, then waits for the end. */
  public static void main(String[] args) throws InterruptedException {
    EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
    if (args.length > 0 && args[0].equals("paused")) {
      postgres.pause();
    }
    System.out.println(postgres.folder() + " " + postgres.port());
    new CountDownLatch(1).await();
  }

  static Process start(String... args) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            System.getProperty("java.home") + "/bin/java",
            "-cp",
            System.getProperty("java.class.path"),
            ChildJvm.class.getName());
    builder.command().addAll(java.util.List.of(args));
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }
}
