package io.tycostream.benchmarks;

import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.postgres.PostgresSettings;
import io.tycostream.adapters.db.postgres.PostgresSource;
import io.tycostream.adapters.db.postgres.PostgresTable;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.benchmarks.Recoveries.Fault;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * {@link Recoveries} of a real PostgreSQL, which is cut off (its walsender is terminated) and
 * killed, with the default settings.
 */
public final class PostgresRecovery {

  private PostgresRecovery() {}

  /**
   * Measures and prints a table.
   *
   * @param args rounds of each fault, default 15
   */
  public static void main(String[] args) throws Exception {
    Recoveries recoveries =
        new Recoveries(args.length > 0 ? Integer.parseInt(args[0]) : 15, Duration.ofMillis(500));
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults())) {
      execute(postgres, "CREATE TABLE ticks (id int4 PRIMARY KEY)");
      recoveries.measure(
          source(postgres),
          id -> execute(postgres, "INSERT INTO ticks VALUES (" + id + ")"),
          List.of(
              new Fault(
                  "cut off",
                  () ->
                      execute(
                          postgres,
                          "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots"
                              + " WHERE active"),
                  () -> {}),
              new Fault(
                  "killed and started again",
                  recoveries.noticed(postgres::kill, Duration.ZERO),
                  postgres::start)));
    }
    System.exit(0);
  }

  private static PostgresSource source(EmbeddedPostgres postgres) {
    DatabaseEndpoint endpoint =
        new DatabaseEndpoint(
            "PostgreSQL", postgres.host(), postgres.port(), postgres.database(), false, "");
    PostgresSettings settings =
        new PostgresSettings(
            Recoveries.connection(endpoint, postgres.user()),
            "recovery",
            "tycostream",
            OptionalLong.empty(),
            "");
    return new PostgresSource(
        settings, List.of(new PostgresTable("ticks", "public.ticks", Optional.empty())));
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
