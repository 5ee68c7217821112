package io.tycostream.adapters.db.risingwave;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.Queries;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * The connections of one stream, from its opening to its end.
 *
 * <p>Used by one thread at a time; {@link #abort} by any.
 */
final class RisingWaveSession {

  /**
   * What decides how values are written, that reads see committed epochs alone, and what could end
   * a long read. 0 is RisingWave's own default for the timeout: none but the server's.
   */
  private static final String[] SET_UP = {
    "SET timezone = 'UTC'",
    "SET bytea_output = 'hex'",
    "SET visibility_mode = 'checkpoint'",
    "SET statement_timeout = 0",
  };

  /** What the server is told the driver expects at least, which spares it a question. */
  private static final String OLDEST_SERVER = "9.5";

  private final RisingWaveSettings settings;
  private final Connections connections;

  RisingWaveSession(RisingWaveSettings settings) {
    this.settings = settings;
    this.connections = new Connections(settings.connection(), RisingWaveFailures.TABLE, "");
  }

  RisingWaveSettings settings() {
    return settings;
  }

  /** Where the server is, for messages. */
  String where() {
    return connections.where();
  }

  Queries queries() {
    return connections.queries();
  }

  /**
   * A connection for cursors. The name of a cursor's subscription is looked for in the search path,
   * whatever schema is written in front of it.
   *
   * @param schema of the relation
   */
  Connection stream(String schema) throws StreamException {
    return connections.connect(
        source -> {
          source.setAssumeMinServerVersion(OLDEST_SERVER);
          // A FETCH that was prepared would keep the columns it had then.
          source.setPreferQueryMode(PreferQueryMode.SIMPLE);
        },
        "connecting",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            for (String each : SET_UP) {
              statement.execute(each);
            }
            statement.execute("SET search_path = " + Sql.name(schema));
          }
        });
  }

  /** Cuts all connections, and each that is made from now on; idempotent. */
  void abort() {
    connections.abort();
  }

  /** What an error means; when the session was aborted, just that. */
  StreamException failure(String doing, SQLException error) {
    return connections.failure(doing, error);
  }

  /** A failure that we found ourselves. */
  StreamException failure(FailureKind kind, String sentence) {
    return connections.failure(kind, sentence);
  }
}
