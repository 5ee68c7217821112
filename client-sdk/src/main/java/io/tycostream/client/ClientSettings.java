package io.tycostream.client;

import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.replica.ReplicaSettings;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What a client is built with.
 *
 * @param endpoints tried in turn; at least one
 * @param token the first, where no provider is asked for it
 * @param trust for {@code wss}; nothing for what the JVM trusts
 * @param positions where durable subscriptions have their place
 * @param buffer of the connection, over all subscriptions; nothing for the gateway's own
 * @param mailboxBytes how much text may wait before the socket is not read any more
 */
record ClientSettings(
    List<URI> endpoints,
    Optional<String> clientId,
    Optional<String> token,
    Optional<TokenProvider> tokens,
    ReplicaSettings connection,
    Optional<SSLContext> trust,
    ConnectionListener listener,
    Optional<PositionStore> positions,
    Optional<BufferRequest> buffer,
    long mailboxBytes) {

  ClientSettings {
    endpoints = List.copyOf(endpoints);
  }
}
