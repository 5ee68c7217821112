package io.tycostream.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a client's own thread, and how much of what came waits for its listeners.
 *
 * <p>Messages are bounded by their length: once {@code capacity} bytes came and were not
 * {@linkplain Load#release released}, whoever delivers the next one waits too. One message alone
 * may exceed the bound. Requests of the program go before all that came.
 */
final class Mailbox {

  private final long capacityBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition drained = lock.newCondition();
  private final ArrayDeque<Input.Request> requests = new ArrayDeque<>();
  private final ArrayDeque<Input> inputs = new ArrayDeque<>();
  private long waitingBytes;
  private boolean abandoned;

  Mailbox(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** The bytes of a message, which wait until everybody who has to do with it is done. */
  final class Load {
    private final int bytes;
    private final AtomicInteger holders = new AtomicInteger(1);

    Load(int bytes) {
      this.bytes = bytes;
    }

    /** One more has to do with it; said by one who has. */
    void hold() {
      holders.incrementAndGet();
    }

    /** One who had to do with it is done. */
    void release() {
      if (holders.decrementAndGet() == 0) {
        lock.lock();
        try {
          waitingBytes -= bytes;
          if (waitingBytes < capacityBytes) {
            drained.signalAll();
          }
        } finally {
          lock.unlock();
        }
      }
    }
  }

  /**
   * Never waits.
   *
   * @return whether somebody is going to take it
   */
  boolean put(Input input) {
    lock.lock();
    try {
      if (abandoned) {
        return false;
      }
      if (input instanceof Input.Request request) {
        requests.addLast(request);
      } else {
        inputs.addLast(input);
      }
      filled.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Puts a message that {@link #awaitRoom} has found room for. */
  void put(GatewaySocket from, byte[] message) {
    lock.lock();
    try {
      waitingBytes += message.length;
    } finally {
      lock.unlock();
    }
    put(new Input.Received(from, message, new Load(message.length)));
  }

  /**
   * Waits until another message may be put.
   *
   * @return whether it may
   */
  boolean awaitRoom(Duration patience) {
    long nanos = patience.toNanos();
    lock.lock();
    try {
      while (waitingBytes >= capacityBytes && !abandoned) {
        if (nanos <= 0) {
          return false;
        }
        nanos = drained.awaitNanos(nanos);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes came that listeners are not done with. */
  long waitingBytes() {
    lock.lock();
    try {
      return waitingBytes;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nobody takes anything any more: nobody waits for room either.
   *
   * @return what the program asked for and was not taken
   */
  List<Input.Request> abandon() {
    lock.lock();
    try {
      abandoned = true;
      List<Input.Request> left = List.copyOf(requests);
      requests.clear();
      inputs.clear();
      drained.signalAll();
      return left;
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
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    lock.lockInterruptibly();
    try {
      while (true) {
        Input next = next();
        if (next != null) {
          return Optional.of(next);
        }
        if (nanos <= 0) {
          return Optional.empty();
        }
        nanos = filled.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Input next() {
    Input request = requests.pollFirst();
    return request == null ? inputs.pollFirst() : request;
  }
}
