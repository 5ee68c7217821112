package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What travels in both directions of a replication stream, around the plugin's messages. */
sealed interface ReplicationFrame {

  /** PostgreSQL counts microseconds from here. */
  Instant EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  /** Leaves what the server may forget as it was. */
  long NOTHING_CONFIRMED = 0;

  /**
   * One message of the plugin.
   *
   * @param message what is left of the frame; shares its bytes
   */
  record Data(long serverEnd, ByteBuffer message) implements ReplicationFrame {}

  /**
   * A sign of life.
   *
   * @param serverEnd everything before it was sent
   * @param replyRequested whether the server wants to hear of us at once
   */
  record Keepalive(long serverEnd, boolean replyRequested) implements ReplicationFrame {}

  /**
   * What the server sent.
   *
   * @throws StreamException when it is cut short or of an unknown kind
   */
  static ReplicationFrame decode(byte[] frame) throws StreamException {
    ByteBuffer in = ByteBuffer.wrap(frame);
    char kind = frame.length == 0 ? '?' : (char) in.get();
    if (kind == 'w' && frame.length >= 25) {
      in.getLong(); // where the message starts; says nothing about what is complete
      long serverEnd = in.getLong();
      in.getLong(); // the server's time
      return new Data(serverEnd, in);
    }
    if (kind == 'k' && frame.length == 18) {
      long serverEnd = in.getLong();
      in.getLong(); // the server's time
      return new Keepalive(serverEnd, in.get() != 0);
    }
    throw new StreamException(
        FailureKind.NETWORK,
        "the replication stream is damaged: a frame of kind '"
            + kind
            + "' with "
            + frame.length
            + " bytes");
  }

  /**
   * The standby status that tells the server how far we are, and asks it to answer at once.
   *
   * @param received the end of what arrived
   * @param complete the end of what the server may forget, or {@link #NOTHING_CONFIRMED}
   */
  static byte[] status(long received, long complete, Instant now) {
    return ByteBuffer.allocate(34)
        .put((byte) 'r')
        .putLong(received)
        .putLong(complete)
        .putLong(complete)
        .putLong(ChronoUnit.MICROS.between(EPOCH, now))
        .put((byte) 1)
        .array();
  }
}
