package io.tycostream.archfixture.app;

import io.helidon.config.Config;

final class Configures {
  record Server(Config config) {}

  record Client(Config config) {}
}
