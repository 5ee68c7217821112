package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Requests of every kind, right, wrong and torn. Each part of a request knows which statuses it is
 * worth; where all are right it becomes a WebSocket, and what stands behind it is answered.
 */
class UpgradeFuzzProperties {

  private static final byte[] HELLO =
      RawClient.frame(TEXT, true, "{\"type\":\"hello\"}".getBytes(StandardCharsets.UTF_8));

  /** Bytes of a request that the web server has read when it answers. */
  private static final int READ_AT_ONCE = 2_000;

  private static FuzzedGateway gateway;

  @BeforeContainer
  static void start() {
    gateway = new FuzzedGateway();
  }

  @AfterContainer
  static void stop() {
    gateway.close();
  }

  @AfterProperty
  void nothingIsLeft() {
    gateway.check();
  }

  /**
   * A part of a request.
   *
   * @param lines none, one or two
   * @param refusals the statuses of which one is due; none when it is right
   */
  record Part(String lines, Set<Integer> refusals) {

    static Part right(String lines) {
      return new Part(lines, Set.of());
    }

    static Part wrong(String lines, Integer... statuses) {
      return new Part(lines, Set.of(statuses));
    }
  }

  /**
   * A request.
   *
   * @param pieces where it is cut into segments, as parts of its length
   */
  record Request(Part line, List<Part> headers, List<Integer> pieces) {

    byte[] bytes() {
      StringBuilder text = new StringBuilder(line.lines()).append("\r\n");
      headers.forEach(each -> text.append(each.lines()));
      return text.append("\r\n")
          .toString()
          .replace("PORT", Integer.toString(gateway.port()))
          .getBytes(StandardCharsets.UTF_8);
    }

    Set<Integer> refusals() {
      Set<Integer> all = new HashSet<>(line.refusals());
      headers.forEach(each -> all.addAll(each.refusals()));
      return all;
    }
  }

  /** One byte in place of another, or the end. */
  record Mutation(int at, int by, boolean cutShort) {}

  @Property(tries = 300, seed = "4")
  void everyRequestIsAnsweredAsItShouldBe(@ForAll("requests") Request request) {
    perform(request);
  }

  @Property(tries = 5_000, seed = "1004")
  @Tag("long")
  @AddLifecycleHook(ProofLine.class)
  void everyRequestIsAnsweredAsItShouldBeForLong(@ForAll("requests") Request request) {
    perform(request);
  }

  @Property(tries = 300, seed = "5")
  void whateverIsTornDoesNoHarm(
      @ForAll("requests") Request request, @ForAll("mutations") List<Mutation> mutations) {
    tear(request, mutations);
  }

  @Property(tries = 5_000, seed = "1005")
  @Tag("long")
  @AddLifecycleHook(ProofLine.class)
  void whateverIsTornDoesNoHarmForLong(
      @ForAll("requests") Request request, @ForAll("mutations") List<Mutation> mutations) {
    tear(request, mutations);
  }

  @Property(tries = 100, seed = "6")
  void bytesThatAreNoRequestDoNoHarm(@ForAll byte[] bytes) {
    harmless(bytes);
  }

