package io.tycostream.adapters.db.postgres;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyDual;
import org.postgresql.util.PSQLException;

/**
 * What goes in both directions of a replication stream: frames from the server, and to it how far
 * we are, with the question for a sign of life.
 *
 * <p>It is told mostly by the thread that reads, which knows best. But that thread may be busy with
 * one transaction for longer than the server waits to hear of us; then {@link #tellMeanwhile} says
 * again what was said last. The driver's object is not made for two threads (one that writes also
 * takes in what has come), so only one at a time gets at it here.
 */
final class ReplicationCopy {

  private final PostgresSession session;
  private final CopyDual copy;
  private final Duration interval;

  // Guarded by this.
  private long received;
  private long complete;
  private long toldAt;

  /** What the other thread met; the reader is told instead. */
  private @Nullable SQLException broken;

  /**
   * @param start what the stream begins behind
   */
  ReplicationCopy(PostgresSession session, CopyDual copy, long start) {
    this.session = session;
    this.copy = copy;
    this.interval = session.settings().connection().heartbeatInterval();
    this.received = start;
    this.toldAt = System.nanoTime() - interval.toNanos();
  }

  /** The next frame, or nothing when none comes within a millisecond, or ever. */
  synchronized byte @Nullable [] read() throws SQLException {
    SQLException known = broken;
    if (known != null) {
      throw known;
    }
    try {
      return copy.readFromCopy(false);
    } catch (PSQLException e) {
      if (!copy.isActive() && e.getServerErrorMessage() == null && e.getCause() == null) {
        return null; // the driver says no more than that it has ended
      }
      throw e;
    }
  }

  /** Whether neither side has ended it. */
  synchronized boolean isActive() {
    return copy.isActive();
  }

  /** Whether it is time to tell again. */
  synchronized boolean due() {
    return System.nanoTime() - toldAt >= interval.toNanos();
  }

  /**
   * Tells how far we are.
   *
   * @param received the end of what arrived
   * @param complete the end of what the server may forget; 0 for nothing
   */
  synchronized void tell(long received, long complete) throws SQLException {
    this.received = received;
    this.complete = complete;
    tell();
  }

  private void tell() throws SQLException {
    toldAt = System.nanoTime();
    if (!copy.isActive()) {
      return; // the reader comes to the end by itself
    }
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
          while (!session.awaitEnd(interval) && tellIfOverdue()) {}
        });
  }

  private synchronized boolean tellIfOverdue() {
    if (System.nanoTime() - toldAt >= 2 * interval.toNanos()) {
      try {
        tell();
      } catch (SQLException e) {
        broken = e;
        return false;
      }
    }
    return true;
  }
}
