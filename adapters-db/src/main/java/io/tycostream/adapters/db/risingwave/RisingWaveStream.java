package io.tycostream.adapters.db.risingwave;

import io.tycostream.adapters.db.risingwave.LogReader.Fetched;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.StreamException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A running stream: a virtual thread waits in FETCH, and puts down what it brought. When the driver
 * does not take it the thread waits, and the log with it.
 */
final class RisingWaveStream implements ChangeStream {

  private static final int WAITING = 2;
  private static final long POLL_MILLIS = 5;

  /** What the thread puts down. */
  private sealed interface Heard {

    record Answer(Fetched fetched) implements Heard {}

    /** The last. */
    record Broken(StreamException failure) implements Heard {}

    /** The last, too: a mistake of ours. */
    record Mistaken(RuntimeException mistake) implements Heard {}
  }

  private final RisingWaveSession session;
  private final String source;
  private final Told told;
  private final BlockingQueue<Heard> heard = new ArrayBlockingQueue<>(WAITING);
  private final Thread thread;
  private boolean started;
  private boolean caughtUp;

  /** Whether the last poll brought that the cluster commits nothing. */
  private boolean heldUp;

  /**
   * @param caughtUp whether nothing but {@code told} is from before it was opened
   */
  RisingWaveStream(
      RisingWaveSession session, String source, Told told, boolean caughtUp, LogReader reader) {
    this.session = session;
    this.source = source;
    this.told = told;
    this.caughtUp = caughtUp;
    this.thread = Thread.ofVirtual().name("fetch-" + source).unstarted(() -> fetch(reader));
  }

  private void fetch(LogReader reader) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Heard next;
        try {
          next = new Heard.Answer(reader.next());
        } catch (StreamException e) {
          next = new Heard.Broken(e);
        } catch (RuntimeException e) {
          next = new Heard.Mistaken(e);
        }
        heard.put(next);
        if (!(next instanceof Heard.Answer)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Whether all that was there when it was opened has been told. */
  @Override
  public boolean stands() {
    return told.isOver() && caughtUp;
  }

  /**
   * Only with an answer, which proves that the stream itself lives: one that is silent is not held
   * up.
   */
  @Override
  public boolean isHeldUp() {
    return heldUp;
  }

  @Override
  public boolean poll(ChangeSink sink) throws StreamException {
    heldUp = false;
    if (!started) {
      started = true;
      thread.start();
    }
    if (!told.isOver()) {
      told.tell(source, sink);
      return true;
    }
    Heard next;
    try {
      next = heard.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    if (next == null) {
      return false;
    }
    switch (next) {
      case Heard.Answer(Fetched fetched) -> {
        for (LoggedRow row : fetched.rows()) {
          sink.row(source, row.time(), row.event());
        }
        if (fetched.closedBefore().isPresent()) {
          sink.closed(fetched.closedBefore().getAsLong());
        }
        caughtUp |= fetched.caughtUp();
        heldUp = fetched.heldUp();
      }
      case Heard.Broken(StreamException failure) -> throw failure;
      case Heard.Mistaken(RuntimeException mistake) -> throw mistake;
    }
    return true;
  }

  @Override
  public void close() {
    thread.interrupt();
    session.abort();
  }
}
