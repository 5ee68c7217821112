package io.tycostream.archfixture.app;

import io.tycostream.archfixture.client.micrometer.Bound;

record Measures(Bound bound) {}
