package io.tycostream.app.http;

import io.helidon.common.uri.UriQuery;
import io.helidon.http.BadRequestException;
import io.tycostream.adapters.ws.ConnectedClient;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which of the clients are asked for: those for which most waits come first.
 *
 * @param limit how many of them
 * @param search a part of what a client, its session, its principal, its address or one of its
 *     sources is called, whatever the case; empty for all clients
 */
record ClientQuery(long limit, String search) {

  private static final Comparator<ConnectedClient> WORST_FIRST =
      Comparator.comparingLong(ConnectedClient::buffered)
          .thenComparingLong(ConnectedClient::dropped)
          .reversed()
          .thenComparing(client -> client.session().orElse(""));

  /**
   * As it stands in the address: {@code ?limit=100&search=desk}.
   *
   * @throws BadRequestException when the limit is no whole number from 1 on
   */
  static ClientQuery of(UriQuery query) {
    return new ClientQuery(
        query.first("limit").asOptional().map(ClientQuery::limit).orElse(Long.MAX_VALUE),
        query.first("search").asOptional().orElse("").toLowerCase(Locale.ROOT));
  }

  private static long limit(String text) {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new BadRequestException("limit is a whole number from 1 on");
    }
    return Long.parseLong(text);
  }

  List<ConnectedClient> of(List<ConnectedClient> all) {
    return all.stream().filter(this::isMeant).sorted(WORST_FIRST).limit(limit).toList();
  }

  private boolean isMeant(ConnectedClient client) {
    return search.isEmpty()
        || Stream.concat(
                Stream.of(
                        client.client(),
                        client.session(),
                        client.principal(),
                        Optional.of(client.peer()))
                    .flatMap(Optional::stream),
                client.subscriptions().stream().map(ConnectedClient.Following::source))
            .anyMatch(name -> name.toLowerCase(Locale.ROOT).contains(search));
  }
}
