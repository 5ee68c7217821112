package io.tycostream.adapters.ws;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.websocket.WsUpgradeException;
import java.net.URI;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** What is looked at before a request becomes a WebSocket: the subprotocol and the origin. */
final class Upgrade {

  static final String SUBPROTOCOL = "tycostream.v1.json";

  private Upgrade() {}

  /**
   * The headers of the answer.
   *
   * @param allowedOrigins besides the gateway's own
   * @throws WsUpgradeException when the client speaks only other subprotocols; answered by 400
   * @throws HttpException 403 when a browser's page of somebody else asks
   */
  static Optional<Headers> check(Headers headers, Set<String> allowedOrigins)
      throws WsUpgradeException {
    Optional<String> origin = headers.first(HeaderNames.ORIGIN);
    if (origin.isPresent() && !isAllowed(origin.get(), headers, allowedOrigins)) {
      throw new HttpException(
          "origin " + origin.get() + " is not allowed: see server.allowed-origins",
          Status.FORBIDDEN_403,
          false);
    }
    Optional<String> offered = headers.first(HeaderNames.create("Sec-WebSocket-Protocol"));
    if (offered.isEmpty()) {
      return Optional.empty();
    }
    if (Arrays.stream(offered.get().split(",")).map(String::trim).noneMatch(SUBPROTOCOL::equals)) {
      throw new WsUpgradeException("the only subprotocol spoken here is " + SUBPROTOCOL);
    }
    WritableHeaders<?> answer = WritableHeaders.create();
    answer.set(HeaderNames.create("Sec-WebSocket-Protocol"), SUBPROTOCOL);
    return Optional.of(answer);
  }

  private static boolean isAllowed(String origin, Headers headers, Set<String> allowed) {
    return allowed.contains(origin)
        || headers
            .first(HeaderNames.HOST)
            .filter(host -> host.equalsIgnoreCase(authority(origin)))
            .isPresent();
  }

  private static String authority(String origin) {
    try {
      String authority = URI.create(origin).getRawAuthority();
      return authority == null ? "" : authority;
    } catch (IllegalArgumentException e) {
      return ""; // "null", and whatever else is no origin of anybody
    }
  }
}
