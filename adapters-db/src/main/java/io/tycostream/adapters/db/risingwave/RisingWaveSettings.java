package io.tycostream.adapters.db.risingwave;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import java.util.regex.Pattern;

/**
 * How one RisingWave frontend is reached.
 *
 * @param historyId part of the epoch; empty, or changed after the cluster was restored or rewound
 */
public record RisingWaveSettings(ConnectionSettings connection, String historyId) {

  private static final Pattern HISTORY_ID = Pattern.compile("[A-Za-z0-9_-]{0,40}");

  /**
   * @throws IllegalArgumentException when the history-id has characters that it cannot have
   */
  public RisingWaveSettings {
    if (!HISTORY_ID.matcher(historyId).matches()) {
      throw new IllegalArgumentException(
          "the history-id '" + historyId + "' is not made of up to 40 letters, digits, _ and -");
    }
  }

  /** Where the database is, for messages. */
  String where() {
    return connection.where();
  }
}
