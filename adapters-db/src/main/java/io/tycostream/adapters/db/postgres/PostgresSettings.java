package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * How one PostgreSQL database is reached and followed.
 *
 * @param slot the persistent replication slot, which no other gateway may use
 * @param publication made when it is missing
 * @param maxSlotWal how many bytes of its log the server may keep for the slot before we give it
 *     up; nothing for any number
 * @param historyId part of the epoch; empty, or changed after the database was restored or rewound
 */
public record PostgresSettings(
    ConnectionSettings connection,
    String slot,
    String publication,
    OptionalLong maxSlotWal,
    String historyId) {

  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
  private static final Pattern HISTORY_ID = Pattern.compile("[A-Za-z0-9_-]{0,40}");

  /**
   * @throws IllegalArgumentException when a name has characters that it cannot have
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
  }

  /** Where the database is, for messages. */
  String where() {
    return connection.where();
  }

  /** Without the password. */
  @Override
  public String toString() {
    return connection + " slot " + slot + " publication " + publication;
  }
}
