package io.tycostream.domain.session;

/** An effect, and the connection that it is about. */
public record SessionOrder(long connection, SessionEffect effect) {}
