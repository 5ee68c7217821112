package io.tycostream.benchmarks.fanout;

import io.tycostream.benchmarks.fanout.Stream.Measured;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Tells many clients of small batches, flat out and at a moderate rate, measures what an idle
 * connection takes, and lets all clients come at once for all rows.
 *
 * <p>The rivals are told to do the same, take turns, and put the same bytes on the socket, which is
 * checked. All have the same clients, in another process, which take a good part of two processors
 * and so are a limit for all alike. Flat out nobody gets further than a bound ahead of its slowest
 * client, so that nothing has to be dropped; that nothing was is checked too.
 */
public final class FanOut {

  private static final List<String> PARTS = List.of("flat-out", "moderate", "idle", "snapshots");
  private static final List<String> RIVALS =
      List.of("tycostream", "netty", "netty-by-hand", "send");
  private static final String BASE = "netty";
  private static final int[] CLIENTS = {1, 200, 2_000};

  private static final int SOME_CLIENTS = 200;
  private static final int MODERATE_RATE = 100;
  private static final int IDLE_CLIENTS = 2_000;
  private static final int SNAPSHOT_CLIENTS = 2_048;
  private static final int SNAPSHOT_ROWS = 10_000;

  private static final String OPTIONS = "-Xms1g -Xmx1g";

  /** Helidon copies the text for each client, as long as it is being sent. */
  private static final String LARGE_OPTIONS = "-Xms4g -Xmx4g";

  /** Gives back to the system what is free after a collection, so that it is not counted. */
  private static final String SMALL_OPTIONS =
      "-Xms16m -Xmx1g -XX:MinHeapFreeRatio=5 -XX:MaxHeapFreeRatio=10";

  private final int rounds;
  private final int seconds;
  private final Child load;

  private FanOut(int rounds, int seconds, Child load) {
    this.rounds = rounds;
    this.seconds = seconds;
    this.load = load;
  }

  /**
   * Measures and prints tables.
   *
   * @param args rounds, default 5; seconds of each measurement, default 5; which parts of {@code
   *     flat-out}, {@code moderate}, {@code idle} and {@code snapshots}, default all
   */
  public static void main(String[] args) throws Exception {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    List<String> parts = args.length > 2 ? List.of(args).subList(2, args.length) : PARTS;
    try (Child load = Child.start(LoadClient.class, "-Xmx256m")) {
      FanOut fanOut = new FanOut(rounds, seconds, load);
      if (parts.contains("flat-out") || parts.contains("moderate")) {
        fanOut.streams(parts.contains("flat-out"), parts.contains("moderate"));
      }
      if (parts.contains("idle")) {
        fanOut.idle();
      }
      if (parts.contains("snapshots")) {
        fanOut.snapshots();
      }
    }
    System.exit(0);
  }

  private void streams(boolean flatOut, boolean moderate) throws Exception {
    Map<String, Server> servers = new LinkedHashMap<>();
    try {
      for (String rival : RIVALS) {
        servers.put(rival, Server.start(rival, Stream.ROWS, OPTIONS));
      }
      measured(servers, new Stream(SOME_CLIENTS, 0, seconds), 1); // warms up
      if (flatOut) {
        for (int clients : CLIENTS) {
          say("flat out, %,d clients, median of %d rounds".formatted(clients, rounds));
          printRates(measured(servers, new Stream(clients, 0, seconds), rounds));
        }
      }
      if (moderate) {
        Stream stream = new Stream(SOME_CLIENTS, MODERATE_RATE, seconds);
        measured(servers, stream, 1); // warms up
        say(
            "%,d deliveries/s to %d clients, median of %d rounds"
                .formatted(stream.clients() * stream.rate(), stream.clients(), rounds));
        printAges(measured(servers, stream, rounds));
      }
    } finally {
      for (Server each : servers.values()) {
        each.close();
      }
    }
  }

  /** In turns. */
  private Map<String, List<Measured>> measured(
      Map<String, Server> servers, Stream stream, int times) throws Exception {
    Map<String, List<Measured>> all = new LinkedHashMap<>();
    for (int round = 0; round < times; round++) {
      for (Map.Entry<String, Server> each : servers.entrySet()) {
        all.computeIfAbsent(each.getKey(), rival -> new ArrayList<>())
            .add(stream.measure(each.getValue(), load));
      }
    }
    return all;
  }

  private static void printRates(Map<String, List<Measured>> all) {
    table(
        "",
        "deliveries/s",
        "slowest–fastest",
        "ratio",
        "server CPU s a million",
        "ratio",
        "client CPU s a million",
        "others");
    all.forEach((rival, its) -> {
      double[] rates = sorted(its, Measured::rate);
      row(
          rival,
          "%,.0f".formatted(median(its, Measured::rate)),
          "%,.0f–%,.0f".formatted(rates[0], rates[rates.length - 1]),
          ratio(all, its, Measured::rate),
          "%.3f".formatted(median(its, Measured::serverCpu)),
          ratio(all, its, Measured::serverCpu),
          "%.3f".formatted(median(its, Measured::clientCpu)),
          "%.0f %%".formatted(100 * median(its, Measured::others)));
    });
  }

