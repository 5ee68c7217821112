package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.ws.auth.StaticToken;
import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.app.e2e.ExampleProject.Program;
import io.tycostream.domain.session.Grant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipes of the Java client's documentation, {@code docs/examples/recipes}, each as a process
 * of its own at a real gateway. Their own tests have run when the project is built.
 */
class RecipesTest {

  private static final int KILLS = 3;
  private static final String TOKEN = "s3cr3t-0123456789";

  @TempDir private static Path folder;

  private static ExampleProject project;
  private static EmbeddedPostgres postgres;
  private static Trades trades;
  private static GatewayServer gateway;

  /** To be closed in the end, the last one first. */
  private static final List<AutoCloseable> STARTED = new ArrayList<>();

  @BeforeAll
  static void begin() throws Exception {
    project = ExampleProject.build("recipes", folder);
    postgres = EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
    STARTED.add(postgres);
    trades = new Trades(postgres.jdbcUrl());
    STARTED.add(trades);
    gateway = GatewayServer.start(configuration("main"), Optional.empty());
    STARTED.add(gateway);
  }

  @AfterAll
  static void end() throws Exception {
    for (AutoCloseable each : STARTED.reversed()) {
      each.close();
    }
  }

  private static Configuration configuration(String database) {
    return Configuration.onLoopback(
        0,
        Configuration.Database.onLoopback(
            database, postgres.port(), postgres.database(), postgres.user()),
        "trades");
  }

  private static Program recipe(String name, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of("-cp", "target/recipes.jar:target/lib/*", "com.example." + name));
    command.addAll(List.of(arguments));
    return project.java(command.toArray(String[]::new));
  }

  private static String url(GatewayServer of) {
    return "http://127.0.0.1:" + of.port();
  }

  @Test
  void shouldUseTheVersionsOfTheBuild() throws IOException {
    project.assertUsesTheVersionsOfTheBuild();
  }

  @Test
  void shouldHaveRunItsTests() throws IOException {
    String report =
        Files.readString(
            project.path().resolve("target/surefire-reports/TEST-com.example.TradesTest.xml"));
    assertTrue(
        report.contains("tests=\"2\" errors=\"0\" skipped=\"0\" failures=\"0\""), () -> report);
  }

  @Test
  void shouldPrintWhatHappensInPlainMain() throws Exception {
    try (Program program = recipe("PlainMain", url(gateway))) {
      program.await(" trades\n");
      program.await("\n+ id=" + trades.mark() + " symbol=MARK ");
      assertTrue(program.end().contains("\nOpen[endpoint="), program::output);
    }
  }

  @Test
  void shouldTellTheSubscriberInReactive() throws Exception {
    try (Program program = recipe("Reactive", url(gateway))) {
      program.await(" purchases\n");
      program.await("\n+ id=" + trades.mark() + " symbol=MARK price=1.0000\n");
      assertTrue(program.end().endsWith("\ncomplete\n"), program::output);
    }
  }

  @Test
  void shouldSayLargeTradesInAlerts() throws Exception {
    try (Program program = recipe("Alerts", url(gateway))) {
      program.await("\nwatching\n");
      for (int quantity : List.of(501, 500, 999)) {
        execute(
            postgres.jdbcUrl(),
            "INSERT INTO trades (symbol, side, price, quantity, executed_at) VALUES ('MARK', 'buy',"
                + " 1, "
                + quantity
                + ", clock_timestamp())");
      }
      program.await("\nlarge trade: 999 MARK\n");
      assertEquals("\nwatching\nlarge trade: 501 MARK\nlarge trade: 999 MARK\n", program.end());
    }
  }

  @Test
  void shouldAskForATokenAgainInTokenRefresh() throws Exception {
    Configuration open = configuration("other");
    Configuration asking =
        new Configuration(
            open.server(),
            open.databases(),
            open.sources(),
            open.clients(),
            new Configuration.Auth.Tokens(List.of(new StaticToken(TOKEN, Grant.EVERYTHING))),
            open.node());
    Path file = Files.writeString(folder.resolve("token"), "expired-0123456789\n");
    try (GatewayServer strict = GatewayServer.start(asking, Optional.empty());
        Program program = recipe("TokenRefresh", url(strict), file.toString())) {
      program.await("has not been renewed yet");
      assertTrue(program.output().contains("\nUnauthorized[code=4401,"), program::output);
      assertFalse(program.output().contains("\nOpen["), program::output);
      Files.writeString(file, TOKEN + "\n");
      program.await("\nOpen[");
      program.await(" trades\n");
      program.end();
    }
  }

  /** Killed at any moment, it has each change once and no change twice. */
  @Test
  void shouldStoreEachChangeOnceInWarehouse() throws Exception {
    execute(postgres.jdbcUrl(), "CREATE DATABASE warehouse");
    String warehouse = postgres.jdbcUrl().replace("/" + postgres.database() + "?", "/warehouse?");
    List<Long> marks = new ArrayList<>();
    for (int killed = 0; killed < KILLS; killed++) {
      try (Program program = recipe("Warehouse", url(gateway), warehouse)) {
        if (killed == 0) {
          program.await("\ncopied ");
        }
        marks.add(trades.mark());
        awaitIn(warehouse, marks.getLast());
        marks.add(trades.mark());
        program.kill(); // in the midst of whatever it does
      }
      marks.add(trades.mark());
    }
    try (Program program = recipe("Warehouse", url(gateway), warehouse)) {
      marks.add(trades.mark());
      awaitIn(warehouse, marks.getLast());
      trades.finish();
      marks.add(trades.mark());
      awaitIn(warehouse, marks.getLast());
      assertEquals("\n", program.end(), "no rows are copied again, and nothing is logged");
    }
    String rows = "SELECT id, symbol, price, quantity FROM trades ORDER BY id";
    assertEquals(lines(postgres.jdbcUrl(), rows), lines(warehouse, rows));
    assertEquals(
        marks.stream().map(mark -> mark + "|Inserted").toList(),
        lines(
            warehouse,
            "SELECT id, change FROM trade_changes WHERE id IN (%s) ORDER BY id"
                .formatted(marks.toString().replaceAll("[\\[\\]]", ""))));
    assertEquals(
        List.of(),
        lines(
            warehouse,
            "SELECT id, position FROM trade_changes GROUP BY id, position HAVING count(*) > 1"),
        "a change that was stored twice");
    assertEquals(
        List.of("1"), lines(warehouse, "SELECT count(*) FROM trade_changes WHERE id IS NULL"));
  }

  private static void awaitIn(String database, long id) throws Exception {
    Await.until(
        "trade " + id + " in the warehouse",
        ExampleProject.PATIENCE,
        () -> !lines(database, "SELECT 1 FROM trades WHERE id = " + id).isEmpty());
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Each row with its values between bars. */
  private static List<String> lines(String url, String query) {
    List<String> lines = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      while (result.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          values.add(result.getString(i));
        }
        lines.add(String.join("|", values));
      }
    } catch (SQLException e) {
      throw new AssertionError(query, e);
    }
    return lines;
  }
}
