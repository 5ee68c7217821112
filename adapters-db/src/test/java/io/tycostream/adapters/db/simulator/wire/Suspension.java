package io.tycostream.adapters.db.simulator.wire;

import java.util.concurrent.SynchronousQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A statement that stops after every so many rows until it is asked for more: Execute with a number
 * of rows. It runs on a thread of its own, and only while the connection's thread waits for it.
 */
final class Suspension {

  /** What came of running on. */
  sealed interface Pause {

    /** As many rows as were asked for have been sent. */
    record Suspended() implements Pause {}

    record Completed(String tag) implements Pause {}

    record Failed(RuntimeException cause) implements Pause {}
  }

  private static final int ABANDON = -1;

  private final SynchronousQueue<Integer> asked = new SynchronousQueue<>();
  private final SynchronousQueue<Pause> pauses = new SynchronousQueue<>();
  private @Nullable Thread thread;
  private boolean over;
  private int left;

  /** Starts, or goes on, for so many rows; without a limit if it is 0. */
  Pause go(Supplier<String> statement, int rows) {
    try {
      if (thread == null) {
        left = rows;
        thread = Thread.ofVirtual().name("portal").start(() -> run(statement));
      } else {
        asked.put(rows);
      }
      Pause pause = pauses.take();
      over = !(pause instanceof Pause.Suspended);
      return pause;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGone();
    }
  }

  /** Ends a statement that is suspended, as if the client had gone. */
  void abandon() {
    if (thread != null && !over) {
      Pause unused = go(() -> "", ABANDON);
    }
  }

  /** Called in the statement's thread after each row. */
  void rowSent() {
    if (left == 0 || --left > 0) {
      return;
    }
    try {
      pauses.put(new Pause.Suspended());
      left = asked.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGone();
    }
    if (left == ABANDON) {
      throw new ClientGone();
    }
  }

  private void run(Supplier<String> statement) {
    Pause end;
    try {
      end = new Pause.Completed(statement.get());
    } catch (RuntimeException e) {
      end = new Pause.Failed(e);
    }
    try {
      pauses.put(end);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
