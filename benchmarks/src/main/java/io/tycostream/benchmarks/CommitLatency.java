package io.tycostream.benchmarks;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * From {@code COMMIT} to the listener of a client: a row is inserted at a steady rate, and each
 * commit is timed from the moment before it is sent to the moment when a Java program has it.
 *
 * <p>The rival, in the same run and told of the very same commits, is PostgreSQL's own {@code
 * NOTIFY}, received over JDBC without a gateway, a WebSocket or a row: the least that the database
 * itself takes to tell anybody anything.
 *
 * <p>A commit is timed from the moment when it was due, by a schedule that does not wait for
 * answers: a pause counts for all that it delays (no coordinated omission).
 */
public final class CommitLatency {

  private static final int WARM_UP_SECONDS = 5;

  private final int rate;
  private final int commits;
  private final AtomicLongArray sentAt;
  private final Histogram tycostream = new ConcurrentHistogram(3);
  private final Histogram notify = new ConcurrentHistogram(3);
  private final AtomicLong seen = new AtomicLong();
  private final AtomicLong notified = new AtomicLong();

  private CommitLatency(int rate, int seconds) {
    this.rate = rate;
    this.commits = rate * (seconds + WARM_UP_SECONDS);
    this.sentAt = new AtomicLongArray(commits);
  }

  /**
   * Measures and prints a table.
   *
   * @param args commits per second, default 200; seconds, default 30
   */
  public static void main(String[] args) throws Exception {
    int rate = args.length > 0 ? Integer.parseInt(args[0]) : 200;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 30;
    new CommitLatency(rate, seconds).run();
    System.exit(0);
  }

  private void run() throws Exception {
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults().withFsync(true))) {
      execute(postgres, "CREATE TABLE ticks (id int4 PRIMARY KEY, price numeric, note text)");
      try (GatewayServer gateway = GatewayServer.start(configuration(postgres), Optional.empty());
          TycostreamClient client =
              TycostreamClient.builder("http://127.0.0.1:" + gateway.port()).connect()) {
        CountDownLatch ready = new CountDownLatch(1);
        client.subscribe("ticks", new Stopwatch(ready));
        Thread listening = Thread.ofPlatform().daemon().start(() -> listen(postgres));
        if (!ready.await(30, TimeUnit.SECONDS)) {
          throw new IllegalStateException("no snapshot within 30 s");
        }
        commit(postgres);
        awaitAll();
        listening.interrupt();
      }
    }
    print();
  }

  private void commit(EmbeddedPostgres postgres) throws SQLException {
    long interval = TimeUnit.SECONDS.toNanos(1) / rate;
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        PreparedStatement insert =
            connection.prepareStatement("INSERT INTO ticks VALUES (?, ?::numeric, ?)");
        PreparedStatement tell = connection.prepareStatement("SELECT pg_notify('ticks', ?)")) {
      connection.setAutoCommit(false);
      long next = System.nanoTime();
      for (int id = 0; id < commits; id++) {
        insert.setInt(1, id);
        insert.setString(2, "101.2345");
        insert.setString(3, "some words of the usual length of a row");
        insert.execute();
        tell.setString(1, Integer.toString(id));
        tell.execute();
        long wait = next - System.nanoTime();
        if (wait > 0) {
          LockSupport.parkNanos(wait);
        }
        sentAt.set(id, next); // when it was due, not when we came to it
        connection.commit();
        next += interval;
      }
    }
  }

  private final class Stopwatch implements SubscriptionListener {
    private final CountDownLatch ready;

    Stopwatch(CountDownLatch ready) {
      this.ready = ready;
    }

    @Override
    public void onSnapshot(Subscription subscription, TableState state) {
      ready.countDown();
    }

    @Override
    public void onBatch(Subscription subscription, TableBatch batch) {
      long now = System.nanoTime();
      for (TableChange change : batch.changes()) {
        count((int) change.row().longValue("id"), now, tycostream);
        seen.incrementAndGet();
      }
    }
  }

  private void listen(EmbeddedPostgres postgres) {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute("LISTEN ticks");
      PGConnection session = connection.unwrap(PGConnection.class);
      while (!Thread.currentThread().isInterrupted()) {
        for (PGNotification each : session.getNotifications(1_000)) {
          count(Integer.parseInt(each.getParameter()), System.nanoTime(), notify);
          notified.incrementAndGet();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot listen", e);
    }
  }

  private void count(int id, long now, Histogram into) {
    if (id >= rate * WARM_UP_SECONDS) {
      into.recordValue(now - sentAt.get(id));
    }
  }

  private void awaitAll() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while ((seen.get() < commits || notified.get() < commits) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    if (seen.get() < commits || notified.get() < commits) {
      throw new IllegalStateException(
          "of " + commits + " commits the client saw " + seen + ", NOTIFY told " + notified);
    }
  }

  private void print() {
    System.out.printf(
        "%n%,d commits at %d/s; milliseconds from before COMMIT to the program that waits%n%n",
        tycostream.getTotalCount(), rate);
    System.out.println("|  | p50 | p90 | p99 | p99.9 | max |");
    System.out.println("| --- | --- | --- | --- | --- | --- |");
    line("tycostream: row in the SDK's listener", tycostream);
    line("rival: NOTIFY over JDBC", notify);
    System.out.printf(
        "| ratio | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
        ratio(50), ratio(90), ratio(99), ratio(99.9), ratio(100));
  }

  private double ratio(double percentile) {
    return (double) tycostream.getValueAtPercentile(percentile)
        / notify.getValueAtPercentile(percentile);
  }

  private static void line(String name, Histogram histogram) {
    System.out.printf(
        "| %s | %.2f | %.2f | %.2f | %.2f | %.2f |%n",
        name,
        millis(histogram, 50),
        millis(histogram, 90),
        millis(histogram, 99),
        millis(histogram, 99.9),
        millis(histogram, 100));
  }

  private static double millis(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1e6;
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Configuration configuration(EmbeddedPostgres postgres) {
    return Configuration.onLoopback(
        0,
        Configuration.Database.onLoopback(
            "bench", postgres.port(), postgres.database(), postgres.user()),
        "ticks");
  }
}
