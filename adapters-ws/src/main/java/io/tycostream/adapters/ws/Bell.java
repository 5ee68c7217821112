package io.tycostream.adapters.ws;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Wakes those who have read all there is of a source when there is more.
 *
 * <p>Who wants to sleep first hangs its {@link Rope} on and then looks once more whether there is
 * something to read; who has something new first makes it readable and then rings. So one of the
 * two sees the other, and no wake-up is lost. Ringing costs as much as there are sleepers, and
 * readers that are busy are left alone.
 */
public final class Bell {

  private final AtomicReference<@Nullable Rope> ropes = new AtomicReference<>();

  /** One sleeper's hold on one bell. */
  static final class Rope {
    private final Runnable wake;
    private final AtomicBoolean hangs = new AtomicBoolean();
    private @Nullable Rope next;

    /**
     * @param wake must be quick; may be called though there is nothing
     */
    Rope(Runnable wake) {
      this.wake = wake;
    }
  }

  /** From now on the next ring wakes the owner of the rope; once. */
  void hangOn(Rope rope) {
    if (rope.hangs.compareAndSet(false, true)) {
      Rope first;
      do {
        first = ropes.get();
        rope.next = first;
      } while (!ropes.compareAndSet(first, rope));
    }
  }

  /** There is something new to read. Any thread. */
  public void ring() {
    if (ropes.get() == null) {
      return;
    }
    Rope rope = ropes.getAndSet(null);
    while (rope != null) {
      Rope next = rope.next;
      rope.hangs.set(false);
      rope.wake.run();
      rope = next;
    }
  }
}
