package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a request becomes a WebSocket (RFC 6455, 4.2), and what is looked at before it does. */
final class Upgrade implements Http1Upgrader {

  static final String SUBPROTOCOL = "tycostream.v1.json";

  private static final String WEBSOCKET = "websocket";
  private static final String VERSION_SPOKEN = "13";
  private static final int KEY_BYTES = 16;
  private static final int KEY_LENGTH = 24;

  /** Fixed by RFC 6455, 1.3. */
  private static final String ACCEPTANCE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private static final HeaderName KEY = HeaderNames.create("Sec-WebSocket-Key");
  private static final HeaderName VERSION = HeaderNames.create("Sec-WebSocket-Version");
  private static final HeaderName PROTOCOL = HeaderNames.create("Sec-WebSocket-Protocol");

  private final Gateway gateway;

  Upgrade(Gateway gateway) {
    this.gateway = gateway;
  }

  /** For Helidon, which compares letter by letter what may be written in any case. */
  Map<String, Http1Upgrader> spellings() {
    return Map.of(WEBSOCKET, this, "WebSocket", this, "WEBSOCKET", this);
  }

  @Override
  public String supportedProtocol() {
    return WEBSOCKET;
  }

  /** Nothing for a path where there is no endpoint: it is answered as any request. */
  @Override
  public @Nullable ServerConnection upgrade(
      ConnectionContext context, HttpPrologue prologue, WritableHeaders<?> headers) {
    if (!prologue.uriPath().path().equals(Gateway.PATH)) {
      return null;
    }
    String answer = answer(prologue.method(), headers, gateway.origins());
    context.dataWriter().write(BufferData.create(answer.getBytes(StandardCharsets.US_ASCII)));
    return new Connection(gateway, context, BearerToken.of(headers));
  }

  /**
   * The head of the answer.
   *
   * @param allowedOrigins besides the gateway's own
   * @throws RequestException 400 when it is no handshake or the client speaks only other
   *     subprotocols, 403 when a browser's page of somebody else asks, 426 when it is for another
   *     version
   */
  static String answer(Method method, Headers headers, Set<String> allowedOrigins) {
    List<String> origins = headers.all(HeaderNames.ORIGIN, List::of);
    if (!origins.stream().allMatch(origin -> isAllowed(origin, headers, allowedOrigins))) {
      throw refused(
          EventType.FORBIDDEN,
          "origin " + String.join(", ", origins) + " is not allowed: see server.allowed-origins");
    }
    if (!method.equals(Method.GET)) {
      throw refused(EventType.BAD_REQUEST, "a WebSocket begins with GET");
    }
    if (headers.values(HeaderNames.CONNECTION).stream()
        .noneMatch(option -> option.trim().equalsIgnoreCase("upgrade"))) {
      throw refused(EventType.BAD_REQUEST, "a WebSocket begins with Connection: Upgrade");
    }
    if (!headers.all(VERSION, List::of).equals(List.of(VERSION_SPOKEN))) {
      throw RequestException.builder()
          .type(EventType.OTHER)
          .status(Status.create(426, "Upgrade Required"))
          .header(HeaderValues.create(VERSION, VERSION_SPOKEN))
          .message("the only version of WebSocket spoken here is " + VERSION_SPOKEN)
          .build();
    }
    List<String> keys = headers.all(KEY, List::of);
    if (keys.size() != 1 || !isKey(keys.getFirst())) {
      throw refused(
          EventType.BAD_REQUEST, "a WebSocket begins with one Sec-WebSocket-Key of 16 bytes");
    }
    List<String> offered = headers.values(PROTOCOL);
    if (!offered.isEmpty() && offered.stream().map(String::trim).noneMatch(SUBPROTOCOL::equals)) {
      throw refused(EventType.BAD_REQUEST, "the only subprotocol spoken here is " + SUBPROTOCOL);
    }
    return "HTTP/1.1 101 Switching Protocols\r\n"
        + "Connection: Upgrade\r\n"
        + "Upgrade: websocket\r\n"
        + "Sec-WebSocket-Accept: "
        + acceptance(keys.getFirst())
        + "\r\n"
        + (offered.isEmpty() ? "" : PROTOCOL.defaultCase() + ": " + SUBPROTOCOL + "\r\n")
        + "\r\n";
  }

  private static RequestException refused(EventType type, String message) {
    return RequestException.builder().type(type).message(message).build();
  }

  private static boolean isKey(String key) {
    try {
      // The decoder takes one that is not filled up, too.
      return key.length() == KEY_LENGTH && Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String acceptance(String key) {
    try {
      byte[] text = (key + ACCEPTANCE).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java has SHA-1", e);
    }
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
