package io.tycostream.app.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzColumn;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.adapters.ws.AsyncApi;
import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.adapters.ws.ConnectedClient;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.ConfigurationReader;
import io.tycostream.app.demo.Await;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TycostreamClient;
import io.tycostream.domain.log.Pressure;
import io.tycostream.domain.protocol.SourceCondition;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAPI document says what is answered: each route, each field, and real answers. */
@Timeout(120)
class OpenApiTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long START = 1_700_000_000_000L;
  private static final String ADMIN = "admin-0123456789";
  private static final String VIEWER = "viewer-0123456789";

  @TempDir private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private final MaterializeSimulator database = MaterializeSimulator.start();
  private OpenApiDocument document;
  private GatewayServer gateway;

  private static final class Controls implements DemoControls {

    @Override
    public boolean isRunning() {
      return true;
    }

    @Override
    public void cutReplication() {}

    @Override
    public void stopDatabase() {}

    @Override
    public void startDatabase() {}
  }

  @BeforeEach
  void start() throws Exception {
    document = new OpenApiDocument(OpenApi.yaml());
    database.clock(START);
    MzObject orders = database.materializedView("orders", MzColumn.int4("id"));
    orders.insert(START, "1");
    orders.advance(START + 1);
    Path file =
        Files.writeString(
            folder.resolve("tycostream.yaml"),
            """
            server: {port: 0}
            databases:
              mz:
                type: materialize
                endpoints: [{host: 127.0.0.1, port: %d}]
                ssl-mode: disable
                cluster: %s
              away: {endpoints: [{host: 127.0.0.1, port: 1}]}
            sources:
              orders: {database: mz, key: [id]}
              nothing: {database: away}
            clients: {heartbeat: 2s, session-ttl: 10m}
            auth:
              mode: tokens
              tokens:
                - {token: admin-0123456789, principal: root, sources: ["*"], admin: true}
                - {token: viewer-0123456789, principal: ann, sources: [orders]}
            """
                .formatted(database.server().port(), MaterializeSimulator.CLUSTER));
    gateway =
        GatewayServer.start(ConfigurationReader.read(file, Map.of()), Optional.of(new Controls()));
  }

  @AfterEach
  void stop() {
    gateway.close();
    database.close();
  }

  private HttpResponse<String> get(String path, Optional<String> token) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path));
    token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** An answer that is as documented. */
  private JsonNode answer(String path, Optional<String> token) throws Exception {
    HttpResponse<String> response = get(path, token);
    JsonNode answer = new ObjectMapper().readTree(response.body());
    Schema schema = document.answerOf(path.replaceFirst("\\?.*", ""), response.statusCode());
    assertEquals(List.of(), schema.validate(answer), path + ": " + answer);
    return answer;
  }

  @Test
  void shouldHaveEveryRoute() {
    RegisteredRoutes registered = new RegisteredRoutes();
    Pages.route(
        registered.rules(),
        new StatusReport(List.of(), null, null),
        new PrometheusRegistry(),
        new Entrance(Authenticator.NOBODY_IS_ASKED),
        Optional.of(new Controls()));
    Set<String> routes = new TreeSet<>(registered.routes());
    routes.add("GET " + Gateway.PATH);
    Set<String> documented = new TreeSet<>();
    document
        .at("/paths")
        .properties()
        .forEach(path ->
            path.getValue()
                .properties()
                .forEach(operation ->
                    documented.add(
                        operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
    assertEquals(routes, documented);
  }

  @Test
  void shouldServeBothDocumentsToWhomItKnows() throws Exception {
    for (String path : List.of("/openapi", "/asyncapi.yaml")) {
      assertEquals(401, get(path, Optional.empty()).statusCode());
      HttpResponse<String> response = get(path, Optional.of(VIEWER));
      assertEquals(200, response.statusCode());
      assertEquals(
          "application/yaml", response.headers().firstValue("Content-Type").orElse("none"));
      byte[] expected = path.equals("/openapi") ? OpenApi.yaml() : AsyncApi.yaml();
      assertEquals(new String(expected, StandardCharsets.UTF_8), response.body());
    }
  }

  @Test
  void shouldDescribeRealAnswers() throws Exception {
    Optional<String> admin = Optional.of(ADMIN);
    try (TycostreamClient client =
        TycostreamClient.builder("http://127.0.0.1:" + gateway.port()).token(ADMIN).connect()) {
      client.subscribe("orders", new SubscriptionListener() {});
      client.subscribe("nothing", new SubscriptionListener() {}); // which waits
      leaveASessionBehind();
      Await.until(
          "a client with all its figures, and a session without one",
          PATIENCE,
          () -> {
            JsonNode clients = answer("/v1/clients", admin).get("clients");
            return any(clients, each -> each.path("state").asText().equals("detached"))
                && any(clients, each -> each.has("rttMs") && each.at("/subscriptions").size() == 2);
          });
      assertEquals(1, answer("/v1/clients?limit=1&search=root", admin).get("clients").size());
      Await.until(
          "a source that has rows, and one that cannot have any",
          PATIENCE,
          () -> {
            JsonNode sources = answer("/v1/sources", admin).get("sources");
            return any(sources, each -> each.has("position") && each.get("rows").asInt() == 1)
                && any(sources, each -> each.has("lastError"));
          });
      assertEquals(1, answer("/v1/sources", Optional.of(VIEWER)).get("sources").size());
      assertEquals("UP", answer("/health/live", Optional.empty()).get("status").asText());
      assertEquals("DOWN", answer("/health/ready", admin).get("status").asText());
      assertEquals(2, answer("/health/ready", admin).get("checks").size());
      assertEquals(0, answer("/health/ready", Optional.empty()).get("checks").size());
      assertEquals("running", answer("/demo", admin).get("database").asText());
      for (String path : List.of("/v1/sources", "/v1/clients", "/metrics", "/demo", "/openapi")) {
        assertTrue(answer(path, Optional.empty()).has("error"));
      }
      assertTrue(answer("/v1/clients", Optional.of(VIEWER)).has("error"));
      assertEquals(400, get("/v1/clients?limit=0", admin).statusCode());
    }
  }

  private static boolean any(JsonNode array, Predicate<JsonNode> condition) {
    return StreamSupport.stream(array.spliterator(), false).anyMatch(condition);
  }

  private void leaveASessionBehind() throws Exception {
    WebSocket socket =
        http.newWebSocketBuilder()
            .subprotocols("tycostream.v1.json")
            .buildAsync(
                URI.create("ws://127.0.0.1:" + gateway.port() + Gateway.PATH),
                new WebSocket.Listener() {})
            .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    socket
        .sendText("{\"type\":\"hello\",\"token\":\"" + ADMIN + "\",\"client\":\"left\"}", true)
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    Await.until(
        "it is greeted",
        PATIENCE,
        () ->
            any(
                answer("/v1/clients", Optional.of(ADMIN)).get("clients"),
                each -> each.path("client").asText().equals("left")));
    socket.abort();
  }

  @Test
  void shouldHaveEveryField() {
    Map<Class<?>, String> records =
        Map.of(
            StatusReport.Sources.class, "Sources",
            StatusReport.SourceStatus.class, "Source",
            StatusReport.PastState.class, "PastState",
            StatusReport.DatabaseHistory.class, "DatabaseHistory",
            StatusReport.Clients.class, "Clients",
            StatusReport.ClientStatus.class, "Client",
            StatusReport.Followed.class, "Subscription",
            StatusReport.Health.class, "Health",
            StatusReport.Check.class, "Check",
            StatusReport.CheckData.class, "CheckData");
    assertEquals(
        Arrays.stream(StatusReport.class.getDeclaredClasses())
            .filter(Class::isRecord)
            .collect(Collectors.toSet()),
        records.keySet());
    records.forEach((record, name) -> {
      JsonNode schema = document.at("/components/schemas/" + name);
      Set<String> fields = new TreeSet<>();
      Set<String> always = new TreeSet<>();
      for (RecordComponent each : record.getRecordComponents()) {
        fields.add(each.getName());
        if (!each.getType().getSimpleName().startsWith("Optional")) {
          always.add(each.getName());
        }
      }
      assertEquals(fields, names(schema.get("properties")), name);
      assertEquals(always, texts(schema.path("required")), name);
    });
  }

  @Test
  void shouldHaveAllWords() {
    assertWords(
        "SourceState", Arrays.stream(SourceCondition.values()).map(SourceCondition::wire).toList());
    assertWords(
        "PressureLevel", Arrays.stream(Pressure.Level.values()).map(Pressure.Level::wire).toList());
    assertWords(
        "ClientState",
        Arrays.stream(ConnectedClient.State.values())
            .map(each -> each.name().toLowerCase(Locale.ROOT))
            .toList());
  }

  private void assertWords(String schema, List<String> words) {
    assertEquals(
        new TreeSet<>(words), texts(document.at("/components/schemas/" + schema + "/enum")));
  }

  /** Every reference leads somewhere, and everything that can be referred to is. */
  @Test
  void shouldHangTogether() {
    Set<String> used = new HashSet<>();
    document.published().findValues("$ref").forEach(each -> used.add(each.textValue()));
    used.forEach(reference -> document.at(reference.substring(1)));
    for (String kind : List.of("schemas", "responses", "parameters")) {
      names(document.at("/components/" + kind))
          .forEach(name ->
              assertTrue(used.contains("#/components/" + kind + "/" + name), kind + " " + name));
    }
  }

  private static Set<String> names(JsonNode object) {
    return object.properties().stream()
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
