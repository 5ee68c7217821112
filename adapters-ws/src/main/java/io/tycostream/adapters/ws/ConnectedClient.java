package io.tycostream.adapters.ws;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Who is connected, for people and dashboards.
 *
 * @param client the id that the client gave itself
 * @param peer host and port
 * @param buffered row changes that wait for it, over all its subscriptions
 */
public record ConnectedClient(
    String session,
    Optional<String> client,
    String peer,
    Instant since,
    long buffered,
    List<Following> subscriptions) {

  /**
   * One of its subscriptions.
   *
   * @param feed nothing while it waits
   * @param buffered row changes that wait for the client
   */
  public record Following(
      String ref, String source, OptionalInt feed, Optional<String> position, long buffered) {}

  static ConnectedClient of(Connection connection) {
    Optional<Exchange> exchange = connection.courier().map(Courier::exchange);
    List<Following> following = exchange.map(Exchange::figures).orElse(List.of());
    return new ConnectedClient(
        connection.session(),
        exchange.flatMap(Exchange::client),
        connection.peer(),
        connection.openedAt(),
        following.stream().mapToLong(Following::buffered).sum(),
        following);
  }
}
