package io.tycostream.archfixture.domain.bad;

final class Guards {
  private int count;

  synchronized int count() {
    return count++;
  }
}
