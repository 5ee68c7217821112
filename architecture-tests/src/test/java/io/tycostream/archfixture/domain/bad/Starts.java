package io.tycostream.archfixture.domain.bad;

final class Starts {
  Thread start(Runnable task) {
    return Thread.startVirtualThread(task);
  }
}
