package io.tycostream.adapters.db.risingwave;

import static io.tycostream.domain.upstream.FailureKind.CREDENTIALS;
import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static io.tycostream.domain.upstream.FailureKind.RESOURCES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

class RisingWaveFailuresTest {

  private static final String RUN = "Failed to run the query\n\nCaused by:\n  ";

  /** What servers really say: SQLSTATE, message, what it means. */
  static Stream<Arguments> said() {
    return Stream.of(
        Arguments.of(
            "XX000",
            RUN + "Scheduler error: Serving vnode mapping not found for fragment 7",
            NETWORK),
        Arguments.of(
            "XX000",
            RUN
                + "Catalog error: rw_timestamp is too large, need to be less than the current"
                + " unix_millis",
            NETWORK),
        Arguments.of(
            "XX000",
            RUN
                + "Catalog error: rw_timestamp is too small, need to be large than the current"
                + " unix_millis - subscription's retention time",
            HISTORY_LOST),
        Arguments.of(
            "XX000",
            RUN
                + "Catalog error:  No data found for rw_timestamp 1700000000000, data may have been"
                + " recycled, please recreate cursor",
            HISTORY_LOST),
        Arguments.of(
            "XX000",
            RUN
                + "Internal error: The cursor has exceeded its maximum lifetime, please recreate it"
                + " (close then declare cursor).",
            NETWORK),
        Arguments.of(
            "XX000",
            RUN
                + "Internal error: Cursor is in invalid state. Please close and re-create the"
                + " cursor.",
            NETWORK),
        Arguments.of("XX000", RUN + "Internal error: Cannot find cursor `tycostream_log`", NETWORK),
        Arguments.of("42704", RUN + "Item not found: Cannot find cursor `c`", NETWORK),
        Arguments.of("42710", RUN + "Catalog error: cursor `c` already exists", NETWORK),
        Arguments.of("XX000", RUN + "Query is cancelled: cursor closed", NETWORK),
        Arguments.of(
            "XX000", RUN + "Internal error: Fetch Cursor don't support read uncommitted", QUERY),
        Arguments.of(
            "XX000",
            RUN
                + "Internal error: Fetch Cursor can't start from specified query epoch. May run"
                + " `set query_epoch = 0;`",
            QUERY),
        Arguments.of("XX000", "table id 7 has been dropped", NETWORK),
        Arguments.of("XX000", "Cursor dependent table deleted: table_id is 7", NETWORK),
        Arguments.of("42704", RUN + "Catalog error: subscription not found: s", NETWORK),
        Arguments.of("42710", "subscription with name s exists", NETWORK),
        Arguments.of("XX000", RUN + "Catalog error: cursor `c` already exists", NETWORK),
        Arguments.of(
            "XX000",
            "Invalid input syntax: subscription and its dependent table must be in the same"
                + " database and schema",
            QUERY),
        Arguments.of("XX000", "Subscription retention time not set.", QUERY),
        Arguments.of("42501", "no right to select", QUERY),
        Arguments.of("XX000", "Permission denied: do not have the privilege", QUERY),
        Arguments.of("28P01", "some words", CREDENTIALS),
        Arguments.of("XX000", "Invalid password", CREDENTIALS),
        Arguments.of("XX000", "Role does not exist", CREDENTIALS),
        Arguments.of("08004", "The server requested a password, but none was given", CREDENTIALS),
        Arguments.of("08004", "The authentication type 7 is not supported", CREDENTIALS),
        Arguments.of("08004", "The server does not support SSL.", QUERY),
        Arguments.of("3D000", "database \"x\" does not exist", QUERY),
        Arguments.of("42601", "syntax", QUERY),
        Arguments.of("XX000", RUN + "function rw_cluster_id() does not exist", QUERY),
        Arguments.of("XX000", RUN + "Catalog error: table or source not found: t", QUERY),
        Arguments.of("XX000", RUN + "Bind error: no such column", QUERY),
        Arguments.of("XX000", RUN + "sql parser error: expected statement", QUERY),
        Arguments.of("XX000", RUN + "Feature is not yet implemented: this", QUERY),
        Arguments.of("XX000", RUN + "Not supported: that", QUERY),
        Arguments.of("53300", "connections", RESOURCES),
        Arguments.of("XX000", "too many running queries", RESOURCES),
        Arguments.of("XX000", "out of memory", RESOURCES),
        Arguments.of("57014", "canceling statement due to user request", NETWORK),
        Arguments.of("08006", "An I/O error occurred while sending to the backend.", NETWORK),
        Arguments.of(
            "XX000", "gRPC request to meta service failed: Cluster is recovering", NETWORK),
        Arguments.of("0A000", "whatever is refused", QUERY));
  }

  @ParameterizedTest
  @MethodSource("said")
  void shouldKnowWhatItMeans(String state, String message, FailureKind kind) {
    String fields = "SERROR\0C" + state + "\0M" + message + "\0";
    PSQLException error = new PSQLException(new ServerErrorMessage(fields));
    StreamException failure = RisingWaveFailures.TABLE.failure("db", "doing it", error);
    assertEquals(kind, failure.failure().kind(), failure.getMessage());
    assertTrue(failure.getMessage().startsWith("db: doing it failed: "), failure.getMessage());
    assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
  }

  @Test
  void shouldTakeAnErrorWithoutAStateForTheConnectionsEnd() {
    SQLException error = new SQLException("This connection has been closed.");
    assertEquals(
        NETWORK, RisingWaveFailures.TABLE.failure("db", "fetching", error).failure().kind());
  }

  @Test
  void shouldHaveAnExampleThatReachesEachRow() {
    List<Rule> unreached = new ArrayList<>(RisingWaveFailures.TABLE.rules());
    said()
        .map(Arguments::get)
        .map(said ->
            RisingWaveFailures.TABLE.rules().stream()
                .filter(rule ->
                    rule.fits((String) said[0], ((String) said[1]).toLowerCase(Locale.ROOT)))
                .findFirst())
        .forEach(rule -> rule.ifPresent(unreached::remove));
    assertEquals(List.of(), unreached);
  }

  @Test
  void shouldKnowAFunctionThatAVersionDoesNotHaveFromOneThatFails() {
    for (String text :
        List.of(
            RUN + "Bind error: function rw_cluster_id() does not exist",
            "Feature is not yet implemented: unsupported function: \"rw_cluster_id\"")) {
      assertTrue(isUnknown("XX000", text), text);
    }
    assertTrue(isUnknown("42883", "whatever the words are"));
    for (String text :
        List.of(
            RUN + "Bind error: function rw_other_id() does not exist",
            RUN + "Permission denied: rw_cluster_id",
            "unsupported function: \"other\"")) {
      assertFalse(isUnknown("XX000", text), text);
    }
  }

  private static boolean isUnknown(String state, String text) {
    return RisingWaveFailures.isUnknownFunction(
        RisingWaveFailures.TABLE.failure("here", "asking", new SQLException(text, state)),
        "rw_cluster_id");
  }
}
