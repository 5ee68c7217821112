package io.tycostream.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The upgrade of an HTTP connection to WebSocket (RFC 6455, 4.1). */
final class Handshake {

  private static final String SUBPROTOCOL = "tycostream.v1.json";
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int MAX_HEAD_BYTES = 32 * 1024;

  private final URI endpoint;
  private final String key;

  Handshake(URI endpoint) {
    this.endpoint = endpoint;
    byte[] nonce = new byte[16];
    ThreadLocalRandom.current().nextBytes(nonce); // tells connections apart, and keeps no secret
    key = Base64.getEncoder().encodeToString(nonce);
  }

  byte[] request() {
    String query = endpoint.getRawQuery() == null ? "" : "?" + endpoint.getRawQuery();
    String head =
        """
        GET %s%s HTTP/1.1
        Host: %s
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Key: %s
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Protocol: %s

        """
            .formatted(endpoint.getRawPath(), query, host(), key, SUBPROTOCOL);
    return head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * Reads the answer, up to the first byte of the first frame.
   *
   * @throws IOException when it is not the upgrade that was asked for
   */
  void accept(InputStream in) throws IOException {
    List<String> lines = head(in).lines().toList();
    String[] status = lines.getFirst().split(" ", 3);
    if (status.length < 2 || !status[0].startsWith("HTTP/1.")) {
      throw new IOException("what listens there does not speak HTTP");
    }
    if (!status[1].equals("101")) {
      throw new IOException("the gateway refused the connection with HTTP " + status[1]);
    }
    if (!has(lines, "sec-websocket-accept", expected())) {
      throw new IOException("what listens there is no WebSocket server");
    }
    if (!has(lines, "sec-websocket-protocol", SUBPROTOCOL)) {
      throw new IOException("what listens there does not speak " + SUBPROTOCOL);
    }
  }

  private static boolean has(List<String> lines, String field, String value) {
    return lines.stream()
        .anyMatch(line -> {
          int colon = line.indexOf(':');
          return colon > 0
              && line.substring(0, colon).toLowerCase(Locale.ROOT).equals(field)
              && line.substring(colon + 1).strip().equals(value);
        });
  }

  private String host() {
    String host = endpoint.getHost();
    return endpoint.getPort() < 0 ? host : host + ":" + endpoint.getPort();
  }

  private String expected() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < MAX_HEAD_BYTES) {
      int read = in.read();
      if (read < 0) {
        throw new EOFException("the connection ended before the gateway answered");
      }
      head.append((char) read);
      if (read == '\n' && head.length() >= 4 && head.lastIndexOf("\r\n\r\n") == head.length() - 4) {
        return head.toString();
      }
    }
    throw new IOException("what listens there answered with an endless HTTP head");
  }
}
