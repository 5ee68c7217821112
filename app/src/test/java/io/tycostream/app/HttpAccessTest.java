package io.tycostream.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.config.ConfigurationException;
import io.tycostream.app.config.ConfigurationReader;
import io.tycostream.app.http.DemoControls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is answered what over HTTP, by a gateway whose database is never there. */
@Timeout(60)
class HttpAccessTest {

  private static final String ADMIN = "admin-0123456789";
  private static final String VIEWER = "viewer-0123456789";
  private static final String WRONG = "wrong-0123456789";

  @TempDir private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicInteger stops = new AtomicInteger();
  private GatewayServer gateway;

  /** The demo's database, of which only the stopping counts. */
  private final class Controls implements DemoControls {

    @Override
    public boolean isRunning() {
      return true;
    }

    @Override
    public void cutReplication() {}

    @Override
    public void stopDatabase() {
      stops.incrementAndGet();
    }

    @Override
    public void startDatabase() {}
  }

  @BeforeEach
  void start() throws Exception {
    gateway =
        serve(
            """
            auth:
              mode: tokens
              tokens:
                - {token: admin-0123456789, principal: root, sources: ["*"], admin: true}
                - {token: viewer-0123456789, principal: ann, sources: [trades]}
            """);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private GatewayServer serve(String more) throws IOException, ConfigurationException {
    Path file =
        Files.writeString(
            folder.resolve("tycostream.yaml"),
            """
            server: {port: 0}
            databases: {main: {endpoints: [{host: 127.0.0.1, port: 1}]}}
            sources: {trades: , books: }
            """
                + more);
    Configuration configuration = ConfigurationReader.read(file, Map.of());
    return GatewayServer.start(configuration, Optional.of(new Controls()));
  }

  private HttpResponse<String> send(String method, String path, Optional<String> token)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("X-Tycostream-Demo", "1");
    token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertFalse(response.body().contains("0123456789"), "no answer repeats a token");
    assertFalse(response.headers().toString().contains("0123456789"), "nor does its head");
    return response;
  }

  private int status(String path, String... token) throws IOException, InterruptedException {
    return send("GET", path, token.length == 0 ? Optional.empty() : Optional.of(token[0]))
        .statusCode();
  }

  @Test
  void shouldShowThePageAndHealthToEverybody() throws Exception {
    for (String path :
        List.of("/", "/index.html", "/main.js", "/gateway-api.js", "/style.css", "/icon.svg")) {
      assertEquals(200, status(path), path);
      assertEquals(200, status(path, WRONG), path);
    }
    assertEquals(200, status("/health/live"));
    assertEquals(503, status("/health/ready"));
  }

  @Test
  void shouldAskForATokenForEverythingElse() throws Exception {
    for (String path :
        List.of(
            "/v1/sources",
            "/v1/clients",
            "/metrics",
            "/demo",
            "/v1/stream",
            "/openapi",
            "/asyncapi.yaml",
            "/nothing",
            "/health",
            "/healthy",
            "/metrics/",
            "/v1/%63lients",
            "/%6detrics",
            "/health/%2e%2e/metrics",
            "/main.js/../metrics",
            "/web/main.js",
            "/../tycostream.properties")) {
      for (String token : List.of("", WRONG, ADMIN + " ", ADMIN.substring(1))) {
        Optional<String> shown = Optional.of(token).filter(value -> !value.isEmpty());
        if (!token.strip().equals(ADMIN)) {
          HttpResponse<String> refusal = send("GET", path, shown);
          assertEquals(401, refusal.statusCode(), path);
          assertEquals(
              token.isEmpty() ? "Bearer" : "Bearer error=\"invalid_token\"",
              refusal.headers().firstValue("WWW-Authenticate").orElse("none"),
              path);
        }
      }
    }
  }

  @Test
  void shouldKeepWhatConcernsOthersForAdministrators() throws Exception {
    for (String path : List.of("/v1/clients", "/metrics", "/demo", "/v1/%63lients", "/%6detrics")) {
      assertEquals(403, status(path, VIEWER), path);
      assertEquals(200, status(path, ADMIN), path);
    }
    assertEquals(404, status("/nothing", ADMIN));
  }

  @Test
  void shouldLetAdministratorsAloneTouchTheDemo() throws Exception {
    assertEquals(401, send("POST", "/demo/stop-database", Optional.empty()).statusCode());
    assertEquals(403, send("POST", "/demo/stop-database", Optional.of(VIEWER)).statusCode());
    assertEquals(0, stops.get());
    assertEquals(204, send("POST", "/demo/stop-database", Optional.of(ADMIN)).statusCode());
    assertEquals(1, stops.get());
  }

  @Test
  void shouldShowOfSourcesThoseThatMayBeSeen() throws Exception {
    assertEquals(List.of("trades"), names("/v1/sources", "sources", Optional.of(VIEWER)));
    assertEquals(List.of("books", "trades"), names("/v1/sources", "sources", Optional.of(ADMIN)));
    assertEquals(List.of(), names("/health/ready", "checks", Optional.empty()));
    assertEquals(List.of("trades"), names("/health/ready", "checks", Optional.of(VIEWER)));
    assertEquals(List.of("books", "trades"), names("/health/ready", "checks", Optional.of(ADMIN)));
  }

  private List<String> names(String path, String list, Optional<String> token) throws Exception {
    TreeSet<String> names = new TreeSet<>();
    JsonNode answer = new ObjectMapper().readTree(send("GET", path, token).body());
    answer.get(list).forEach(each -> names.add(each.get("name").textValue()));
    return List.copyOf(names);
  }

  /** The scheme is not a matter of case, and another scheme is no token. */
  @Test
  void shouldReadTheHeaderAsItsStandardSays() throws Exception {
    assertTrue(raw("Authorization: bEARER " + VIEWER).contains(" 200 "));
    assertTrue(raw("authorization: Bearer  " + VIEWER + " ").contains(" 200 "));
    assertTrue(raw("Authorization: Basic " + VIEWER).contains(" 401 "));
    assertTrue(raw("Authorization: " + VIEWER).contains(" 401 "));
    assertTrue(raw("Authorization: Bearer").contains(" 401 "));
    assertTrue(raw("X: y").contains(" 401 "));
  }

  private String raw(String header) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port())) {
      String request = "GET /v1/sources HTTP/1.1\r\nHost: localhost\r\n" + header + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void shouldAskNobodyWithoutAuthentication() throws Exception {
    gateway.close();
    gateway = serve("");
    for (String path : List.of("/v1/sources", "/v1/clients", "/metrics", "/demo")) {
      assertEquals(200, status(path), path);
      assertEquals(200, status(path, WRONG), path);
    }
    assertEquals(List.of("books", "trades"), names("/health/ready", "checks", Optional.empty()));
  }

  @Test
  void shouldAskToComeBackWhileTokensCannotBeChecked() throws Exception {
    gateway.close();
    Path keys = Files.writeString(folder.resolve("keys.json"), "{\"keys\":[]}");
    gateway = serve("auth: {mode: jwt, jwt: {jwks: keys.json, issuer: i, audience: a}}\n");
    Files.delete(keys);
    // A token that is well formed, so that a key is needed.
    String token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AAAA";
    HttpResponse<String> refusal = send("GET", "/v1/sources", Optional.of(token));
    assertEquals(503, refusal.statusCode());
    assertEquals("5", refusal.headers().firstValue("Retry-After").orElse("none"));
    assertEquals(401, status("/v1/sources", "garbage"));
    assertEquals(401, status("/v1/sources"));
  }
}
