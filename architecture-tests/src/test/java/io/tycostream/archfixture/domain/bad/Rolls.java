package io.tycostream.archfixture.domain.bad;

import java.util.Random;

final class Rolls {
  int roll(Random random) {
    return random.nextInt();
  }
}
