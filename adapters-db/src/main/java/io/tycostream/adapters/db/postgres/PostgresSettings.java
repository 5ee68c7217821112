package io.tycostream.adapters.db.postgres;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How one PostgreSQL database is reached and followed.
 *
 * @param sslMode as libpq has it: {@code disable}, {@code prefer}, {@code require}, …
 * @param connectTimeout for making a connection, log-in included
 * @param queryTimeout for an answer, and between two rows of a snapshot
 * @param heartbeatInterval how often the stream has to prove that it lives
 * @param silenceLimit how long one message of the stream may take to arrive whole
 * @param slot the persistent replication slot, which no other gateway may use
 * @param publication made when it is missing
 * @param historyId part of the epoch; empty, or changed after the database was restored or rewound
 */
public record PostgresSettings(
    String host,
    int port,
    String database,
    String user,
    String password,
    String sslMode,
    Duration connectTimeout,
    Duration queryTimeout,
    Duration heartbeatInterval,
    Duration silenceLimit,
    String slot,
    String publication,
    String historyId,
    String applicationName) {

  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
  private static final Pattern HISTORY_ID = Pattern.compile("[A-Za-z0-9_-]{0,40}");

  /**
   * @throws IllegalArgumentException when a name has characters that it cannot have, or a time is
   *     not positive
   */
  public PostgresSettings {
    if (!SLOT.matcher(slot).matches()) {
      throw new IllegalArgumentException(
          "the slot '" + slot + "' is not made of 1 to 63 of a-z, 0-9 and _");
    }
    if (publication.isEmpty() || publication.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("the publication has no name");
    }
    if (!HISTORY_ID.matcher(historyId).matches()) {
      throw new IllegalArgumentException(
          "the history-id '" + historyId + "' is not made of up to 40 letters, digits, _ and -");
    }
    positive("connect-timeout", connectTimeout);
    positive("query-timeout", queryTimeout);
    positive("heartbeat.interval", heartbeatInterval);
    positive("heartbeat.timeout", silenceLimit);
  }

  private static void positive(String name, Duration duration) {
    if (!duration.isPositive()) {
      throw new IllegalArgumentException(name + " is not positive: " + duration);
    }
  }

  /** Where the database is, for messages. */
  String where() {
    return "PostgreSQL " + host + ":" + port + "/" + database;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return where() + " as " + user + " slot " + slot + " publication " + publication;
  }
}
