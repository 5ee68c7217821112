package io.tycostream.adapters.ws;

import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.WritableHeaders;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is looked at before a request becomes a WebSocket: the subprotocol and the origin. */
final class Upgrade {

  static final String SUBPROTOCOL = "tycostream.v1.json";

  private static final HeaderName PROTOCOL = HeaderNames.create("Sec-WebSocket-Protocol");

  private Upgrade() {}

  /**
   * The headers of the answer.
   *
   * @param allowedOrigins besides the gateway's own
   * @throws RequestException 400 when the client speaks only other subprotocols, 403 when a
   *     browser's page of somebody else asks
   */
  static Optional<Headers> check(Headers headers, Set<String> allowedOrigins) {
    Optional<String> origin = headers.first(HeaderNames.ORIGIN);
    if (origin.isPresent() && !isAllowed(origin.get(), headers, allowedOrigins)) {
      throw refused(
          EventType.FORBIDDEN,
          "origin " + origin.get() + " is not allowed: see server.allowed-origins");
    }
    List<String> offered = headers.values(PROTOCOL);
    if (offered.isEmpty()) {
      return Optional.empty();
    }
    if (offered.stream().map(String::trim).noneMatch(SUBPROTOCOL::equals)) {
      throw refused(EventType.BAD_REQUEST, "the only subprotocol spoken here is " + SUBPROTOCOL);
    }
    WritableHeaders<?> answer = WritableHeaders.create();
    answer.set(PROTOCOL, SUBPROTOCOL);
    return Optional.of(answer);
  }

  /**
   * The only exception that Helidon answers as it says: of a {@code WsUpgradeException} it makes a
   * 404, of an {@code HttpException} a 500.
   */
  private static RequestException refused(EventType type, String message) {
    return RequestException.builder().type(type).message(message).build();
  }

  private static boolean isAllowed(String origin, Headers headers, Set<String> allowed) {
    Optional<String> host = headers.first(HeaderNames.HOST);
    return allowed.contains(origin)
        || authority(origin).filter(page -> page.equalsIgnoreCase(host.orElse(""))).isPresent();
  }

  private static Optional<String> authority(String origin) {
    try {
      return Optional.ofNullable(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // "null", and whatever else is no origin of anybody
    }
  }
}
