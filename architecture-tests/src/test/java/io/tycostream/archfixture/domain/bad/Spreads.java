package io.tycostream.archfixture.domain.bad;

import java.util.List;

final class Spreads {
  long count(List<String> words) {
    return words.parallelStream().count();
  }
}
