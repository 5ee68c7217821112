package io.tycostream.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class EmbeddedPostgresTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private static EmbeddedPostgres started() {
    return EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults());
  }

  @Test
  void shouldAnswerQueriesOnLoopbackOnlyWithLogicalReplication() throws Exception {
    try (EmbeddedPostgres postgres = started()) {
      assertEquals("logical", query(postgres, "show wal_level"));
      assertEquals("127.0.0.1", query(postgres, "show listen_addresses"));
      assertEquals("UTF8", query(postgres, "show server_encoding"));
      assertEquals("off", query(postgres, "show fsync"));
      execute(postgres, "select pg_create_logical_replication_slot('slot', 'pgoutput')");
    }
  }

  @Test
  void shouldTakeSettingsOfTheCaller() throws Exception {
    EmbeddedPostgres.Options options =
        EmbeddedPostgres.Options.defaults().withFsync(true).withSetting("max_connections", "7");
    try (EmbeddedPostgres postgres = EmbeddedPostgres.start(options)) {
      assertEquals("on", query(postgres, "show fsync"));
      assertEquals("7", query(postgres, "show max_connections"));
    }
  }

  @Test
  void shouldSayWhatTheServerSaidWhenItDoesNotStart() {
    EmbeddedPostgres.Options options =
        EmbeddedPostgres.Options.defaults().withSetting("no_such_setting", "1");
    EmbeddedPostgresException failure =
        assertThrows(EmbeddedPostgresException.class, () -> EmbeddedPostgres.start(options));
    assertTrue(failure.getMessage().contains("no_such_setting"), failure.getMessage());
  }

  @Test
  void shouldKeepCommittedRowsOverACrash() throws Exception {
    try (EmbeddedPostgres postgres = started()) {
      execute(postgres, "create table t (n int)");
      execute(postgres, "insert into t select generate_series(1, 1000)");
      int port = postgres.port();

      postgres.kill();

      assertFalse(postgres.running());
      assertThrows(SQLException.class, () -> query(postgres, "select 1"));
      postgres.start();
      assertEquals(port, postgres.port());
      assertEquals("1000", query(postgres, "select count(*) from t"));
      assertTrue(postgres.logTail().contains("automatic recovery in progress"));
    }
  }

  @Test
  void shouldStopInOrderAndStartAgain() throws Exception {
    try (EmbeddedPostgres postgres = started();
        Connection bystander = DriverManager.getConnection(postgres.jdbcUrl())) {
      execute(postgres, "create table t as select 1 as n");

      postgres.stop();

      assertFalse(postgres.running());
      assertTrue(postgres.logTail().contains("database system is shut down"));
      assertFalse(bystander.isValid(1));
      postgres.stop();
      postgres.start();
      assertThrows(IllegalStateException.class, postgres::start);
      assertEquals("1", query(postgres, "select n from t"));
    }
  }

  @Test
  void shouldAnswerNothingWhilePaused() throws Exception {
    try (EmbeddedPostgres postgres = started();
        Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute("select 1");

      postgres.pause();

      CompletableFuture<Boolean> answer =
          CompletableFuture.supplyAsync(() -> {
            try {
              return statement.execute("select 2");
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          });
      assertThrows(TimeoutException.class, () -> answer.get(500, TimeUnit.MILLISECONDS));
      assertTrue(postgres.running());
      postgres.resume();
      assertTrue(answer.get(10, TimeUnit.SECONDS));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "paused", "killed", "stopped"})
  void shouldLeaveNothingBehindWhenClosed(String state) throws Exception {
    EmbeddedPostgres postgres = started();
    Path folder = postgres.folder();
    assertFalse(processesOf(folder).isEmpty());
    switch (state) {
      case "paused" -> postgres.pause();
      case "killed" -> postgres.kill();
      case "stopped" -> postgres.stop();
      default -> assertTrue(postgres.running());
    }

    postgres.close();
    postgres.close();

    assertFalse(Files.exists(folder));
    assertFalse(postgres.running());
    assertThrows(IllegalStateException.class, postgres::start);
    Await.until("processes gone", SOON, () -> processesOf(folder).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "paused"})
  void shouldLeaveNothingBehindWhenTheJvmIsKilled(String state) throws Exception {
    Process jvm = ChildJvm.start(Map.of(), state);
    try (BufferedReader out = jvm.inputReader()) {
      Path folder = Path.of(out.readLine());
      assertTrue(Files.isDirectory(folder));
      assertFalse(processesOf(folder).isEmpty());

      jvm.destroyForcibly();

      Await.until("folder removed", SOON, () -> !Files.exists(folder));
      Await.until("processes gone", SOON, () -> processesOf(folder).isEmpty());
    } finally {
      jvm.destroyForcibly();
    }
  }

  @Test
  void shouldRunSeveralServersAtOnce() throws Exception {
    try (EmbeddedPostgres one = started();
        EmbeddedPostgres two = started()) {
      execute(one, "create table here (n int)");
      assertEquals("1", query(one, "select count(*) from pg_class where relname = 'here'"));
      assertEquals("0", query(two, "select count(*) from pg_class where relname = 'here'"));
    }
  }

  /** The server, its guardian: all whose command line names the folder. */
  private static List<Long> processesOf(Path folder) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains(folder.toString()))
        .map(ProcessHandle::pid)
        .toList();
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(postgres.jdbcUrl());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
