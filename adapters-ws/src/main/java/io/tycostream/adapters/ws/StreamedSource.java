package io.tycostream.adapters.ws;

import io.tycostream.domain.source.Source;

/**
 * A source that clients can subscribe to.
 *
 * @param bell is rung by the source whenever there is something new
 */
public record StreamedSource(Source source, Bell bell) {}
