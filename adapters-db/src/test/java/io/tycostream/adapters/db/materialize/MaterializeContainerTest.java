package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.source.Terms;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** Against a real Materialize, where there is Docker. */
@Testcontainers(disabledWithoutDocker = true)
class MaterializeContainerTest {

  private static final int PORT = 6875;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Container
  private static final GenericContainer<?> SERVER =
      new GenericContainer<>(DockerImageName.parse("materialize/materialized:latest"))
          .withExposedPorts(PORT)
          .waitingFor(Wait.forListeningPort().withStartupTimeout(Duration.ofMinutes(3)));

  private static MaterializeSettings settings() {
    return new MaterializeSettings(
        new ConnectionSettings(
            new DatabaseEndpoint(
                "Materialize",
                SERVER.getHost(),
                SERVER.getMappedPort(PORT),
                "materialize",
                false,
                ""),
            "materialize",
            "",
            "disable",
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofSeconds(15),
            2,
            "tycostream test"),
        Optional.empty(),
        "");
  }

  private static Connection connection() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://%s:%d/materialize?user=materialize&preferQueryMode=simple"
            .formatted(SERVER.getHost(), SERVER.getMappedPort(PORT)));
  }

  private static void execute(String... statements) throws SQLException {
    try (Connection connection = connection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static Set<Row> selected() throws SQLException {
    Set<Row> rows = new HashSet<>();
    try (Connection connection = connection();
        Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery("SELECT id, note FROM orders")) {
      while (answer.next()) {
        rows.add(Row.of(answer.getString(1), answer.getString(2)));
      }
    }
    return rows;
  }

  @Test
  void followsATableAndResumesBehindWhatIsComplete() throws Exception {
    execute(
        "CREATE TABLE orders (id int, note text)", "INSERT INTO orders VALUES (1, 'a'), (2, NULL)");
    boolean retained = retainHistory();
    MaterializeRelation relation =
        new MaterializeRelation("t", "public.orders", List.of("id"), Duration.ofSeconds(1));
    MaterializeSource changes = new MaterializeSource(List.of(settings()), relation);
    Source source = new Source("t", SourceLimits.DEFAULT, NOW);
    Intake intake = new Intake(List.of(source), NOW);
    try (ChangeStream stream = changes.open(0, true, intake)) {
      follow(stream, intake, source, selected());
      execute(
          "UPDATE orders SET note = 'tab\there' WHERE id = 1", "DELETE FROM orders WHERE id = 2");
      follow(stream, intake, source, selected());
    }
    assertTrue(changes.probe(0).isPresent());
    assertEquals(List.of(), MaterializeCheck.run(settings(), List.of(relation)).problems());
    assumeTrue(retained, "without retention a second is too long to resume");
    execute("INSERT INTO orders VALUES (3, 'while nobody listened')");
    intake.beginStream(false);
    try (ChangeStream stream = changes.open(0, false, intake)) {
      follow(stream, intake, source, selected());
    }
  }

  /** A private preview, which a server may have switched off. */
  private static boolean retainHistory() {
    try {
      execute("ALTER TABLE orders SET (RETAIN HISTORY FOR '1h')");
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  private static void follow(ChangeStream stream, Intake intake, Source source, Set<Row> expected)
      throws StreamException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!rows(source).equals(expected)) {
      assertTrue(System.nanoTime() < deadline, () -> rows(source) + " is not " + expected);
      stream.poll(intake);
    }
  }

  /** What a client that comes now would get. */
  private static Set<Row> rows(Source source) {
    try (Cursor cursor =
        new Cursor(source, Terms.whole(Optional.empty()), NOW, PATIENCE, () -> {})) {
      for (Delivery next = cursor.next(NOW);
          !(next instanceof Delivery.Nothing);
          next = cursor.next(NOW)) {
        if (next instanceof Delivery.Everything all) {
          return new HashSet<>(all.snapshot().rows());
        }
      }
      return Set.of();
    }
  }
}
