package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.session.SessionSettings;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * A gateway to which anything is sent. A witness is connected all the time: whatever the others do,
 * it is served, nothing is left of them, and the gateway has nothing to complain about.
 */
final class FuzzedGateway implements AutoCloseable {

  /** Sessions are forgotten soon, so that it can be seen that they are. */
  private static final Duration TTL = Duration.ofMillis(100);

  private static final int THREADS_TOLERATED = 4;

  private final HandFed things = new HandFed("things").load(5);
  private final HandFed empty = new HandFed("empty");
  private final HandFed witnessed = new HandFed("witnessed").load(3);
  private final Complaints complaints = new Complaints();
  private final FollowedTable rows = new FollowedTable();
  private final TestGateway gateway;
  private final RawClient witness;
  private final int threads;
  private int checks;

  FuzzedGateway() {
    Logger.getLogger("").addHandler(complaints);
    SessionSettings times =
        new SessionSettings(
            Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(2), TTL);
    gateway =
        new TestGateway(new TestGateway.Changed().times(times).limits(), things, empty, witnessed);
    witness = gateway.following("witnessed");
    rows.follow(witness, witnessed.position());
    threads = ManagementFactory.getThreadMXBean().getThreadCount();
  }

  int port() {
    return gateway.port();
  }

  /** The source that others may follow; it has rows. There is {@code empty}, too, that has none. */
  HandFed things() {
    return things;
  }

  /** A client that is a WebSocket already. */
  RawClient client() {
    return gateway.client();
  }

  /** Nobody else is there any more, and the witness is served as ever. */
  void check() {
    long connections = connections();
    TestGateway.await(
        "nothing is left but the witness: " + gateway.gateway().clients(),
        () -> gateway.gateway().clients().size() == 1);
    TestGateway.await(
        "all couriers but the witness's have ended",
        () -> gateway.endings().size() == connections - 1);
    TestGateway.await(
        "threads are gone: " + threads,
        () -> ManagementFactory.getThreadMXBean().getThreadCount() <= threads + THREADS_TOLERATED);
    assertEquals(1, gateway.gateway().connected());
    assertEquals(0, gateway.gateway().detached());
    assertEquals(0, gateway.gateway().waiting());
    witnessed.put(++checks % 10, "check " + checks);
    rows.follow(witness, witnessed.position());
    assertEquals(witnessed.rows(), rows.rows());
    String nonce = "check " + checks;
    witness.send("{\"type\":\"ping\",\"nonce\":\"" + nonce + "\"}");
    assertEquals(nonce, witness.await("pong").get("nonce").textValue());
    assertEquals(List.of(), complaints.all());
  }

  /** How many there have been: whoever sent torn bytes may not know whether it was let in. */
  private long connections() {
    RawClient last = gateway.greeted();
    long number =
        gateway.gateway().reception().connections().stream()
            .mapToLong(Connection::number)
            .max()
            .orElseThrow();
    last.close();
    return number;
  }

  @Override
  public void close() {
    witness.close();
    gateway.close();
    Logger.getLogger("").removeHandler(complaints);
  }

  /** What the gateway or its web server logged that somebody should look at. */
  private static final class Complaints extends Handler {
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();

    List<String> all() {
      return new ArrayList<>(heard);
    }

    @Override
    public void publish(LogRecord record) {
      String from = record.getLoggerName();
      boolean ours = from.startsWith("io.tycostream.") || from.startsWith("io.helidon.");
      // Of bytes that are no HTTP, Helidon takes some for a fault of its own, and answers 500.
      boolean noHttp = from.equals("io.helidon.webserver.http1.Http1Connection");
      if (ours && !noHttp && record.getLevel().intValue() >= Level.WARNING.intValue()) {
        heard.add(from + ": " + record.getMessage() + ": " + record.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
