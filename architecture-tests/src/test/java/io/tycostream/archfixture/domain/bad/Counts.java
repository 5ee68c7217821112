package io.tycostream.archfixture.domain.bad;

final class Counts {
  long elapsed(long since) {
    return System.nanoTime() - since;
  }
}
