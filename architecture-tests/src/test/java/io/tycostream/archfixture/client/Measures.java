package io.tycostream.archfixture.client;

import io.micrometer.core.instrument.MeterRegistry;

record Measures(MeterRegistry registry) {}
