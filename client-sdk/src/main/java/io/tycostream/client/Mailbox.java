package io.tycostream.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for a client's own thread.
 *
 * <p>Messages are bounded by their length: once {@code capacity} chars wait, whoever delivers the
 * next one is told to go on only when half of them are taken. A message that was delivered is never
 * refused, so that at most one message exceeds the bound.
 */
final class Mailbox {

  private final long capacityChars;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final ArrayDeque<Input> inputs = new ArrayDeque<>();
  private long waitingChars;
  private Optional<Runnable> goOn = Optional.empty();

  Mailbox(long capacityChars) {
    this.capacityChars = capacityChars;
  }

  void put(Input input) {
    lock.lock();
    try {
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

  /**
   * Puts a message.
   *
   * @param more asks for the next one; run here, or by a later {@link #poll}
   */
  void put(Input.Received message, Runnable more) {
    lock.lock();
    try {
      inputs.addLast(message);
      filled.signal();
      waitingChars += message.text().length();
      if (waitingChars >= capacityChars) {
        goOn = Optional.of(more);
        return;
      }
    } finally {
      lock.unlock();
    }
    more.run();
  }

  /**
   * Takes the next input, waiting for one.
   *
   * @return nothing when none came in time
   */
  Optional<Input> poll(Duration timeout) throws InterruptedException {
    long nanos = Math.max(0, timeout.toNanos());
    Input input;
    Optional<Runnable> due = Optional.empty();
    lock.lockInterruptibly();
    try {
      while (inputs.isEmpty()) {
        if (nanos <= 0) {
          return Optional.empty();
        }
        nanos = filled.awaitNanos(nanos);
      }
      input = inputs.removeFirst();
      if (input instanceof Input.Received message) {
        waitingChars -= message.text().length();
        if (waitingChars <= capacityChars / 2) {
          due = goOn;
          goOn = Optional.empty();
        }
      }
    } finally {
      lock.unlock();
    }
    due.ifPresent(Runnable::run);
    return Optional.of(input);
  }

  /** How many chars of messages wait. */
  long waitingChars() {
    lock.lock();
    try {
      return waitingChars;
    } finally {
      lock.unlock();
    }
  }
}
