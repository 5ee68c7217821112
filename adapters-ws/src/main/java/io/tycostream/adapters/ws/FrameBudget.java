package io.tycostream.adapters.ws;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the encoded frames that are kept for others may take on this node. What does not
 * fit is encoded again for each reader. Used by any thread.
 */
final class FrameBudget {

  /** 256 MiB: a snapshot of a million rows, or two, and the batches of all feeds. */
  static final long DEFAULT_BYTES = 256L << 20;

  private static final Cleaner CLEANER = Cleaner.create();

  private final AtomicLong left;

  FrameBudget(long bytes) {
    this.left = new AtomicLong(bytes);
  }

  /** What one owner of frames takes; given back when the owner is garbage. */
  Account account(Object owner) {
    Account account = new Account(left);
    CLEANER.register(owner, account::close);
    return account;
  }

  /** Bytes that are not taken. */
  long left() {
    return left.get();
  }

  /** One owner's share. It does not know the owner, or the owner would never be garbage. */
  static final class Account {
    private final AtomicLong left;
    private final AtomicLong held = new AtomicLong();

    private Account(AtomicLong left) {
      this.left = left;
    }

    /** Takes so much, or nothing when there is not so much left. */
    boolean take(long bytes) {
      if (left.addAndGet(-bytes) < 0) {
        left.addAndGet(bytes);
        return false;
      }
      held.addAndGet(bytes);
      return true;
    }

    void give(long bytes) {
      held.addAndGet(-bytes);
      left.addAndGet(bytes);
    }

    private void close() {
      left.addAndGet(held.getAndSet(0));
    }
  }
}
