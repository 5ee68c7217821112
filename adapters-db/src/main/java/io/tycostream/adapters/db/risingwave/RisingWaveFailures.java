package io.tycostream.adapters.db.risingwave;

import static io.tycostream.domain.upstream.FailureKind.CREDENTIALS;
import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static io.tycostream.domain.upstream.FailureKind.RESOURCES;

import io.tycostream.adapters.db.connection.FailureTable;
import io.tycostream.adapters.db.connection.FailureTable.Rule;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * What an error of RisingWave, or of the driver, means for the stream. Most have the SQLSTATE
 * XX000, so the text decides. Whatever a FETCH says, its cursor is not used again: rows that a
 * failed FETCH had taken do not come back.
 */
final class RisingWaveFailures {

  static final String TOO_LARGE = "rw_timestamp is too large";

  static final FailureTable TABLE =
      new FailureTable(
          List.of(
              // Where in the log a cursor can begin, and where one stands.
              new Rule("", TOO_LARGE, NETWORK, "the clocks of the frontends differ"),
              new Rule("", "rw_timestamp is too small", HISTORY_LOST, ""),
              new Rule("", "data may have been recycled", HISTORY_LOST, ""),
              new Rule("", "exceeded its maximum lifetime", NETWORK, ""),
              new Rule("", "cursor is in invalid state", NETWORK, ""),
              new Rule("", "cannot find cursor", NETWORK, ""),
              new Rule("", "cursor closed", NETWORK, ""),
              new Rule("", "don't support read uncommitted", QUERY, "visibility_mode is 'all'"),
              new Rule("", "can't start from specified query epoch", QUERY, "query_epoch is set"),
              // What the cursor reads: looked up again when the stream is opened again.
              new Rule("", "has been dropped", NETWORK, ""),
              new Rule("", "dependent table deleted", NETWORK, ""),
              new Rule("", "subscription not found", NETWORK, ""),
              new Rule("42710", "", NETWORK, "somebody else made it at the same moment"),
              new Rule("", "already exists", NETWORK, "somebody else made it at the same moment"),
              new Rule("", "must be in the same database and schema", QUERY, ""),
              new Rule("", "retention time not set", QUERY, ""),
              // Who we are.
              new Rule("42501", "", QUERY, "grant the right"),
              new Rule("", "permission denied", QUERY, "grant the right"),
              new Rule("28", "", CREDENTIALS, "check user and password"),
              new Rule("", "invalid password", CREDENTIALS, "check user and password"),
              new Rule("", "role does not exist", CREDENTIALS, "check user and password"),
              new Rule("08004", "password", CREDENTIALS, "check user and password"),
              new Rule("08004", "authentication", CREDENTIALS, ""),
              new Rule("08004", "ssl", QUERY, "check ssl-mode"),
              new Rule("3D000", "", QUERY, "check the name of the database"),
              new Rule("42", "", QUERY, ""),
              new Rule("", "vnode mapping not found", NETWORK, ""), // its nodes are coming back
              new Rule("XX", "does not exist", QUERY, ""),
              new Rule("XX", "not found", QUERY, ""),
              new Rule("XX", "bind error", QUERY, ""),
              new Rule("XX", "sql parser error", QUERY, ""),
              new Rule("XX", "not yet implemented", QUERY, "this RisingWave may be too old"),
              new Rule("XX", "not supported", QUERY, "this RisingWave may be too old"),
              // What there is not enough of.
              new Rule("53", "", RESOURCES, ""),
              new Rule("", "too many", RESOURCES, ""),
              new Rule("", "memory", RESOURCES, ""),
              // The connection, the server, a recovery.
              new Rule("57", "", NETWORK, ""),
              new Rule("08", "", NETWORK, ""),
              new Rule("XX", "", NETWORK, "")));

  private RisingWaveFailures() {}

  /**
   * Whether a query failed because this RisingWave does not have a function, and for nothing else.
   * Worded in RisingWave's {@code binder/expr/function}, old and new.
   */
  static boolean isUnknownFunction(StreamException error, String function) {
    boolean undefined =
        error.getCause() instanceof SQLException known && "42883".equals(known.getSQLState());
    String text = error.failure().message().toLowerCase(Locale.ROOT);
    return undefined
        || text.contains("function " + function + "() does not exist")
        || text.contains("unsupported function: \"" + function + "\"");
  }
}
