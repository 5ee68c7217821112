package io.tycostream.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The addresses that a client accepts for a gateway. */
final class GatewayUri {

  private static final String ENDPOINT = "/v1/stream";

  private GatewayUri() {}

  /**
   * The WebSocket address of a gateway: {@code http} and {@code https} become {@code ws} and {@code
   * wss}, and without a path the endpoint's is added.
   *
   * @throws IllegalArgumentException when it is no address of a gateway
   */
  static URI of(String text) {
    URI uri;
    try {
      uri = new URI(text.strip());
    } catch (URISyntaxException e) {
      throw refuse(text, "is not a URL", e);
    }
    String scheme =
        switch (String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT)) {
          case "ws", "http" -> "ws";
          case "wss", "https" -> "wss";
          default ->
              throw refuse(text, "does not begin with ws://, wss://, http:// or https://", null);
        };
    if (uri.getHost() == null) {
      throw refuse(text, "names no host", null);
    }
    if (uri.getPort() > 65_535) {
      throw refuse(text, "names no port", null);
    }
    String path = uri.getRawPath();
    String target = path == null || path.isEmpty() || path.equals("/") ? ENDPOINT : path;
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return URI.create(scheme + "://" + uri.getRawAuthority() + target + query);
  }

  private static IllegalArgumentException refuse(
      String text, String what, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "\"" + text + "\" " + what + "; a gateway's address looks like http://localhost:8080",
        cause);
  }
}
