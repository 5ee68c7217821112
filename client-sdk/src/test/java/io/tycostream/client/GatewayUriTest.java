package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GatewayUriTest {

  @ParameterizedTest
  @CsvSource({
    "http://localhost:8080, ws://localhost:8080/v1/stream",
    "http://localhost:8080/, ws://localhost:8080/v1/stream",
    "https://example.org, wss://example.org/v1/stream",
    "ws://[::1]:8080/v1/stream, ws://[::1]:8080/v1/stream",
    "wss://example.org/behind/v1/stream?a=b, wss://example.org/behind/v1/stream?a=b",
  })
  void takesEveryUsualForm(String given, URI expected) {
    assertEquals(expected, GatewayUri.of(given));
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals(
        "\"localhost:8080\" does not begin with ws://, wss://, http:// or https://;"
            + " a gateway's address looks like http://localhost:8080",
        assertThrows(IllegalArgumentException.class, () -> GatewayUri.of("localhost:8080"))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> GatewayUri.of("http:///x"));
    assertThrows(IllegalArgumentException.class, () -> GatewayUri.of("http://a b"));
  }
}
