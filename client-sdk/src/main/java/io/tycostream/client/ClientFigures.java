package io.tycostream.client;

import java.time.Duration;

/**
 * What a client has done since it was built, and how far behind its listeners are.
 *
 * @param connections that were opened and welcomed
 * @param resumes those of them that took an earlier session up again
 * @param snapshots that came for listeners
 * @param batches that came for listeners
 * @param changes of rows in them
 * @param gaps that came for listeners
 * @param dropped row changes in those gaps whose number is known
 * @param failures calls of listeners that threw
 * @param receivedBytes of messages
 * @param waitingBytes of messages that listeners are not done with
 * @param behind since when the oldest of those waits, or is in the hands of its listener
 */
public record ClientFigures(
    long connections,
    long resumes,
    long snapshots,
    long batches,
    long changes,
    long gaps,
    long dropped,
    long failures,
    long receivedBytes,
    long waitingBytes,
    Duration behind) {}
