package io.tycostream.adapters.db.postgres;

import static io.tycostream.domain.upstream.FailureKind.CREDENTIALS;
import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static io.tycostream.domain.upstream.FailureKind.RESOURCES;

import io.tycostream.adapters.db.connection.FailureTable;
import io.tycostream.adapters.db.connection.FailureTable.Rule;
import java.util.List;

/** What an error of PostgreSQL, or of the driver, means for the stream. */
final class PostgresFailures {

  /** What the text of an error contains that says so. */
  static final String MISSING_SEGMENT = "requested WAL segment";

  static final FailureTable TABLE =
      new FailureTable(
          List.of(
              // Slots: what the place in the log is kept in.
              new Rule(
                  "55006",
                  "replication slot",
                  NETWORK,
                  "another gateway uses this slot (each needs its own), or the server has not"
                      + " noticed yet that our former connection is gone"),
              new Rule("55006", "", NETWORK, ""),
              new Rule("55000", "can no longer get changes", HISTORY_LOST, ""),
              new Rule("55000", "can no longer access replication slot", HISTORY_LOST, ""),
              new Rule("55000", "cannot read from logical replication slot", HISTORY_LOST, ""),
              new Rule("55000", "has been invalidated", HISTORY_LOST, ""),
              new Rule(
                  "55000",
                  "was not created in this database",
                  QUERY,
                  "configure another slot for this database"),
              new Rule(
                  "55000",
                  "for logical decoding",
                  QUERY,
                  "it is a copy of the primary's, which this server keeps: configure another slot"
                      + " for this server"),
              new Rule(
                  "55000",
                  "wal_level",
                  QUERY,
                  "set wal_level = logical in postgresql.conf and restart the server"),
              new Rule("55000", "could not import the requested snapshot", NETWORK, ""),
              new Rule("22023", "invalid snapshot identifier", NETWORK, ""),
              new Rule("42704", "snapshot", NETWORK, ""),
              new Rule("42704", "replication slot", HISTORY_LOST, ""),
              new Rule("42704", "publication", HISTORY_LOST, ""),
              new Rule("42710", "", NETWORK, "somebody else made it at the same moment"),
              new Rule("58P01", "requested wal segment", NETWORK, ""), // see MissingSegments
              // What there is not enough of.
              new Rule(
                  "53400",
                  "replication slots",
                  RESOURCES,
                  "drop unused slots or raise max_replication_slots"),
              new Rule("53300", "max_wal_senders", RESOURCES, "raise max_wal_senders"),
              new Rule("53300", "", RESOURCES, "raise max_connections or close other connections"),
              new Rule("53", "", RESOURCES, ""),
              new Rule("58", "", RESOURCES, ""),
              // Who we are.
              new Rule(
                  "28000", "pg_hba.conf", CREDENTIALS, "add an entry to the server's pg_hba.conf"),
              new Rule("28", "", CREDENTIALS, "check user and password"),
              new Rule("08004", "password", CREDENTIALS, "check user and password"),
              new Rule("08004", "authentication", CREDENTIALS, ""),
              new Rule("08004", "ssl", QUERY, "check ssl-mode"),
              new Rule("42501", "replication", QUERY, "ALTER ROLE … REPLICATION gives the right"),
              new Rule("42501", "wal sender", QUERY, "ALTER ROLE … REPLICATION gives the right"),
              new Rule("42501", "", QUERY, "grant the right"),
              // The connection and the server itself.
              new Rule("57P04", "", QUERY, ""),
              new Rule("57P", "", NETWORK, ""),
              new Rule("57014", "", NETWORK, ""),
              new Rule("55P03", "", NETWORK, "another transaction holds a lock for long"),
              new Rule("40", "", NETWORK, ""),
              new Rule("08", "", NETWORK, ""),
              new Rule("XX", "", NETWORK, "")));

  private PostgresFailures() {}
}
