package io.tycostream.archfixture.domain.bad;

import java.util.concurrent.locks.ReentrantLock;

final class Locks {
  private final ReentrantLock lock = new ReentrantLock();

  boolean locked() {
    return lock.isLocked();
  }
}
