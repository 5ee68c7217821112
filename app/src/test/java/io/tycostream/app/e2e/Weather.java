package io.tycostream.app.e2e;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** How much has broken so far, and whether anything more is going to just now. */
final class Weather implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int faults;
  private boolean calm;

  /** Something broke. */
  void broke() {
    lock.lock();
    try {
      faults++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing breaks now, and nobody waits for it; or it goes on. */
  void calm(boolean now) {
    lock.lock();
    try {
      calm = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so much more has broken, or nothing is going to. */
  void awaitFaults(int more) {
    lock.lock();
    try {
      int until = faults + more;
      while (!calm && faults < until) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** It is calm from now on, so that nobody waits for ever. */
  @Override
  public void close() {
    calm(true);
  }
}
