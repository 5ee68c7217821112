package io.tycostream.app.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Started as a JVM of its own: runs a server until it is killed. */
public final class ChildJvm {
  private ChildJvm() {}

  /** Prints the server's folder on one line, then waits for the end. */
  public static void main(String[] args) throws InterruptedException {
    EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
    if (args.length > 0 && args[0].equals("paused")) {
      postgres.pause();
    }
    System.out.println(postgres.folder());
    new CountDownLatch(1).await();
  }

  /** Starts {@link #main} with {@code environment} over that of this JVM; errors come as output. */
  static Process start(Map<String, String> environment, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-cp",
                System.getProperty("java.class.path"),
                ChildJvm.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).start();
  }
}
