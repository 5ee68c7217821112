package io.tycostream.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tycostream.app.config.ConfigurationReader;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of a gateway whose database goes away and comes back. */
class OperatorFiguresTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Every name of the contract with its labels in order, and those that are more. */
  private static final Set<String> NAMES =
      Set.of(
          "tycostream_source_state{source,state}",
          "tycostream_source_rows{source}",
          "tycostream_source_changes_total{source}",
          "tycostream_source_lag_seconds{source}",
          "tycostream_source_last_progress_seconds{source}",
          "tycostream_source_snapshot_duration_seconds{source}",
          "tycostream_source_cache_bytes{source}",
          "tycostream_source_history_events{source}",
          "tycostream_source_history_seconds{source}",
          "tycostream_db_reconnects_total{reason,source}",
          "tycostream_db_errors_total{database,kind}",
          "tycostream_db_disconnected_seconds{database}",
          "tycostream_db_resumes_total{database,result}",
          "tycostream_db_alert{database}",
          "tycostream_db_circuit_state{database,endpoint,region,role}");

  /** Those that are there where the database tells how long it keeps what was missed. */
  private static final Set<String> OPTIONAL_NAMES =
      Set.of(
          "tycostream_source_database_history_seconds{source}",
          "tycostream_db_history_bytes{database}");

  @TempDir private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();
  private int port;

  @Test
  void shouldTellOfEverySourceAndOfAnOutageWhileItLastsAndAfter() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults())) {
      execute(
          postgres,
          "CREATE TABLE books (id int PRIMARY KEY)",
          "CREATE TABLE loans (id int PRIMARY KEY)",
          "INSERT INTO books VALUES (1), (2)");
      String endpoint =
          "PostgreSQL localhost:" + postgres.port() + "/" + postgres.database() + " (eu)";
      try (GatewayServer gateway =
          GatewayServer.start(
              ConfigurationReader.read(configuration(postgres), Map.of()), Optional.empty())) {
        port = gateway.port();
        Await.until("live", PATIENCE, () -> state("books").equals("live"));
        execute(postgres, "INSERT INTO books VALUES (3)");
        Await.until("3 rows", PATIENCE, () -> figure("tycostream_source_rows", "books") == 3);

        assertNamesAreThoseOfTheContract();
        assertEquals(1, figure("tycostream_source_changes_total", "books"));
        assertEquals(1, figure("tycostream_source_history_events", "books"));
        assertEquals(0, figure("tycostream_db_disconnected_seconds", "main"));
        assertEquals(0, figure("tycostream_db_alert", "main"));
        assertEquals(0, figure("tycostream_db_circuit_state", "main", endpoint, "primary", "eu"));
        assertEquals(0, figure("tycostream_db_reconnects_total", "books", "network"));
        JsonNode before = source("books");
        assertFalse(before.has("lastError"), before::toString);
        assertEquals(endpoint, before.get("endpoint").textValue());
        assertEquals("main", before.get("database").textValue());
        assertTrue(before.get("snapshotMs").longValue() >= 0, before::toString);

        postgres.stop();
        Await.until("an alert", PATIENCE, () -> figure("tycostream_db_alert", "main") == 1);
        JsonNode away = source("books");
        assertEquals("reconnecting", away.get("state").textValue());
        assertTrue(away.has("alertSince"), away::toString);
        assertTrue(away.get("lastError").textValue().contains(endpoint), away::toString);
        assertTrue(away.get("reconnects").longValue() > 0, away::toString);
        assertTrue(figure("tycostream_db_disconnected_seconds", "main") >= 1);
        assertTrue(figure("tycostream_db_errors_total", "main", "network") > 0);
        for (String each : List.of("books", "loans")) {
          assertTrue(figure("tycostream_db_reconnects_total", each, "network") > 0, each);
          assertTrue(figure("tycostream_source_lag_seconds", each) >= 1, each);
        }
        assertEquals(3, figure("tycostream_source_rows", "books"), "the rows are there meanwhile");

        postgres.start();
        Await.until("live again", PATIENCE, () -> state("books").equals("live"));
        assertEquals(0, figure("tycostream_db_disconnected_seconds", "main"));
        Await.until(
            "a stream that lasts", PATIENCE, () -> figure("tycostream_db_alert", "main") == 0);
        assertEquals(1, figure("tycostream_db_resumes_total", "main", "exact"));
        assertEquals(0, figure("tycostream_db_resumes_total", "main", "resync"));
        JsonNode after = source("books");
        assertFalse(after.has("alertSince"), after::toString);
        assertFalse(after.has("reason"), after::toString);
        assertTrue(after.get("lastError").textValue().contains(endpoint), "it is not forgotten");
        assertEquals(
            List.of("connecting", "snapshotting", "live", "reconnecting", "live"),
            StreamSupport.stream(after.get("states").spliterator(), false)
                .map(each -> each.get("state").textValue())
                .filter(each -> !each.equals("catching-up")) // for a moment, if it has to
                .toList());
      }
    }
  }

  @Test
  void shouldFailASourceThatOutgrowsALimitAloneAndWithFigures() throws Exception {
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults())) {
      execute(
          postgres,
          "CREATE TABLE few (id int PRIMARY KEY)",
          "CREATE TABLE light (id int PRIMARY KEY, note text)",
          "CREATE TABLE waiting (id int PRIMARY KEY, note text)",
          "CREATE TABLE others (id int PRIMARY KEY)",
          "INSERT INTO few VALUES (1), (2), (3)");
      String sources =
          """
            few: {database: main, cache: {max-rows: 3}}
            light: {database: main, cache: {max-bytes: 4MiB}}
            waiting: {database: main, cache: {max-bytes: 4MiB}}
            others: {database: main}
          """;
      try (GatewayServer gateway =
          GatewayServer.start(
              ConfigurationReader.read(configuration(postgres, sources), Map.of()),
              Optional.empty())) {
        port = gateway.port();
        Await.until("live", PATIENCE, () -> state("few").equals("live"));

        execute(postgres, "INSERT INTO few VALUES (4)");
        awaitOutgrown("few");
        assertEquals(3, figure("tycostream_source_rows", "few"), "what there was stays");

        for (int id = 1; id <= 6; id++) {
          execute(postgres, "INSERT INTO light VALUES (" + id + ", repeat('x', 1000000))");
        }
        awaitOutgrown("light");

        // One transaction whose rows come and go again: it is too large before it can be applied.
        execute(
            postgres,
            "BEGIN",
            "INSERT INTO waiting SELECT i, repeat('x', 1000000) FROM generate_series(1, 8) i",
            "DELETE FROM waiting",
            "COMMIT");
        awaitOutgrown("waiting");

        execute(postgres, "INSERT INTO others VALUES (1)");
        Await.until(
            "the others go on", PATIENCE, () -> figure("tycostream_source_rows", "others") == 1);
        assertEquals("live", state("others"));
      }
    }
  }

  private void awaitOutgrown(String source) throws Exception {
    Await.until(source + " has failed", PATIENCE, () -> state(source).equals("failed"));
    JsonNode failed = source(source);
    assertTrue(failed.get("reason").textValue().contains("cache.max-rows"), failed::toString);
    assertTrue(failed.get("reason").textValue().matches(".*\\d.*bytes.*"), failed::toString);
    assertEquals(failed.get("reason"), failed.get("lastError"));
    assertEquals(1, figure("tycostream_source_state", source, "failed"));
  }

  private void assertNamesAreThoseOfTheContract() throws Exception {
    Set<String> names = new TreeSet<>();
    for (String sample : samples().keySet()) {
      int brace = sample.indexOf('{');
      String name = brace < 0 ? sample : sample.substring(0, brace);
      if (name.startsWith("tycostream_source_") || name.startsWith("tycostream_db_")) {
        String labels =
            Arrays.stream(sample.substring(brace + 1).split("\",|\"}"))
                .map(label -> label.substring(0, label.indexOf('=')))
                .collect(Collectors.joining(","));
        names.add(name + "{" + labels + "}");
      }
    }
    names.removeAll(OPTIONAL_NAMES);
    assertEquals(new TreeSet<>(NAMES), names);
  }

  private String state(String source) throws Exception {
    return source(source).get("state").textValue();
  }

  private JsonNode source(String name) throws Exception {
    for (JsonNode each : new ObjectMapper().readTree(get("/v1/sources")).get("sources")) {
      if (each.get("name").textValue().equals(name)) {
        return each;
      }
    }
    throw new AssertionError("no source " + name);
  }

  /** The value of the sample with these values of its labels; NaN while there is none. */
  private double figure(String name, String... values) throws Exception {
    return samples().entrySet().stream()
        .filter(each -> each.getKey().startsWith(name + "{"))
        .filter(each ->
            Arrays.stream(each.getKey().split("\""))
                .collect(Collectors.toList())
                .containsAll(List.of(values)))
        .mapToDouble(Map.Entry::getValue)
        .findFirst()
        .orElse(Double.NaN);
  }

  private Map<String, Double> samples() throws Exception {
    Map<String, Double> samples = new TreeMap<>();
    for (String line : get("/metrics").lines().toList()) {
      int blank = line.lastIndexOf(' ');
      if (!line.startsWith("#") && blank > 0) {
        samples.put(line.substring(0, blank), Double.valueOf(line.substring(blank + 1)));
      }
    }
    return samples;
  }

  private String get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private Path configuration(EmbeddedPostgres postgres) throws IOException {
    return configuration(
        postgres,
        """
          books: {database: main}
          loans: {database: main}
        """);
  }

  private Path configuration(EmbeddedPostgres postgres, String sources) throws IOException {
    return Files.writeString(
        folder.resolve("tycostream.yaml"),
        """
        server: {port: 0}
        databases:
          main:
            type: postgres
            endpoints: [{host: localhost, port: %d, database: %s, region: eu}]
            user: %s
            ssl-mode: disable
            alert-after: 1s
            retry: {initial-delay: 50ms, max-delay: 200ms}
        sources:
        %s
        """
            .formatted(postgres.port(), postgres.database(), postgres.user(), sources));
  }

  private static void execute(EmbeddedPostgres postgres, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }
}