  @Provide
  Arbitrary<List<Mutation>> mutations() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 9_999),
            Arbitraries.integers().between(1, 255),
            Arbitraries.of(true, false))
        .as(Mutation::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  @Provide
  Arbitrary<Request> requests() {
    Arbitrary<List<Part>> headers =
        Combinators.combine(
                List.of(HOST, UPGRADE, CONNECTION, VERSION, KEY, ORIGIN, SUBPROTOCOL, OTHERS))
            .as(list -> list);
    return Combinators.combine(
            LINE,
            headers,
            Arbitraries.integers().between(0, 7),
            Arbitraries.integers().between(0, 9_999).list().ofMaxSize(3))
        .as((line, some, first, pieces) -> {
          List<Part> turned = new ArrayList<>(some);
          Collections.rotate(turned, first);
          return new Request(line, List.copyOf(turned), pieces);
        });
  }

  /** Nearly always right, so that one mistake is seen alone. */
  private static Arbitrary<Part> mostly(List<Part> right, List<Part> wrong) {
    return Arbitraries.frequencyOf(
        Tuple.of(9, Arbitraries.of(right)), Tuple.of(1, Arbitraries.of(wrong)));
  }

  private static final Arbitrary<Part> LINE =
      mostly(
          List.of(
              Part.right("GET /v1/stream HTTP/1.1"),
              Part.right("GET /v1/stream?a=b&c HTTP/1.1"),
              Part.right("GET /v1/stream? HTTP/1.1")),
          List.of(
              Part.wrong("POST /v1/stream HTTP/1.1", 400, 404),
              Part.wrong("BREW /v1/stream HTTP/1.1", 400, 404),
              Part.wrong("GET / HTTP/1.1", 404),
              Part.wrong("GET /v1/stream/ HTTP/1.1", 404),
              Part.wrong("GET /V1/stream HTTP/1.1", 404),
              Part.wrong("GET /v1/streams HTTP/1.1", 404),
              Part.wrong("GET /v1/stream HTTP/1.0", 400),
              Part.wrong("GET /v1/stream HTTP/2.0", 400),
              Part.wrong("GET /v1/stream", 400),
              Part.wrong("GET", 400),
              Part.wrong("", 400),
              Part.wrong("GET  /v1/stream HTTP/1.1", 400),
              Part.wrong("GET /v1/%zz HTTP/1.1", 400, 404),
              Part.wrong("GET /" + "x".repeat(5_000) + " HTTP/1.1", 400, 414)));

  private static final Arbitrary<Part> HOST =
      mostly(
          List.of(Part.right("Host: localhost:PORT\r\n"), Part.right("host:localhost:PORT\r\n")),
          List.of(
              Part.wrong("", 400),
              Part.wrong("Host: \r\n", 400),
              Part.wrong("Host: localhost:PORT\r\nHost: localhost:PORT\r\n", 400),
              Part.wrong("Host: localhost:port\r\n", 400)));

  private static final Arbitrary<Part> UPGRADE =
      mostly(
          List.of(
              Part.right("Upgrade: websocket\r\n"),
              Part.right("UPGRADE: WebSocket\r\n"),
              Part.right("upgrade:websocket\r\n")),
          List.of(
              Part.wrong("", 404),
              Part.wrong("Upgrade: h2c\r\n", 404),
              Part.wrong("Upgrade: \r\n", 404, 400),
              Part.wrong("Upgrade: websocket2\r\n", 404)));

  private static final Arbitrary<Part> CONNECTION =
      mostly(
          List.of(
              Part.right("Connection: Upgrade\r\n"),
              Part.right("connection: keep-alive, upgrade\r\n"),
              Part.right("Connection: keep-alive\r\nConnection: UPGRADE\r\n")),
          List.of(
              Part.wrong("", 400),
              Part.wrong("Connection: close\r\n", 400),
              Part.wrong("Connection: upgraded\r\n", 400)));

  private static final Arbitrary<Part> VERSION =
      mostly(
          List.of(
              Part.right("Sec-WebSocket-Version: 13\r\n"),
              Part.right("sec-websocket-version:   13  \r\n")),
          List.of(
              Part.wrong("", 426),
              Part.wrong("Sec-WebSocket-Version: 8\r\n", 426),
              Part.wrong("Sec-WebSocket-Version: 13, 8\r\n", 426),
              Part.wrong("Sec-WebSocket-Version: thirteen\r\n", 426),
              Part.wrong("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n", 426)));

  private static final Arbitrary<Part> KEY =
      mostly(
          List.of(
              Part.right("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
              Part.right("SEC-WEBSOCKET-KEY:AAAAAAAAAAAAAAAAAAAAAA==\r\n")),
          List.of(
              Part.wrong("", 400),
              Part.wrong("Sec-WebSocket-Key: \r\n", 400),
              Part.wrong("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", 400),
              Part.wrong("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZT0=\r\n", 400),
              Part.wrong("Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==\r\n", 400),
              Part.wrong("Sec-WebSocket-Key: é\r\n", 400),
              Part.wrong("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n".repeat(2), 400)));

  private static final Arbitrary<Part> ORIGIN =
      mostly(
          List.of(
              Part.right(""),
              Part.right("Origin: http://localhost:PORT\r\n"),
              Part.right("Origin: https://friend.example\r\n")),
          List.of(
              Part.wrong("Origin: null\r\n", 403),
              Part.wrong("Origin: \r\n", 403),
              Part.wrong("Origin: https://evil.example\r\n", 403),
              Part.wrong("Origin: https://friend.example.evil.example\r\n", 403),
              Part.wrong("Origin: http://localhost:PORT@evil.example\r\n", 403),
              Part.wrong("Origin: http://[\r\n", 403),
              Part.wrong("Origin: <script>alert(1)</script>\r\n", 403),
              Part.wrong("Origin: https://é.example\r\n", 403, 400),
              Part.wrong(
                  "Origin: https://friend.example\r\nOrigin: https://evil.example\r\n", 403)));

  private static final Arbitrary<Part> SUBPROTOCOL =
      mostly(
          List.of(
              Part.right(""),
              Part.right("Sec-WebSocket-Protocol: tycostream.v1.json\r\n"),
              Part.right("Sec-WebSocket-Protocol: other,tycostream.v1.json , third\r\n"),
              Part.right(
                  "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: tycostream.v1.json\r\n")),
          List.of(
              Part.wrong("Sec-WebSocket-Protocol: graphql-ws\r\n", 400),
              Part.wrong("Sec-WebSocket-Protocol: TYCOSTREAM.V1.JSON\r\n", 400),
              Part.wrong("Sec-WebSocket-Protocol: tycostream.v1.json2,,\r\n", 400),
              Part.wrong("Sec-WebSocket-Protocol: " + "x,".repeat(500) + "x\r\n", 400)));

  private static final Arbitrary<Part> OTHERS =
      mostly(
          List.of(
              Part.right(""),
              Part.right(
                  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"),
              Part.right("X-Long: " + "x".repeat(4_000) + "\r\n"),
              Part.right("Authorization: Bearer abc\r\nCookie: a=b\r\n"),
              Part.right("Content-Length: 0\r\n"),
              Part.right("X: a\r\n".repeat(100))),
          List.of(
              Part.wrong("X-Long: " + "x".repeat(40_000) + "\r\n", 400, 431, 413),
              Part.wrong("X: y\r\n".repeat(8_000), 400, 431, 413),
              Part.wrong("No colon\r\n", 400),
              Part.wrong("Bad Name: x\r\n", 400),
              Part.wrong("X: a\u0000b\r\n", 400)));

  private static void perform(Request request) {
    Set<Integer> refusals = request.refusals();
    byte[] head = request.bytes();
    try (RawClient client = RawClient.connect(gateway.port())) {
      if (!refusals.isEmpty()) {
        refused(client, head, refusals);
        return;
      }
      byte[] all = Arrays.copyOf(head, head.length + HELLO.length);
      System.arraycopy(HELLO, 0, all, head.length, HELLO.length);
      writeInPieces(client, all, request.pieces());
      Optional<String> answer = client.head();
      assertEquals(Optional.of(101), answer.map(UpgradeFuzzProperties::status), answer.toString());
      boolean offered =
          request.headers().stream().anyMatch(each -> each.lines().contains("v1.json"));
      assertEquals(
          offered, answer.get().contains("Sec-WebSocket-Protocol: tycostream.v1.json\r\n"));
      assertTrue(!answer.get().contains("Sec-WebSocket-Extensions"), answer.get());
      client.message("welcome");
      client.send("{\"type\":\"ping\"}");
      client.message("pong");
    }
  }

  /** Who is refused before all was read may not hear it. */
  private static void refused(RawClient client, byte[] head, Set<Integer> refusals) {
    boolean readAtOnce = head.length <= READ_AT_ONCE;
    try {
      client.write(head);
    } catch (UncheckedIOException e) {
      assertTrue(!readAtOnce, e.toString());
    }
    Optional<String> answer = client.head();
    assertTrue(answer.isPresent() || !readAtOnce, "no answer");
    answer.ifPresent(text -> assertTrue(refusals.contains(status(text)), text));
  }

  private static void tear(Request request, List<Mutation> mutations) {
    byte[] bytes = request.bytes();
    for (Mutation each : mutations) {
      int at = (int) ((long) each.at() * bytes.length / 10_000);
      if (each.cutShort()) {
        bytes = Arrays.copyOf(bytes, at + 1);
      } else {
        bytes[at] ^= (byte) each.by();
      }
    }
    harmless(bytes);
  }

  /** Refused, taken or not answered at all, and nobody else is harmed. */
  private static void harmless(byte[] bytes) {
    try (RawClient client = RawClient.connect(gateway.port())) {
      try {
        client.write(bytes);
        client.finish();
      } catch (UncheckedIOException e) {
        // It was refused before all of it was there.
      }
      Optional<String> answer = client.head();
      if (answer.isPresent()) {
        int status = status(answer.get());
        // Of bytes that are no HTTP, Helidon takes some for a fault of its own.
        assertTrue(status == 101 || (status >= 400 && status <= 500), answer.get());
      }
    }
  }

  private static void writeInPieces(RawClient client, byte[] whole, List<Integer> cuts) {
    int[] ends =
        Stream.concat(
                cuts.stream().map(cut -> (int) ((long) cut * whole.length / 10_000)),
                Stream.of(whole.length))
            .mapToInt(end -> end)
            .sorted()
            .toArray();
    int from = 0;
    for (int end : ends) {
      client.write(Arrays.copyOfRange(whole, from, end));
      from = end;
    }
  }

  private static int status(String head) {
    assertTrue(head.matches("(?s)HTTP/1\\.1 \\d{3} .*"), head);
    return Integer.parseInt(head.substring(9, 12));
  }
}
