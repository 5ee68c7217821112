package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.session.BufferTerms;
import io.tycostream.domain.session.SessionSettings;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationReaderTest {

  private static final String FULL =
      """
      server:
        host: 0.0.0.0
        port: 0
        allowed-origins: ["https://app.example.org", "http://localhost:3000"]
      databases:
        main:
          type: postgres
          endpoints:
            - {host: db.example.org, port: 5433, database: trading, role: primary, region: eu}
            - {host: standby.example.org, region: us}
          user: reader
          password: ${DB_PASSWORD}
          ssl-mode: verify-full
          connect-timeout: 5s
          query-timeout: 1m
          heartbeat: {interval: 500ms, timeout: 5s}
          retry: {initial-delay: 1s, max-delay: 1s, factor: 1.5, jitter: 0, max-retries: 7}
          alert-after: 1h
          pool: {max-size: 7}
          max-slot-wal: unlimited
          slot: slot_1
          publication: Our publication
          history-id: after-restore_2
      sources:
        trades:
          database: main
          relation: sales.trades
          key: [id, "day"]
          history: {max-events: 10, max-age: 10s, max-bytes: 1MiB}
          cache: {max-rows: 20, max-bytes: 1GiB}
        books:
          database: main
          relation: books
      clients:
        max-connections: 5
        max-subscriptions: 6
        max-message: 8KiB
        requests-per-second: 9
        session-ttl: 1m
        buffer: {max-size: 70, limit: 80, drop-policy: by-age, warn-threshold: 0.5, disconnect-threshold: 0.75, sustained-for: 8s}
        socket-send-buffer: 32KiB
        hello-timeout: 2s
        heartbeat: 3s
        request-queue: {max-size: 7, timeout: 4s}
      auth:
        mode: none
        tokens: []
      resume-secret: ${RESUME_SECRET}
      node: eu-1
      """;

  @Test
  void shouldReadEveryKey() throws ConfigurationException {
    Configuration configuration =
        Yaml.read(FULL, Map.of("DB_PASSWORD", "${x} # 'y'", "RESUME_SECRET", "0123456789abcdef"));

    assertEquals("eu-1", configuration.node());
    assertEquals(
        new Configuration.Server(
            "0.0.0.0",
            0,
            Set.of("https://app.example.org", "http://localhost:3000"),
            Optional.empty()),
        configuration.server());
    assertEquals(
        new Configuration.Clients(
            new ClientLimits(
                5,
                6,
                8 << 10,
                ClientLimits.DEFAULT.maxMessage(),
                9,
                7,
                Duration.ofSeconds(4),
                new BufferTerms(
                    new Buffer(70, DropPolicy.BY_AGE, 0.5, 0.75, Duration.ofSeconds(10), 10),
                    80,
                    Duration.ofMinutes(10)),
                Duration.ofSeconds(8),
                new SessionSettings(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(2),
                    Duration.ofMinutes(1))),
            32 << 10,
            Optional.of("0123456789abcdef")),
        configuration.clients());
    assertEquals(
        List.of(
            new Configuration.StreamedTable(
                "books",
                "main",
                "public.books",
                Optional.empty(),
                Optional.empty(),
                SourceLimits.DEFAULT),
            new Configuration.StreamedTable(
                "trades",
                "main",
                "sales.trades",
                Optional.of(List.of("id", "day")),
                Optional.empty(),
                new SourceLimits(
                    new HistoryLimits(10, Duration.ofSeconds(10), 1 << 20), 20, 1 << 30))),
        configuration.sources());
    Configuration.Database main = configuration.databases().getFirst();
    Backoff backoff = main.upstream().backoff();
    assertEquals(
        new Configuration.Database(
            "main",
            new Configuration.Product.Postgres("slot_1", "Our publication", OptionalLong.empty()),
            List.of(
                new Configuration.Endpoint("db.example.org", 5433, "trading", false, "eu"),
                new Configuration.Endpoint("standby.example.org", 5432, "postgres", false, "us")),
            "reader",
            "${x} # 'y'",
            "verify-full",
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofMillis(500),
            7,
            new UpstreamSettings(
                backoff,
                OptionalInt.of(7),
                Duration.ofSeconds(65),
                Duration.ofSeconds(65),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofHours(1),
                UpstreamSettings.DEFAULT.slowRetry()),
            "after-restore_2"),
        main);
    assertEquals(Duration.ofSeconds(1), backoff.delay(0, 0));
    assertEquals(Duration.ofSeconds(1), backoff.delay(9, 0.9));
  }

  @Test
  void shouldFallBackToDefaults() {
    Configuration configuration = Yaml.read(Yaml.MINIMAL);

    assertEquals("main", configuration.node());
    assertEquals(
        new Configuration.Server("127.0.0.1", 8080, Set.of(), Optional.empty()),
        configuration.server());
    assertEquals(
        new Configuration.Clients(ClientLimits.DEFAULT, 64 << 10, Optional.empty()),
        configuration.clients());
    assertEquals(
        List.of(
            new Configuration.StreamedTable(
                "trades",
                "main",
                "public.trades",
                Optional.empty(),
                Optional.empty(),
                SourceLimits.DEFAULT)),
        configuration.sources());
    Configuration.Database main = configuration.databases().getFirst();
    assertEquals(
        new Configuration.Database(
            "main",
            new Configuration.Product.Postgres(
                "tycostream_main", "tycostream", OptionalLong.of(10L << 30)),
            List.of(new Configuration.Endpoint("localhost", 5432, "postgres", false, "")),
            "postgres",
            "",
            "prefer",
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            4,
            withBackoffOf(main, UpstreamSettings.DEFAULT),
            ""),
        main);
    assertSameBackoff(Backoff.DATABASE, main.upstream().backoff());
  }

  /** The database's own beat does not become faster with ours. */
  @Test
  void shouldTakeFiveHeartbeatsOfSilenceForAStallAndFiveSecondsAtLeast() {
    for (String interval : List.of("100ms", "1s", "3s")) {
      Configuration.Database main =
          Yaml.read(
                  """
                  databases:
                    main:
                      heartbeat: {interval: %s}
                  sources:
                    trades:
                  """
                      .formatted(interval))
              .databases()
              .getFirst();
      assertEquals(
          Duration.ofSeconds(interval.equals("3s") ? 15 : 5), main.upstream().stallAfter());
    }
  }

  @Test
  void shouldKnowWhatEachDatabaseUsuallyIs() {
    Configuration configuration =
        Yaml.read(
            """
            databases:
              m: {type: materialize, cluster: quickstart}
              n: {type: materialize, endpoints: [{host: h}]}
              r: {type: risingwave}
            sources:
              a: {database: m, key: []}
              b: {database: n, key: [id]}
              c-1: {database: r}
              d: {database: r, subscription: s, create: true}
            """);
    List<Configuration.Database> databases = configuration.databases();
    assertEquals(
        List.of(
            new Configuration.Product.Materialize(Optional.of("quickstart")),
            new Configuration.Product.Materialize(Optional.empty()),
            new Configuration.Product.RisingWave()),
        databases.stream().map(Configuration.Database::product).toList());
    assertEquals(
        List.of("materialize", "materialize", "root"),
        databases.stream().map(Configuration.Database::user).toList());
    assertEquals(
        List.of(
            new Configuration.Endpoint("localhost", 6875, "materialize", false, ""),
            new Configuration.Endpoint("h", 6875, "materialize", false, ""),
            new Configuration.Endpoint("localhost", 4566, "dev", false, "")),
        databases.stream().map(database -> database.endpoints().getFirst()).toList());
    assertEquals(
        List.of(
            Optional.empty(),
            Optional.empty(),
            Optional.of(new Configuration.Subscription("tycostream_c_1", false)),
            Optional.of(new Configuration.Subscription("s", true))),
        configuration.sources().stream().map(source -> source.subscription()).toList());
    assertEquals(Optional.of(List.of()), configuration.sources().getFirst().key());
  }

  @Test
  void shouldNameTheSlotAfterTheNodeWithTheLettersThatASlotMayHave() {
    Configuration configuration = Yaml.read(Yaml.MINIMAL + "node: EU-1\n");
    assertEquals(
        new Configuration.Product.Postgres(
            "tycostream_eu_1", "tycostream", OptionalLong.of(10L << 30)),
        configuration.databases().getFirst().product());
  }

  /** So that its comments may say "default". */
  @Test
  void shouldReadTheSampleAsTheDefaults() throws ConfigurationException {
    Configuration sample =
        ConfigurationReader.read(Path.of("..", "docs", "examples", "tycostream.yaml"), Map.of());
    Configuration defaults = Yaml.read(Yaml.MINIMAL);
    assertEquals(defaults.node(), sample.node());
    assertEquals(defaults.server(), sample.server());
    assertEquals(defaults.clients(), sample.clients());
    assertEquals(defaults.sources(), sample.sources());
    Configuration.Database expected = defaults.databases().getFirst();
    Configuration.Database actual = sample.databases().getFirst();
    assertSameBackoff(expected.upstream().backoff(), actual.upstream().backoff());
    assertEquals(withBackoffOf(actual, expected.upstream()), actual.upstream());
    assertEquals(expected.toString(), actual.toString());
    assertEquals(
        List.of(expected.sslMode(), expected.product(), expected.historyId()),
        List.of(actual.sslMode(), actual.product(), actual.historyId()));
    assertEquals(
        List.of(expected.connectTimeout(), expected.queryTimeout(), expected.heartbeat()),
        List.of(actual.connectTimeout(), actual.queryTimeout(), actual.heartbeat()));
  }

  @Test
  void shouldNotShowThePassword() {
    String password = "s3cr3t";
    Configuration configuration =
        Yaml.read("databases: {main: {password: s3cr3t}}\nsources: {trades: }\n");
    assertEquals(password, configuration.databases().getFirst().password());
    assertFalse(configuration.toString().contains(password));
  }

  @Test
  void shouldMergeWhatAnAliasNames() {
    Configuration configuration =
        Yaml.read(
            """
            databases:
              a: &usual {slot: one, user: reader}
              b: {<<: *usual, slot: two}
            sources: {t: {database: a}, u: {database: b}}
            """);
    assertEquals("reader", configuration.databases().getLast().user());
    assertEquals(
        new Configuration.Product.Postgres("two", "tycostream", OptionalLong.of(10L << 30)),
        configuration.databases().getLast().product());
  }

  @Test
  void shouldSayWhatIsWrongWithTheFileItself(@TempDir Path folder) throws Exception {
    Path missing = folder.resolve("missing.yaml");
    assertEquals(List.of("there is no such file"), refused(missing));
    assertEquals(List.of("it is a folder; name the file in it"), refused(folder));
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', (byte) 0xff});
    assertEquals(List.of("it is not text in UTF-8; save it as that"), refused(latin));
    Path empty =
        Files.write(folder.resolve("empty.yaml"), "# nothing".getBytes(StandardCharsets.UTF_8));
    assertEquals(
        List.of(
            "databases has no database; at least one is needed",
            "sources has no source; at least one is needed"),
        refused(empty));
  }

  private static List<String> refused(Path file) {
    ConfigurationException refusal =
        assertThrows(ConfigurationException.class, () -> ConfigurationReader.read(file, Map.of()));
    assertEquals(
        file + " cannot be used:\n  " + String.join("\n  ", refusal.mistakes()),
        refusal.getMessage());
    return refusal.mistakes();
  }

  /** A backoff equals only itself. */
  private static UpstreamSettings withBackoffOf(
      Configuration.Database database, UpstreamSettings settings) {
    return new UpstreamSettings(
        database.upstream().backoff(),
        settings.maxRetries(),
        settings.openLimit(),
        settings.readLimit(),
        settings.silenceLimit(),
        settings.stallAfter(),
        settings.alertAfter(),
        settings.slowRetry());
  }

  private static void assertSameBackoff(Backoff expected, Backoff actual) {
    for (int attempt = 0; attempt < 12; attempt++) {
      assertEquals(expected.delay(attempt, 0), actual.delay(attempt, 0));
      assertEquals(expected.delay(attempt, 0.99), actual.delay(attempt, 0.99));
    }
  }
}
