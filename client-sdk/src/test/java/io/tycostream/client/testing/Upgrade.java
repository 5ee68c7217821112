package io.tycostream.client.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The HTTP request that becomes a WebSocket (RFC 6455, 4.2). */
final class Upgrade {

  private static final String SUBPROTOCOL = "tycostream.v1.json";
  private static final String BEARER = "bearer ";
  private static final int MAX_HEAD = 64 << 10;
  private static final int KEY_LENGTH = 24;

  /** Fixed by RFC 6455, 1.3. */
  private static final String ACCEPTANCE = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final String requestLine;
  private final Map<String, List<String>> headers;

  private Upgrade(String requestLine, Map<String, List<String>> headers) {
    this.requestLine = requestLine;
    this.headers = headers;
  }

  static Upgrade read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n", Math.max(0, head.length() - 4)) < 0) {
      int next = in.read();
      if (next < 0 || head.length() > MAX_HEAD) {
        throw new IOException("no request");
      }
      head.append((char) next);
    }
    String[] lines = head.toString().split("\r\n", -1);
    Map<String, List<String>> headers = new HashMap<>();
    for (String line : Arrays.asList(lines).subList(1, lines.length)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers
            .computeIfAbsent(
                line.substring(0, colon).toLowerCase(Locale.ROOT), first -> new ArrayList<>())
            .add(line.substring(colon + 1).strip());
      }
    }
    return new Upgrade(lines[0], headers);
  }

  /** The credentials that a header shows. */
  Optional<String> token() {
    return first("authorization")
        .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(BEARER))
        .map(value -> value.substring(BEARER.length()).strip());
  }

  /** Answers; returns whether it is a WebSocket now. */
  boolean answer(OutputStream out) throws IOException {
    Optional<String> refusal = refusal();
    if (refusal.isPresent()) {
      refuse(refusal.get(), out);
      return false;
    }
    String subprotocol =
        values("sec-websocket-protocol").isEmpty()
            ? ""
            : "Sec-WebSocket-Protocol: " + SUBPROTOCOL + "\r\n";
    write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Accept: "
            + acceptance(first("sec-websocket-key").orElse(""))
            + "\r\n"
            + subprotocol
            + "\r\n",
        out);
    return true;
  }

  /**
   * @param status such as {@code 503 Service Unavailable}
   */
  static void refuse(String status, OutputStream out) throws IOException {
    write(
        "HTTP/1.1 "
            + status
            + "\r\nConnection: close\r\nSec-WebSocket-Version: 13\r\n"
            + "Content-Length: 0\r\n\r\n",
        out);
  }

  private Optional<String> refusal() {
    if (!requestLine.matches("GET /v1/stream(\\?\\S*)? HTTP/1\\.1")
        || !first("upgrade").orElse("").equalsIgnoreCase("websocket")) {
      return Optional.of("404 Not Found");
    }
    if (!values("origin").stream().allMatch(this::isOwn)) {
      return Optional.of("403 Forbidden");
    }
    if (!values("sec-websocket-version").equals(List.of("13"))) {
      return Optional.of("426 Upgrade Required");
    }
    List<String> offered = values("sec-websocket-protocol");
    if (first("sec-websocket-key").orElse("").length() != KEY_LENGTH
        || (!offered.isEmpty() && !offered.contains(SUBPROTOCOL))) {
      return Optional.of("400 Bad Request");
    }
    return Optional.empty();
  }

  private boolean isOwn(String origin) {
    try {
      String page = URI.create(origin).getRawAuthority();
      return page != null && page.equalsIgnoreCase(first("host").orElse(""));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Optional<String> first(String header) {
    return headers.getOrDefault(header, List.of()).stream().findFirst();
  }

  private List<String> values(String header) {
    return headers.getOrDefault(header, List.of()).stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(String::strip)
        .toList();
  }

  private static String acceptance(String key) {
    try {
      byte[] text = (key + ACCEPTANCE).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each Java has SHA-1", e);
    }
  }

  private static void write(String text, OutputStream out) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }
}
