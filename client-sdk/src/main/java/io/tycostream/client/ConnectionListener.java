package io.tycostream.client;

/** Told of a client's connection, in order, by a thread that does nothing else. */
@FunctionalInterface
public interface ConnectionListener {

  /** The connection stands like this now. May block; what it throws is logged. */
  void onConnectionState(ConnectionState state);
}
