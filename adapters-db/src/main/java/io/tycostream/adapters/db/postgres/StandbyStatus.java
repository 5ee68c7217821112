package io.tycostream.adapters.db.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.postgresql.copy.CopyDual;

/**
 * Tells the server how far we are, and asks it for a sign of life.
 *
 * <p>Mostly by the thread that reads the stream, which knows best. But that thread may be busy with
 * one transaction for longer than the server waits to hear of us; then {@link #tellMeanwhile} says
 * again what was said last. Any thread.
 */
final class StandbyStatus {

  private static final System.Logger LOG = System.getLogger(StandbyStatus.class.getName());

  private final PostgresSession session;
  private final CopyDual copy;
  private final Duration interval;

  // Guarded by this.
  private long received;
  private long complete;
  private long toldAt;

  /**
   * @param start what the stream begins behind
   */
  StandbyStatus(PostgresSession session, CopyDual copy, long start) {
    this.session = session;
    this.copy = copy;
    this.interval = session.settings().connection().heartbeatInterval();
    this.received = start;
    this.toldAt = System.nanoTime() - interval.toNanos();
  }

  /** Whether it is time to tell again. */
  synchronized boolean due() {
    return System.nanoTime() - toldAt >= interval.toNanos();
  }

  /**
   * @param received the end of what arrived
   * @param complete the end of what the server may forget; 0 for nothing
   */
  synchronized void tell(long received, long complete) throws SQLException {
    this.received = received;
    this.complete = complete;
    tell();
  }

  private synchronized void tell() throws SQLException {
    toldAt = System.nanoTime();
    byte[] status = ReplicationFrame.status(received, complete, Instant.now());
    copy.writeToCopy(status, 0, status.length);
    copy.flushCopy();
  }

  /**
   * Begins to tell again whenever nobody did for two intervals, until the session ends; returns at
   * once.
   */
  void tellMeanwhile() {
    Thread.ofVirtual()
        .name("status-" + session.where())
        .start(() -> {
          try {
            while (!session.awaitEnd(interval)) {
              if (overdue()) {
                tell();
              }
            }
          } catch (SQLException e) {
            // The reader meets the same error, and knows what it means.
            LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", session.where(), e.getMessage());
          }
        });
  }

  private synchronized boolean overdue() {
    return System.nanoTime() - toldAt >= 2 * interval.toNanos();
  }
}