  private static void printAges(Map<String, List<Measured>> all) {
    table(
        "",
        "p50 ms",
        "ratio",
        "p99 ms",
        "lowest–highest",
        "ratio",
        "max ms",
        "server CPU s a million",
        "others");
    all.forEach((rival, its) -> {
      double[] p99 = sorted(its, Measured::p99);
      row(
          rival,
          "%.2f".formatted(median(its, Measured::p50)),
          ratio(all, its, Measured::p50),
          "%.2f".formatted(median(its, Measured::p99)),
          "%.2f–%.2f".formatted(p99[0], p99[p99.length - 1]),
          ratio(all, its, Measured::p99),
          "%.1f".formatted(median(its, Measured::max)),
          "%.2f".formatted(median(its, Measured::serverCpu)),
          "%.0f %%".formatted(100 * median(its, Measured::others)));
    });
  }

  private void idle() throws Exception {
    say("idle, %,d connections, bytes of each".formatted(IDLE_CLIENTS));
    table("", "process, hello", "heap, hello", "process, subscribed", "heap, subscribed");
    for (String rival : RIVALS) {
      try (Server server = Server.start(rival, Stream.ROWS, SMALL_OPTIONS)) {
        new Stream(SOME_CLIENTS, 0, seconds).measure(server, load); // code and buffers that stay
        long[] nobody = memory(server);
        server.open(load, IDLE_CLIENTS);
        long[] greeted = memory(server);
        load.ask("subscribe");
        long[] subscribed = memory(server);
        load.ask("close");
        row(
            rival,
            "%,d".formatted((greeted[0] - nobody[0]) / IDLE_CLIENTS),
            "%,d".formatted((greeted[1] - nobody[1]) / IDLE_CLIENTS),
            "%,d".formatted((subscribed[0] - nobody[0]) / IDLE_CLIENTS),
            "%,d".formatted((subscribed[1] - nobody[1]) / IDLE_CLIENTS));
      }
    }
  }

  private static long[] memory(Server server) throws Exception {
    TimeUnit.SECONDS.sleep(3); // for the last words, and for who is gone to be noticed
    return server.child().numbers("memory");
  }

  private void snapshots() throws Exception {
    say(
        "%,d clients subscribe at once, %,d rows for each, median of %d rounds"
            .formatted(SNAPSHOT_CLIENTS, SNAPSHOT_ROWS, rounds));
    table("", "seconds to the last", "fastest–slowest", "MB in all", "server CPU s");
    for (String rival : RIVALS) {
      try (Server server = Server.start(rival, SNAPSHOT_ROWS, LARGE_OPTIONS)) {
        double[] times = new double[rounds];
        double[] cpu = new double[rounds];
        long bytes = 0;
        for (int round = -1; round < rounds; round++) {
          server.open(load, SNAPSHOT_CLIENTS);
          long before = server.child().cpuNanos();
          long[] all = load.numbers("subscribe");
          if (round >= 0) { // the first one warms up
            times[round] = all[0] / 1e9;
            cpu[round] = (server.child().cpuNanos() - before) / 1e9;
            bytes = all[1];
          }
          load.ask("close");
        }
        Arrays.sort(times);
        Arrays.sort(cpu);
        row(
            rival,
            "%.2f".formatted(times[rounds / 2]),
            "%.2f–%.2f".formatted(times[0], times[rounds - 1]),
            "%,.0f".formatted(bytes / 1e6),
            "%.2f".formatted(cpu[rounds / 2]));
      }
    }
  }

  private static double[] sorted(List<Measured> all, ToDoubleFunction<Measured> figure) {
    return all.stream().mapToDouble(figure).sorted().toArray();
  }

  private static double median(List<Measured> all, ToDoubleFunction<Measured> figure) {
    return sorted(all, figure)[all.size() / 2];
  }

  private static String ratio(
      Map<String, List<Measured>> all, List<Measured> its, ToDoubleFunction<Measured> figure) {
    List<Measured> base = all.getOrDefault(BASE, its);
    return String.format(Locale.ROOT, "%.2f", median(its, figure) / median(base, figure));
  }

  private static void say(String what) {
    System.out.println("\n" + what + "\n");
  }

  private static void table(String... titles) {
    row(titles);
    System.out.println("| --- |" + " ---: |".repeat(titles.length - 1));
  }

  private static void row(String... cells) {
    System.out.println("| " + String.join(" | ", cells) + " |");
  }
}
