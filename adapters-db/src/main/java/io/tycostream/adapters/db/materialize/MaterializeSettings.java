package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import java.util.Optional;

/**
 * How one Materialize environment is reached and followed.
 *
 * @param cluster where the streams run; nothing for the user's default
 * @param historyId part of the epoch; empty, or changed after the environment was restored
 */
public record MaterializeSettings(
    ConnectionSettings connection, Optional<String> cluster, String historyId) {}
