package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.Method;
import io.helidon.http.RequestException;
import io.helidon.http.WritableHeaders;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeTest {

  private static final Set<String> ALLOWED = Set.of("https://friend.example");

  @Test
  void nothingOfferedIsAnsweredByNothing() {
    assertFalse(answer(handshake()).contains("Sec-WebSocket-Protocol"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tycostream.v1.json",
        "tycostream.v1.json,graphql-ws",
        "graphql-ws , tycostream.v1.json",
        "tycostream.v2.json,tycostream.v1.json"
      })
  void theOneSubprotocolIsFound(String offered) {
    String answer = answer(handshake("Sec-WebSocket-Protocol", offered));
    assertTrue(answer.contains("\r\nSec-WebSocket-Protocol: tycostream.v1.json\r\n"), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"graphql-ws", "TYCOSTREAM.V1.JSON", "tycostream.v1", "tycostream.v1.json2"})
  void othersAreRefused(String offered) {
    assertRefused(400, handshake("Sec-WebSocket-Protocol", offered));
  }

  @ParameterizedTest
  @CsvSource({
    "http://gateway.example:8080, gateway.example:8080",
    "https://gateway.example, gateway.example",
    "https://GATEWAY.example, gateway.EXAMPLE",
    "http://[::1]:8080, [::1]:8080",
    "https://friend.example, gateway.example",
  })
  void pagesThatMayConnect(String origin, String host) {
    assertTrue(answer(handshake("Origin", origin, "Host", host)).startsWith("HTTP/1.1 101 "));
  }

  @ParameterizedTest
  @CsvSource({
    "https://evil.example, gateway.example",
    "https://gateway.example.evil.example, gateway.example",
    "https://gateway.example@evil.example, gateway.example",
    "https://friend.example.evil.example, gateway.example",
    "http://friend.example, gateway.example",
    "https://friend.example:444, gateway.example",
    "http://gateway.example:8080, gateway.example:8081",
    "null, gateway.example",
    "'', gateway.example",
    "gateway.example, gateway.example",
    "'http://%', gateway.example",
    "'file:///tmp/page.html', ''",
  })
  void pagesThatMayNot(String origin, String host) {
    assertRefused(403, handshake("Origin", origin, "Host", host));
  }

  @Test
  void oneStrangeOriginAmongSeveralIsEnough() {
    assertRefused(
        403, handshake("Origin", "https://friend.example", "Origin", "https://evil.example"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"upgrade", "keep-alive, Upgrade", "UPGRADE,close"})
  void connectionMayNameOtherThingsToo(String connection) {
    WritableHeaders<?> headers = handshake();
    headers.set(HeaderNames.CONNECTION, connection);
    assertTrue(answer(headers).startsWith("HTTP/1.1 101 "));
  }

  @ParameterizedTest
  @CsvSource({
    "400, Connection, close",
    "400, Connection,",
    "426, Sec-WebSocket-Version, 8",
    "426, Sec-WebSocket-Version, '13, 8'",
    "426, Sec-WebSocket-Version,",
    "400, Sec-WebSocket-Key, dGhlIHNhbXBsZSBub25jZQ",
    "400, Sec-WebSocket-Key, dGhlIHNhbXBsZSBub25j",
    "400, Sec-WebSocket-Key, no base64!",
    "400, Sec-WebSocket-Key, ''",
    "400, Sec-WebSocket-Key,",
  })
  void whatIsNoHandshakeIsRefused(int status, String name, @Nullable String value) {
    WritableHeaders<?> headers = handshake();
    HeaderName header = HeaderNames.create(name);
    headers.remove(header);
    if (value != null) {
      headers.add(header, value);
    }
    assertRefused(status, headers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sec-WebSocket-Version:13", "Sec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ=="})
  void whatStandsOnceMayNotStandTwice(String header) {
    String[] nameAndValue = header.split(":", 2);
    RequestException refusal =
        assertThrows(RequestException.class, () -> answer(handshake(nameAndValue)));
    assertTrue(refusal.status().code() == 400 || refusal.status().code() == 426);
  }

  @Test
  void theOtherVersionIsToldWhichOneIsSpoken() {
    WritableHeaders<?> headers = handshake();
    HeaderName version = HeaderNames.create("Sec-WebSocket-Version");
    headers.set(version, "12");
    RequestException refusal = assertThrows(RequestException.class, () -> answer(headers));
    assertEquals("13", refusal.responseHeaders().get(version).get());
  }

  @Test
  void othersThanGetAreRefused() {
    RequestException refusal =
        assertThrows(
            RequestException.class, () -> Upgrade.answer(Method.POST, handshake(), ALLOWED));
    assertEquals(400, refusal.status().code());
  }

  private static void assertRefused(int status, Headers headers) {
    RequestException refusal = assertThrows(RequestException.class, () -> answer(headers));
    assertEquals(status, refusal.status().code());
  }

  private static String answer(Headers headers) {
    return Upgrade.answer(Method.GET, headers, ALLOWED);
  }

  /** What every handshake has, and more. */
  private static WritableHeaders<?> handshake(String... namesAndValues) {
    WritableHeaders<?> headers = WritableHeaders.create();
    headers.add(HeaderNames.CONNECTION, "Upgrade");
    headers.add(HeaderNames.create("Sec-WebSocket-Version"), "13");
    headers.add(HeaderNames.create("Sec-WebSocket-Key"), "dGhlIHNhbXBsZSBub25jZQ==");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(HeaderNames.create(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return headers;
  }
}
