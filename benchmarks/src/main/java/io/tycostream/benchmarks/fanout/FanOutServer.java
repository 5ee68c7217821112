package io.tycostream.benchmarks.fanout;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A rival in a process of its own. What it is told, a line each, and what it answers:
 *
 * <ul>
 *   <li>{@code flat-out AHEAD}: publishes as fast as the slowest client takes it, but never more
 *       than so many batches ahead of it; the load client tells how far that is on a second socket.
 *       One that says nothing until it is stopped
 *   <li>{@code rate PER_SECOND}: publishes at a steady rate, whatever the clients do
 *   <li>{@code stop}: {@code BATCHES} published since it was told to
 *   <li>{@code memory}: {@code RESIDENT_BYTES HEAP_BYTES} after a collection; -1 where the system
 *       does not say
 * </ul>
 *
 * <p>It first says its two ports, and ends when its standard input does.
 */
final class FanOutServer {

  private final Rival rival;
  private final ServerSocket credit;
  private Socket former = new Socket();
  private long seq;
  private long time;
  private volatile boolean stopping;

  private FanOutServer(Rival rival, ServerSocket credit) {
    this.rival = rival;
    this.credit = credit;
  }

  /**
   * Obeys until its standard input ends.
   *
   * @param args the rival's name and how many rows its table has
   */
  public static void main(String[] args) throws Exception {
    try (Rival rival = Rival.start(args[0], Integer.parseInt(args[1]));
        ServerSocket credit = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      System.out.println(rival.port() + " " + credit.getLocalPort());
      new FanOutServer(rival, credit).obey(commands);
    }
    System.exit(0);
  }

  private void obey(BufferedReader commands) throws Exception {
    Thread publishing = new Thread(() -> {});
    long before = 0;
    String line = commands.readLine();
    while (line != null) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "flat-out", "rate" -> {
          before = seq;
          stopping = false;
          int number = Integer.parseInt(words[1]);
          publishing =
              Thread.ofPlatform()
                  .name("publisher")
                  .uncaughtExceptionHandler(FanOutServer::die)
                  .start(words[0].equals("rate") ? () -> steadily(number) : () -> flatOut(number));
        }
        case "stop" -> {
          stopping = true;
          publishing.join();
          System.out.println(seq - before);
        }
        case "memory" -> System.out.println(memory());
        default -> throw new IllegalArgumentException(line);
      }
      line = commands.readLine();
    }
  }

  private static void die(Thread publisher, Throwable why) {
    why.printStackTrace();
    System.exit(1);
  }

  private void flatOut(int ahead) {
    try {
      former.close();
      Socket client = credit.accept();
      former = client; // still open when we stop: the client goes on telling until it has all
      DataInputStream taken = new DataInputStream(client.getInputStream());
      long slowest = 0;
      for (long published = 0; !stopping; published++) {
        while (published - slowest >= ahead) {
          slowest = taken.readLong();
        }
        publish(System.nanoTime());
      }
    } catch (IOException e) {
      throw new IllegalStateException("the load client is gone", e);
    }
  }

  /** By a schedule that does not wait: a pause counts for all that it delays. */
  private void steadily(int perSecond) {
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    long due = System.nanoTime();
    while (!stopping) {
      long wait = due - System.nanoTime();
      if (wait > 0) {
        LockSupport.parkNanos(wait);
      } else {
        publish(due);
        due += interval;
      }
    }
  }

  private void publish(long due) {
    time = Math.max(time + 1, due);
    rival.publish(++seq, time);
  }

  private static String memory() throws Exception {
    for (int i = 0; i < 3; i++) { // what one frees the next gives back, in its own time
      System.gc();
      TimeUnit.SECONDS.sleep(1);
    }
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return residentBytes() + " " + heap;
  }

  private static long residentBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    List<String> lines = Files.exists(status) ? Files.readAllLines(status) : List.of();
    return lines.stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
        .findAny()
        .orElse(-1);
  }
}
