package io.tycostream.domain.protocol;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What a gateway says. */
public sealed interface ServerMessage {

  /**
   * The answer to {@link ClientMessage.Hello}.
   *
   * @param resume the token that takes this session up again; nothing when this gateway keeps no
   *     sessions, and a client then resumes by position
   * @param heartbeat how often the gateway pings; silence for two of them means that it is gone
   * @param sessionTtl how long a session outlives its connection
   */
  record Welcome(
      String session,
      Optional<String> resume,
      boolean resumed,
      Duration heartbeat,
      Duration sessionTtl,
      String node,
      Limits limits)
      implements ServerMessage {}

  /**
   * What the gateway allows.
   *
   * @param maxMessage bytes, from the gateway; only a single row may exceed it
   * @param maxRequest bytes, from the client
   * @param maxSubscriptions on one connection
   * @param maxBuffer row changes that may wait for one connection
   */
  record Limits(int maxMessage, int maxRequest, int maxSubscriptions, int maxBuffer) {}

  /** How a subscription begins. */
  enum Start {
    SNAPSHOT,
    REPLAY,
    LIVE;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A subscription stands.
   *
   * @param position with replay and live: what the next batch follows
   * @param seq with replay and live: the next batch has the next number
   */
  record Subscribed(
      String ref,
      int feed,
      String source,
      List<String> key,
      List<Column> columns,
      Start start,
      Optional<String> position,
      OptionalLong seq)
      implements ServerMessage {

    public Subscribed {
      key = List.copyOf(key);
      columns = List.copyOf(columns);
    }
  }

  /**
   * A part of the full state; position and seq stand on the last one, whose {@code more} is false.
   */
  record SnapshotPart(
      int feed, int part, List<Row> rows, boolean more, Optional<String> position, OptionalLong seq)
      implements ServerMessage {

    public SnapshotPart {
      rows = List.copyOf(rows);
    }
  }

  /**
   * A part of a batch, the whole of it in most cases.
   *
   * @param merged how many seqs, ending with {@code seq}, it covers; 1 for a plain batch
   * @param resync whether it is a net difference in which single changes are not known
   */
  record BatchPart(
      int feed,
      long seq,
      String position,
      List<RowChange> changes,
      long merged,
      boolean resync,
      int part,
      boolean more)
      implements ServerMessage {

    public BatchPart {
      changes = List.copyOf(changes);
    }
  }

  /** Nothing else changed up to here. */
  record Progress(int feed, String position) implements ServerMessage {}

  /**
   * How the gateway's own connection to the database stands.
   *
   * @param feed the subscription, once it has one; else {@code ref}
   * @param state one of {@link SourceCondition}, or a later version's
   * @param attempt how often connecting was tried since it was last live
   * @param retryIn from the moment of sending
   */
  record SourceStatus(
      Optional<String> ref,
      OptionalInt feed,
      String state,
      Instant since,
      OptionalInt attempt,
      Optional<Duration> retryIn,
      Optional<String> reason)
      implements ServerMessage {}

  /** The connection is falling behind, or has caught up. */
  record Pressure(long buffered, long capacity, String level, int feed) implements ServerMessage {}

  /**
   * Single changes between two positions were not delivered.
   *
   * @param after the last position that the client has; nothing when it has none
   * @param upTo where what follows begins
   * @param dropped row changes, -1 when nobody knows
   * @param reason one of {@link GapReason}, or a later version's
   * @param recovery one of {@link Recovery}
   */
  record Gap(
      int feed, Optional<String> after, String upTo, long dropped, String reason, String recovery)
      implements ServerMessage {}

  /** The end of a subscription. */
  record Unsubscribed(String ref, OptionalInt feed, Optional<String> reason)
      implements ServerMessage {}

  /** A request was refused; the connection stays. {@code error} on the wire. */
  record Refused(
      Optional<String> ref, OptionalInt feed, String code, String message, boolean retryable)
      implements ServerMessage {}

  /** The answer to {@link ClientMessage.Ping}. */
  record Pong(Optional<String> nonce) implements ServerMessage {}

  /** The last message before the gateway closes. */
  record Bye(int code, String reason, Optional<Duration> retryIn, boolean resumable)
      implements ServerMessage {}
}
