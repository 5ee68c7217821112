package io.tycostream.archfixture.domain.bad;

import java.util.UUID;

final class Names {
  UUID name() {
    return UUID.randomUUID();
  }
}
