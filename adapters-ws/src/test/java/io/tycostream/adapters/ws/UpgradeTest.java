package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.RequestException;
import io.helidon.http.WritableHeaders;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeTest {

  private static final Set<String> ALLOWED = Set.of("https://friend.example");

  @Test
  void nothingOfferedIsAnsweredByNothing() {
    assertEquals(Optional.empty(), Upgrade.check(headers("Host", "h"), ALLOWED));
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
    Headers answer =
        Upgrade.check(headers("Sec-WebSocket-Protocol", offered), ALLOWED).orElseThrow();
    assertEquals(
        "tycostream.v1.json", answer.get(HeaderNames.create("Sec-WebSocket-Protocol")).get());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"graphql-ws", "TYCOSTREAM.V1.JSON", "tycostream.v1", "tycostream.v1.json2"})
  void othersAreRefused(String offered) {
    assertRefused(400, headers("Sec-WebSocket-Protocol", offered));
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
    assertTrue(Upgrade.check(headers("Origin", origin, "Host", host), ALLOWED).isEmpty());
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
    assertRefused(403, headers("Origin", origin, "Host", host));
  }

  private static void assertRefused(int status, Headers headers) {
    RequestException refusal =
        assertThrows(RequestException.class, () -> Upgrade.check(headers, ALLOWED));
    assertEquals(status, refusal.status().code());
  }

  private static Headers headers(String... namesAndValues) {
    WritableHeaders<?> headers = WritableHeaders.create();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(HeaderNames.create(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return headers;
  }
}
