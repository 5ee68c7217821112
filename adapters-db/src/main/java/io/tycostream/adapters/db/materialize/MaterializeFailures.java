package io.tycostream.adapters.db.materialize;

import static io.tycostream.domain.upstream.FailureKind.CREDENTIALS;
import static io.tycostream.domain.upstream.FailureKind.HISTORY_LOST;
import static io.tycostream.domain.upstream.FailureKind.NETWORK;
import static io.tycostream.domain.upstream.FailureKind.QUERY;
import static io.tycostream.domain.upstream.FailureKind.RESOURCES;

import io.tycostream.adapters.db.connection.FailureTable;
import io.tycostream.adapters.db.connection.FailureTable.Rule;
import java.util.List;

/**
 * What an error of Materialize, or of the driver, means for the stream. Texts changed early in
 * 2026, so several conditions stand here in two generations.
 */
final class MaterializeFailures {

  private static final String RETENTION =
      "WITH (RETAIN HISTORY FOR …) on the relation and its inputs keeps more; an index on the"
          + " cluster of the stream has a retention of its own";

  static final FailureTable TABLE =
      new FailureTable(
          List.of(
              // The time that we would go on behind is compacted.
              new Rule("22000", "could not find a valid timestamp", HISTORY_LOST, RETENTION),
              new Rule("XX000", "is not valid for all inputs", HISTORY_LOST, RETENTION),
              // A replica, of which the session had named one. Nothing of the relation is gone.
              new Rule(
                  "XX000", "target replica", RESOURCES, "the user's cluster_replica is not there"),
              // What we follow is gone. Whether something else has its name is looked up.
              new Rule("42704", "cluster ", QUERY, "configure another cluster"),
              new Rule("XX000", "underlying cluster", QUERY, "configure another cluster"),
              new Rule(
                  "25000", "active cluster has been dropped", QUERY, "configure another cluster"),
              new Rule("42704", "was dropped", HISTORY_LOST, ""),
              new Rule("XX000", "was dropped", HISTORY_LOST, ""),
              // What there is not enough of.
              new Rule(
                  "0A000", "has no replicas", RESOURCES, "give the cluster at least one replica"),
              new Rule("53200", "fell behind", RESOURCES, "the gateway could not keep up"),
              new Rule("53", "", RESOURCES, ""),
              new Rule(
                  "XX000",
                  "exceeds max size",
                  QUERY,
                  "the snapshot is larger than max_result_size of the system"),
              // What is wrong in the data stays wrong until it changes.
              new Rule("XX000", "evaluation error", QUERY, "the view fails on some of its rows"),
              // Who we are.
              new Rule("28", "", CREDENTIALS, "check user and password"),
              new Rule("MZ01", "", QUERY, "the environment does not let this user in"),
              new Rule("08004", "password", CREDENTIALS, "check user and password"),
              new Rule("08004", "authentication", CREDENTIALS, ""),
              new Rule("08004", "tls", QUERY, "check ssl-mode"),
              new Rule("08004", "ssl", QUERY, "check ssl-mode"),
              new Rule("08004", "protocol version", QUERY, ""),
              new Rule("42501", "", QUERY, "grant the right"),
              // The connection and the server itself, which says nothing when it restarts.
              new Rule("25P03", "", NETWORK, ""),
              new Rule("57014", "", NETWORK, ""),
              new Rule("57P", "", NETWORK, ""),
              new Rule("08", "", NETWORK, "")));

  private MaterializeFailures() {}
}
