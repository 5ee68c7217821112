package io.tycostream.archfixture.domain.bad;

final class Runs {
  int processors() {
    return Runtime.getRuntime().availableProcessors();
  }
}
