package io.tycostream.archfixture.domain.bad;

final class Enters {
  private final Object guard = new Object();
  private int count;

  int count() {
    synchronized (guard) {
      return count++;
    }
  }
}
