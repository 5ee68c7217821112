package io.tycostream.adapters.db.materialize;

import static io.tycostream.domain.upstream.FailureKind.CREDENTIALS;
import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static io.tycostream.domain.upstream.FailureKind.RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.connection.FailureTable.Rule;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
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

class MaterializeFailuresTest {

  /** What servers of both generations say: SQLSTATE, message, what it means. */
  static Stream<Arguments> said() {
    return Stream.of(
        Arguments.of("22000", "could not find a valid timestamp for the query", HISTORY_LOST),
        Arguments.of(
            "XX000", "Timestamp (5) is not valid for all inputs: [(Storage…)]", HISTORY_LOST),
        Arguments.of(
            "22000",
            "subscription lower bound (`AS OF`) is greater than its upper bound (`UP TO`): 10 > 5",
            QUERY),
        Arguments.of("42704", "relation 'materialize.public.t' was dropped", HISTORY_LOST),
        Arguments.of(
            "XX000",
            "subscribe has been terminated because underlying relation \"materialize.public.t\""
                + " was dropped",
            HISTORY_LOST),
        Arguments.of(
            "XX000",
            "query could not complete because relation \"materialize.public.t\" was dropped",
            HISTORY_LOST),
        // Of a replica, which comes back or is another one: nothing of the relation is gone.
        Arguments.of("XX000", "target replica failed or was dropped", RESOURCES),
        Arguments.of("42704", "cluster 'foo' was dropped", QUERY),
        Arguments.of(
            "XX000",
            "subscribe has been terminated because underlying cluster \"foo\" was dropped",
            QUERY),
        Arguments.of("25000", "the transaction's active cluster has been dropped", QUERY),
        Arguments.of("XX000", "unknown catalog item 'foo'", QUERY),
        Arguments.of("XX000", "invalid id u9", QUERY),
        Arguments.of("42P01", "relation \"t\" does not exist", QUERY),
        Arguments.of("3F000", "unknown schema 's'", QUERY),
        Arguments.of("42501", "permission denied for MATERIALIZED VIEW \"t\"", QUERY),
        Arguments.of(
            "0A000", "CLUSTER \"c\" has no replicas available to service request", RESOURCES),
        Arguments.of("0A000", "something is not supported", QUERY),
        Arguments.of("XX000", "Evaluation error: division by zero", QUERY),
        Arguments.of(
            "53200",
            "SUBSCRIBE fell behind: the client did not read results fast enough, so its backlog"
                + " reached 129 MiB, exceeding the 128 MiB budget",
            RESOURCES),
        Arguments.of(
            "53000",
            "creating connection would violate max_connections limit (desired: 5001, limit: 5000,"
                + " current: 5000)",
            RESOURCES),
        Arguments.of("XX000", "total result exceeds max size of 1.0 GB", QUERY),
        Arguments.of("57014", "canceling statement due to user request", NETWORK),
        Arguments.of("57014", "canceling statement due to statement timeout", NETWORK),
        Arguments.of("25P03", "terminating connection due to idle-in-transaction timeout", NETWORK),
        Arguments.of("25000", "SUBSCRIBE in transactions must be the only read statement", QUERY),
        Arguments.of("34000", "cursor \"c\" does not exist", QUERY),
        Arguments.of("34000", "portal \"c\" does not exist", QUERY),
        Arguments.of("42P03", "cursor \"c\" already exists", QUERY),
        Arguments.of(
            "25P02",
            "current transaction is aborted, commands ignored until end of transaction block",
            QUERY),
        Arguments.of("XX000", "timeout out of range: 90000s", QUERY),
        Arguments.of(
            "XX000", "invalid TIMEOUT: cannot convert negative interval to duration", QUERY),
        Arguments.of("0A000", "Execute with max_rows < a FETCH's count is not supported", QUERY),
        Arguments.of("0A000", "Execute with max_rows of a FETCH ALL is not supported", QUERY),
        Arguments.of(
            "XX000", "AS OF or UP TO should be castable to a (non-null) mz_timestamp value", QUERY),
        Arguments.of(
            "XX000", "'materialize.public.s' cannot be subscribed to because it is a sink", QUERY),
        Arguments.of("28P01", "invalid password", CREDENTIALS),
        Arguments.of("28000", "role \"x\" does not exist", CREDENTIALS),
        Arguments.of("28000", "authentication expired", CREDENTIALS),
        Arguments.of("42501", "unauthorized login to user 'mz_system'", QUERY),
        Arguments.of("08004", "TLS encryption is required", QUERY),
        Arguments.of("08004", "The server does not support SSL.", QUERY),
        Arguments.of(
            "08004",
            "The server requested password-based authentication, but no password was provided",
            CREDENTIALS),
        Arguments.of("08004", "The authentication type 12 is not supported.", CREDENTIALS),
        Arguments.of("MZ010", "login blocked", QUERY),
        Arguments.of("MZ011", "session denied", QUERY),
        Arguments.of("08004", "upstream server not available", NETWORK),
        Arguments.of(
            "08004", "server does not support the client's requested protocol version", QUERY),
        Arguments.of("08006", "unexpected end of file", NETWORK),
        Arguments.of("08006", "Database connection failed when reading from copy", NETWORK),
        Arguments.of("08000", "connection exception", NETWORK),
        Arguments.of("08001", "The connection attempt failed.", NETWORK),
        Arguments.of("08003", "This connection has been closed.", NETWORK),
        Arguments.of("57P01", "terminating connection due to administrator command", NETWORK));
  }

  private static SQLException error(String state, String message) {
    return new PSQLException(
        new ServerErrorMessage("SERROR\0C" + state + "\0M" + message + "\0\0"));
  }

  @ParameterizedTest
  @MethodSource("said")
  void knowsWhatItMeans(String state, String message, FailureKind kind) {
    StreamException failure =
        MaterializeFailures.TABLE.failure("db", "streaming", error(state, message));
    assertEquals(kind, failure.failure().kind(), failure.getMessage());
    assertTrue(failure.getMessage().startsWith("db: streaming failed: "), failure.getMessage());
  }

  /** A restart of environmentd says nothing: the connection just ends. */
  @Test
  void takesAnErrorWithoutAStateForTheConnectionsEnd() {
    SQLException error = new SQLException("An I/O error occurred", "");
    assertEquals(NETWORK, MaterializeFailures.TABLE.failure("db", "it", error).failure().kind());
  }

  @Test
  void hasAnExampleThatReachesEachRow() {
    List<Rule> unreached = new ArrayList<>(MaterializeFailures.TABLE.rules());
    said()
        .map(Arguments::get)
        .forEach(said ->
            MaterializeFailures.TABLE.rules().stream()
                .filter(rule ->
                    rule.fits((String) said[0], ((String) said[1]).toLowerCase(Locale.ROOT)))
                .findFirst()
                .ifPresent(unreached::remove));
    // What the pool and the driver say of 53 and nothing else.
    unreached.removeIf(rule -> rule.state().equals("53") && rule.text().isEmpty());
    assertEquals(List.of(), unreached);
  }
}
