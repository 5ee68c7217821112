package io.tycostream.archfixture.client.micrometer;

import io.micrometer.core.instrument.MeterRegistry;

/** A binding with the library that it is for. */
public record Bound(MeterRegistry registry) {}
