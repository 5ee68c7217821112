package io.tycostream.benchmarks.fanout;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Small batches to many clients.
 *
 * @param rate batches a second; 0 for flat out
 * @param seconds that are measured
 */
record Stream(int clients, int rate, int seconds) {

  /** Rows of the table, which are changed in turns. */
  static final int ROWS = 1_000;

  /**
   * How far a server may be ahead of its slowest client flat out, in batches; about 100 KiB. It is
   * told four times in between how far that one is.
   */
  static final int AHEAD = 512;

  private static final OperatingSystemMXBean MACHINE =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  /**
   * One measurement.
   *
   * @param rate deliveries a second
   * @param serverCpu seconds that a million deliveries took of the processors
   * @param clientCpu the same on the load client's side
   * @param others the share of the machine's processors that others took, from 0 to 1
   * @param p50 milliseconds from the moment when a batch was due; as the next two, when there is a
   *     rate
   */
  record Measured(
      double rate,
      double serverCpu,
      double clientCpu,
      double others,
      double p50,
      double p99,
      double max) {}

  /**
   * Measures once.
   *
   * @throws IllegalStateException when a batch was missing, or the bytes were not what all send
   */
  Measured measure(Server server, Child load) throws IOException, InterruptedException {
    boolean flatOut = rate == 0;
    if (flatOut) {
      server.openPaced(load, clients, AHEAD / 4);
    } else {
      server.open(load, clients);
    }
    load.ask("subscribe");
    server.child().tell(flatOut ? "flat-out " + AHEAD : "rate " + rate);
    TimeUnit.SECONDS.sleep(1);
    MACHINE.getCpuLoad(); // since the last call
    long serverBefore = server.child().cpuNanos();
    long clientBefore = load.cpuNanos();
    load.ask(flatOut ? "begin counts" : "begin ages");
    TimeUnit.SECONDS.sleep(seconds);
    long[] end = load.numbers("end");
    double server1 = (server.child().cpuNanos() - serverBefore) / 1e9;
    double client1 = (load.cpuNanos() - clientBefore) / 1e9;
    double all = MACHINE.getCpuLoad();
    load.ask("await " + server.child().ask("stop"));
    String first = load.ask("first");
    load.ask("close");
    check(first, end[3]);
    double seconds1 = end[0] / 1e9;
    double millions = end[1] / 1e6;
    double own = (server1 + client1) / seconds1 / Runtime.getRuntime().availableProcessors();
    return new Measured(
        end[1] / seconds1,
        server1 / millions,
        client1 / millions,
        Math.max(0, all - own),
        end[4] / 1e6,
        end[5] / 1e6,
        end[6] / 1e6);
  }

  private static void check(String first, long breaks) {
    if (breaks > 0) {
      throw new IllegalStateException("the batches are not all there, one by one");
    }
    long seq = Long.parseLong(first.replaceAll(".*\"seq\":(\\d+),.*", "$1"));
    long time = Long.parseLong(first.replaceAll(".*\"bench\\.([0-9a-f]{16})\\..*", "$1"), 16);
    byte[] expected = new Ticks(ROWS).batch(seq, time);
    if (!first.equals(new String(expected, StandardCharsets.US_ASCII))) {
      throw new IllegalStateException("not what all send: " + first);
    }
  }
}
