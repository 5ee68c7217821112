package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A running replication stream, read through the driver's copy mode: its own replication stream
 * hides the server's keepalives, which are what proves that this connection lives.
 */
final class PostgresStream implements ChangeStream {

  /** A poll comes back after so many messages, so that its caller can do other things too. */
  private static final int MESSAGES_PER_POLL = 4096;

  /** How many messages may pass before the clock is looked at. */
  private static final int MESSAGES_PER_CLOCK = 256;

  /** The driver waits for 1 ms for a message; one that comes back sooner saw the connection end. */
  private static final long SHORTEST_WAIT_NANOS = 300_000;

  private static final int SHORT_WAITS = 5;

  /**
   * Where a stream leads.
   *
   * @param start what it begins behind
   * @param present the end of the server's log when it was opened
   */
  record Course(long start, long present) {}

  private final PostgresSession session;
  private final ReplicationCopy copy;
  private final TransactionReader reader;
  private final Watch watch;
  private final SideReading aside;
  private final MissingSegments missing;
  private Optional<byte[]> first;
  private final Course course;
  private long received;
  private final Standstill standstill = new Standstill();
  private int shortWaits;

  /** Whether everything that was present is complete. */
  private boolean stands;

  private long heardAt = System.nanoTime();

  /**
   * @param first a frame that was read already
   */
  PostgresStream(
      PostgresSession session,
      ReplicationCopy copy,
      Optional<byte[]> first,
      TransactionReader reader,
      Watch watch,
      SideReading aside,
      MissingSegments missing,
      Course course) {
    this.session = session;
    this.copy = copy;
    this.first = first;
    this.reader = reader;
    this.watch = watch;
    this.aside = aside;
    this.missing = missing;
    this.course = course;
    this.received = course.start();
    this.stands = isPresent(course.start());
    this.copy.tellMeanwhile();
    watch.start();
  }

  @Override
  public boolean poll(ChangeSink sink) throws StreamException {
    watch.requireSound(complete(sink));
    standstill.begin(watch.flushed());
    try {
      int messages = 0;
      while (messages < MESSAGES_PER_POLL) {
        if (messages % MESSAGES_PER_CLOCK == 0 && copy.due()) {
          report(sink);
        }
        long before = System.nanoTime();
        byte @Nullable [] frame = next();
        if (frame == null) {
          noticeEnd(System.nanoTime() - before, sink);
          break;
        }
        shortWaits = 0;
        messages++;
        read(ReplicationFrame.decode(frame), sink);
      }
      stands |= isPresent(complete(sink));
      aside.poll(sink);
      requireLife(messages > 0);
      return messages > 0;
    } catch (SQLException e) {
      throw missing.judge(session.failure("the replication stream", e));
    }
  }

  @Override
  public boolean stands() {
    return stands;
  }

  @Override
  public boolean isHeldUp() {
    return standstill.isSeen();
  }

  private boolean isPresent(long complete) {
    return Long.compareUnsigned(complete, course.present()) >= 0;
  }

  /** A live stream is watched by the machine, which gives one that catches up more time. */
  private void requireLife(boolean heard) throws StreamException {
    long now = System.nanoTime();
    heardAt = heard ? now : heardAt;
    Duration silence = session.settings().connection().silenceLimit();
    if (!stands && now - heardAt > silence.toNanos()) {
      throw session.failure(
          FailureKind.NETWORK,
          "nothing was heard from the stream for " + silence.toMillis() + " ms");
    }
  }

  private byte @Nullable [] next() throws SQLException {
    if (first.isPresent()) {
      byte[] frame = first.get();
      first = Optional.empty();
      return frame;
    }
    return copy.read();
  }

  private void read(ReplicationFrame frame, ChangeSink sink) throws StreamException, SQLException {
    standstill.heard(frame);
    switch (frame) {
      case ReplicationFrame.Data data -> {
        missing.passed();
        advance(data.serverEnd());
        reader.read(PgOutputDecoder.decode(data.message()), sink);
      }
      case ReplicationFrame.Keepalive keepalive -> {
        advance(keepalive.serverEnd());
        if (!reader.inTransaction()) {
          sink.progress(keepalive.serverEnd());
        }
        if (keepalive.replyRequested()) {
          // A server that shuts down asks until everything is confirmed, and would wait for what
          // we keep it from forgetting; where nothing is confirmed, what has arrived counts.
          copy.tell(received, ReplicationFrame.NOTHING_CONFIRMED);
        }
      }
    }
  }

  private void advance(long serverEnd) {
    if (Long.compareUnsigned(serverEnd, received) > 0) {
      received = serverEnd;
    }
  }

  private void report(ChangeSink sink) throws SQLException {
    copy.tell(received, needed(sink));
  }

  /** What the server may forget: not more than half of what it may keep is kept for a history. */
  private long needed(ChangeSink sink) {
    long needed = sink.needed().map(Checkpoint::time).orElse(0L);
    long most = session.settings().maxSlotWal().orElse(Long.MAX_VALUE) / 2;
    long complete = complete(sink);
    return complete - needed > most ? complete - most : needed;
  }

  private static long complete(ChangeSink sink) {
    return sink.complete().map(Checkpoint::time).orElse(0L);
  }

  /**
   * The driver takes the end of a connection for silence, but does not wait then. Writing into such
   * a connection brings the error to light, long before the heartbeat would.
   */
  private void noticeEnd(long waitedNanos, ChangeSink sink) throws StreamException, SQLException {
    if (!copy.isActive()) {
      throw session.failure(FailureKind.NETWORK, "the server ended the replication stream");
    }
    shortWaits = waitedNanos < SHORTEST_WAIT_NANOS ? shortWaits + 1 : 0;
    if (shortWaits == SHORT_WAITS) {
      report(sink);
    }
  }

  @Override
  public void readAgain(Set<String> sources) {
    aside.ask(sources);
  }

  @Override
  public void close() {
    aside.close();
    session.abort();
  }
}
