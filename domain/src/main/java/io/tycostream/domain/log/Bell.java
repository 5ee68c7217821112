package io.tycostream.domain.log;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Wakes those who have read all there is when there is more.
 *
 * <p>Who wants to sleep first hangs its {@link Rope} on and then looks once more whether there is
 * something to read; who has something new first makes it readable and then rings. So one of the
 * two sees the other, and no wake-up is lost. Ringing costs as much as there are sleepers, and
 * readers that are busy are left alone.
 *
 * <p>Used by any thread, without locks.
 */
public final class Bell {

  private static final VarHandle ROPES;
  private static final VarHandle HANGS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ROPES = lookup.findVarHandle(Bell.class, "ropes", Rope.class);
      HANGS = lookup.findVarHandle(Rope.class, "hangs", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused") // through the handle
  private volatile @Nullable Rope ropes;

  /** One sleeper's hold on one bell. */
  public static final class Rope {
    /** Nothing once the owner is gone. */
    private volatile @Nullable Runnable wake;

    @SuppressWarnings("unused") // through the handle
    private volatile boolean hangs;

    private @Nullable Rope next;

    /**
     * @param wake must be quick and must not throw; may be called though there is nothing
     */
    public Rope(Runnable wake) {
      this.wake = wake;
    }

    /**
     * Its owner is not woken any more. The rope itself hangs until the next ring, which may be far
     * away; what it would have woken is not kept for so long.
     */
    public void letGo() {
      wake = null;
    }
  }

  /** From now on the next ring wakes the owner of the rope; once. */
  public void hangOn(Rope rope) {
    if (HANGS.compareAndSet(rope, false, true)) {
      Rope first;
      do {
        first = ropes;
        rope.next = first;
      } while (!ROPES.compareAndSet(this, first, rope));
    }
  }

  /** There is something new to read. */
  public void ring() {
    if (ropes == null) {
      return;
    }
    Rope rope = (Rope) ROPES.getAndSet(this, null);
    while (rope != null) {
      Rope next = rope.next;
      rope.hangs = false;
      Runnable wake = rope.wake;
      if (wake != null) {
        wake.run();
      }
      rope = next;
    }
  }
}
