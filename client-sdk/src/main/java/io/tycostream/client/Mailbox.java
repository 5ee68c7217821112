package io.tycostream.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for a client's own thread.
 *
 * <p>Messages are bounded by their length: once {@code capacity} bytes wait, whoever delivers the
 * next one waits too. One message alone may exceed the bound.
 */
final class Mailbox {

  private final long capacityBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition drained = lock.newCondition();
  private final ArrayDeque<Input> inputs = new ArrayDeque<>();
  private long waitingBytes;
  private boolean abandoned;

  Mailbox(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  void put(Input input) {
    lock.lock();
    try {
      if (abandoned) {
        return;
      }
      inputs.addLast(input);
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Puts a request before everything that waits. */
  void putFirst(Input.Request request) {
    lock.lock();
    try {
      inputs.addFirst(request);
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Puts a message, waiting until there is room for it. */
  void putWhenRoom(Input.Received message) {
    lock.lock();
    try {
      while (waitingBytes >= capacityBytes && !abandoned) {
        drained.awaitUninterruptibly();
      }
      if (abandoned) {
        return;
      }
      inputs.addLast(message);
      waitingBytes += message.text().length;
      filled.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody takes anything any more: nobody waits for room either. */
  void abandon() {
    lock.lock();
    try {
      abandoned = true;
      inputs.clear();
      drained.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the next input, waiting for one.
   *
   * @return nothing when none came in time
   */
  Optional<Input> poll(Duration timeout) throws InterruptedException {
    long nanos = Math.max(0, timeout.toNanos());
    lock.lockInterruptibly();
    try {
      while (inputs.isEmpty()) {
        if (nanos <= 0) {
          return Optional.empty();
        }
        nanos = filled.awaitNanos(nanos);
      }
      Input input = inputs.removeFirst();
      if (input instanceof Input.Received message) {
        waitingBytes -= message.text().length;
        if (waitingBytes < capacityBytes) {
          drained.signalAll();
        }
      }
      return Optional.of(input);
    } finally {
      lock.unlock();
    }
  }
}
