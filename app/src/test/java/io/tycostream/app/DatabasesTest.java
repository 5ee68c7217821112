package io.tycostream.app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.config.ConfigurationReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabasesTest {

  @TempDir private Path folder;

  /** The settings check themselves too: what the reader accepts at its widest, they have to. */
  @Test
  void shouldTakeTheLongestNamesThatAConfigurationMayHave() throws Exception {
    String node = "N-".repeat(25);
    String historyId = "h".repeat(40);
    Configuration configuration =
        read(
            """
            node: %s
            databases:
              a: {history-id: %s, heartbeat: {interval: 1ms, timeout: 500h}, query-timeout: 500h}
              b: {slot: %s, publication: %s}
            sources:
              t: {database: a, key: [x, y]}
              u: {database: b, relation: a.b.c}
              v: {database: a, relation: s.v}
            """
                .formatted(node, historyId, "s".repeat(63), "p".repeat(63)));
    Configuration.Database a = configuration.databases().getFirst();

    assertEquals(
        List.of(
            new PostgresSettings(
                new ConnectionSettings(
                    new DatabaseEndpoint("PostgreSQL", "localhost", 5432, "postgres", false, ""),
                    "postgres",
                    "",
                    "prefer",
                    Duration.ofSeconds(10),
                    Duration.ofHours(500),
                    Duration.ofMillis(1),
                    Duration.ofHours(500),
                    4,
                    "tycostream " + node),
                "tycostream_" + "n_".repeat(25),
                "tycostream",
                OptionalLong.of(10L << 30),
                historyId)),
        settings(a, configuration));
    assertEquals(
        List.of(
            new PostgresTable("t", "public.t", Optional.of(List.of("x", "y"))),
            new PostgresTable("v", "s.v", Optional.empty())),
        Databases.tables(a, configuration));
    Configuration.Database b = configuration.databases().getLast();
    assertEquals("s".repeat(63), settings(b, configuration).getFirst().slot());
    assertEquals(
        List.of(new PostgresTable("u", "a.b.c", Optional.empty())),
        Databases.tables(b, configuration));
  }

  private static List<PostgresSettings> settings(
      Configuration.Database database, Configuration configuration) {
    return Databases.settings(
        database, (Configuration.Product.Postgres) database.product(), configuration.node());
  }

  private Configuration read(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("tycostream.yaml"), yaml);
    return ConfigurationReader.read(file, Map.of());
  }
}
