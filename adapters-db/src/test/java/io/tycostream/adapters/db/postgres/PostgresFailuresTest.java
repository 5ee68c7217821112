package io.tycostream.adapters.db.postgres;

import static io.tycostream.domain.upstream.FailureKind.CREDENTIALS;
import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static io.tycostream.domain.upstream.FailureKind.RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.connection.FailureTable.Rule;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.io.EOFException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

class PostgresFailuresTest {

  /** What servers really say: SQLSTATE, message, detail (may be empty), what it means. */
  static Stream<Arguments> said() {
    return Stream.of(
        Arguments.of("55006", "replication slot \"s\" is active for PID 123", "", NETWORK),
        Arguments.of("55006", "database \"d\" is being accessed by other users", "", NETWORK),
        Arguments.of(
            "55000",
            "can no longer get changes from replication slot \"s\"",
            "This slot has been invalidated because it exceeded the maximum reserved size.",
            HISTORY_LOST),
        Arguments.of(
            "55000",
            "can no longer access replication slot \"s\"",
            "This replication slot has been invalidated due to \"wal_removed\".",
            HISTORY_LOST),
        Arguments.of("55000", "cannot read from logical replication slot \"s\"", "", HISTORY_LOST),
        Arguments.of("55000", "some slot", "It has been invalidated.", HISTORY_LOST),
        Arguments.of("55000", "replication slot \"s\" was not created in this database", "", QUERY),
        Arguments.of("55000", "logical decoding requires \"wal_level\" >= \"logical\"", "", QUERY),
        Arguments.of(
            "55000",
            "logical decoding on standby requires \"wal_level\" >= \"logical\" on the primary",
            "",
            QUERY),
        Arguments.of(
            "55000",
            "cannot use replication slot \"s\" for logical decoding",
            "This replication slot is being synchronized from the primary server.",
            QUERY),
        Arguments.of(
            "55000",
            "can no longer get changes from replication slot \"s\"",
            "This slot has been invalidated because it was conflicting with recovery.",
            HISTORY_LOST),
        Arguments.of("55000", "could not import the requested snapshot", "", NETWORK),
        Arguments.of("22023", "invalid snapshot identifier: \"x\"", "", NETWORK),
        Arguments.of("42704", "snapshot \"x\" does not exist", "", NETWORK),
        Arguments.of("42704", "replication slot \"s\" does not exist", "", HISTORY_LOST),
        Arguments.of("42704", "publication \"p\" does not exist", "", HISTORY_LOST),
        Arguments.of("42710", "publication \"p\" already exists", "", NETWORK),
        Arguments.of("42710", "replication slot \"s\" already exists", "", NETWORK),
        Arguments.of(
            "58P01", "requested WAL segment 00000001 has already been removed", "", NETWORK),
        Arguments.of("53400", "all replication slots are in use", "", RESOURCES),
        Arguments.of(
            "53300",
            "number of requested standby connections exceeds \"max_wal_senders\" (currently 10)",
            "",
            RESOURCES),
        Arguments.of("53300", "sorry, too many clients already", "", RESOURCES),
        Arguments.of("53200", "out of memory", "", RESOURCES),
        Arguments.of("58030", "could not read file", "", RESOURCES),
        Arguments.of("28000", "no pg_hba.conf entry for replication connection", "", CREDENTIALS),
        Arguments.of("28P01", "password authentication failed for user \"u\"", "", CREDENTIALS),
        Arguments.of(
            "08004", "The server requested a password, but none was given", "", CREDENTIALS),
        Arguments.of("08004", "The authentication type 7 is not supported", "", CREDENTIALS),
        Arguments.of("08004", "The server does not support SSL.", "", QUERY),
        Arguments.of("28000", "role \"u\" is not permitted to log in", "", CREDENTIALS),
        Arguments.of(
            "42501", "must be superuser or replication role to use replication slots", "", QUERY),
        Arguments.of("42501", "must be superuser or replication role to start", "", QUERY),
        Arguments.of("42501", "permission denied to start WAL sender", "", QUERY),
        Arguments.of("42501", "permission denied for table t", "", QUERY),
        Arguments.of("57P04", "database was dropped", "", QUERY),
        Arguments.of("57P01", "terminating connection due to administrator command", "", NETWORK),
        Arguments.of("57P02", "terminating connection because of crash", "", NETWORK),
        Arguments.of("57P03", "the database system is starting up", "", NETWORK),
        Arguments.of("57014", "canceling statement due to user request", "", NETWORK),
        Arguments.of("55P03", "canceling statement due to lock timeout", "", NETWORK),
        Arguments.of("40P01", "deadlock detected", "", NETWORK),
        Arguments.of("08006", "An I/O error occurred while sending to the backend.", "", NETWORK),
        Arguments.of("XX000", "cache lookup failed for relation 1", "", NETWORK),
        Arguments.of("3D000", "database \"d\" does not exist", "", QUERY),
        Arguments.of("42P01", "relation \"t\" does not exist", "", QUERY));
  }

  @ParameterizedTest
  @MethodSource("said")
  void shouldKnowWhatItMeans(String state, String message, String detail, FailureKind kind) {
    StreamException failure =
        PostgresFailures.TABLE.failure("db", "doing it", error(state, message, detail));
    assertEquals(kind, failure.failure().kind(), failure.getMessage());
    assertTrue(failure.getMessage().startsWith("db: doing it failed: "), failure.getMessage());
    assertTrue(failure.getMessage().contains("SQLSTATE " + state), failure.getMessage());
    assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
  }

  @Test
  void shouldTakeAnErrorWithoutAStateForTheConnectionsEnd() {
    // What pgjdbc says when the socket is reset while it closes a connection.
    SQLException error = new SQLException("Unable to close connection properly", "");
    assertEquals(NETWORK, PostgresFailures.TABLE.failure("db", "opening", error).failure().kind());
  }

  @Test
  void shouldHaveAnExampleThatReachesEachRow() {
    List<Rule> unreached = new ArrayList<>(PostgresFailures.TABLE.rules());
    said()
        .map(Arguments::get)
        .map(said -> {
          String text = (said[1] + ": " + said[2]).toLowerCase(Locale.ROOT);
          return PostgresFailures.TABLE.rules().stream()
              .filter(rule -> rule.fits((String) said[0], text))
              .findFirst();
        })
        .forEach(rule -> rule.ifPresent(unreached::remove));
    assertEquals(List.of(), unreached);
  }

  @Test
  void shouldTakeAnErrorWithoutStateForOneOfTheConnection() {
    SQLException error = new SQLException("The connection was lost.", new EOFException());
    StreamException failure = PostgresFailures.TABLE.failure("db", "reading", error);
    assertEquals(NETWORK, failure.failure().kind());
    assertEquals("db: reading failed: The connection was lost: EOFException", failure.getMessage());
    assertSame(error, failure.getCause());
    error = new SQLException("Broken", new IOException("pipe\n gone."));
    assertEquals(
        "db: reading failed: Broken: pipe gone",
        PostgresFailures.TABLE.failure("db", "reading", error).getMessage());
  }

  @Test
  void shouldSayWhatToDo() {
    String message =
        PostgresFailures.TABLE
            .failure("db", "starting", error("55000", "wal_level is too low", ""))
            .getMessage();
    assertTrue(
        message.endsWith("set wal_level = logical in postgresql.conf and restart the server"));
  }

  private static PSQLException error(String state, String message, String detail) {
    String fields = "SERROR\0C" + state + "\0M" + message + "\0";
    return new PSQLException(
        new ServerErrorMessage(detail.isEmpty() ? fields : fields + "D" + detail + "\0"));
  }
}
