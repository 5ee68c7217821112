package io.tycostream.client;

import io.tycostream.domain.replica.Receipt;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the gateway what of a subscription is processed, some times a second while there is much,
 * and the last of it in any case.
 */
final class Acks {

  /** An operator who looks at how far a program is does not need to know it more often. */
  private static final long BETWEEN_NANOS = Duration.ofMillis(250).toNanos();

  private final Consumer<Receipt> send;
  private final ReentrantLock lock = new ReentrantLock();
  private long sentAt = System.nanoTime() - BETWEEN_NANOS;
  private @Nullable Receipt waiting;

  /**
   * @param send may not block
   */
  Acks(Consumer<Receipt> send) {
    this.send = send;
  }

  /** This is processed, and everything before. */
  void processed(Receipt receipt) {
    lock.lock();
    try {
      long early = sentAt + BETWEEN_NANOS - System.nanoTime();
      if (early <= 0) {
        waiting = null;
        send(receipt);
        return;
      }
      boolean first = waiting == null;
      waiting = receipt;
      if (first) {
        Thread.ofVirtual().name("tycostream-ack").start(() -> sendLater(early));
      }
    } finally {
      lock.unlock();
    }
  }

  private void sendLater(long nanos) {
    LockSupport.parkNanos(nanos); // a little too early does no harm
    lock.lock();
    try {
      Receipt last = waiting;
      waiting = null;
      if (last != null) {
        send(last);
      }
    } finally {
      lock.unlock();
    }
  }

  private void send(Receipt receipt) {
    sentAt = System.nanoTime();
    send.accept(receipt);
  }
}
