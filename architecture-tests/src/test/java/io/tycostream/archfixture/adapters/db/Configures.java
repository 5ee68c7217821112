package io.tycostream.archfixture.adapters.db;

import io.helidon.config.Config;

record Configures(Config config) {}
