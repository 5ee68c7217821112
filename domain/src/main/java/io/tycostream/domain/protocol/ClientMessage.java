package io.tycostream.domain.protocol;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** What a client says. */
public sealed interface ClientMessage {

  /**
   * Opens or takes up a session; first on every connection.
   *
   * @param token credentials
   * @param client the client's own id, at most 128 characters
   * @param resume the token of an earlier {@link ServerMessage.Welcome}
   * @param positions for the subscriptions of the resumed session, by ref
   * @param acks whether the client is going to send {@link Ack}s
   * @param buffer of the connection, over all its subscriptions
   */
  record Hello(
      Optional<String> token,
      Optional<String> client,
      Optional<String> resume,
      Map<String, String> positions,
      boolean acks,
      Optional<BufferRequest> buffer)
      implements ClientMessage {

    public Hello {
      positions = Map.copyOf(positions);
    }

    /** With the gateway's own buffer. */
    public Hello(
        Optional<String> token,
        Optional<String> client,
        Optional<String> resume,
        Map<String, String> positions,
        boolean acks) {
      this(token, client, resume, positions, acks, Optional.empty());
    }
  }

  /**
   * Starts a subscription.
   *
   * @param ref the client's own name for it, unique on the connection
   * @param where which rows, as the client asks for it
   * @param columns which columns besides the key's; nothing for all of them
   * @param after the position that the client has, to go on behind it
   * @param snapshot whether to begin with all rows where there is no {@code after}
   * @param onGap what follows when changes cannot be delivered one by one
   * @param delta whether updates carry the key and the changed columns only
   * @param buffer this subscription's own share of the connection's
   * @param maxRate changes a second
   * @param priority 1 to 9, a weight
   */
  record Subscribe(
      String ref,
      String source,
      Filter where,
      Optional<Set<String>> columns,
      Optional<String> after,
      boolean snapshot,
      OnGap onGap,
      boolean delta,
      Optional<BufferRequest> buffer,
      OptionalDouble maxRate,
      int priority)
      implements ClientMessage {

    /** What stands for a priority that was not given. */
    public static final int DEFAULT_PRIORITY = 5;

    /** What a subscription takes beside its texts, and a column beside its name, in bytes. */
    private static final long OBJECT_BYTES = 256;

    private static final long COLUMN_BYTES = 96;

    public Subscribe {
      columns = columns.map(names -> Collections.unmodifiableSortedSet(new TreeSet<>(names)));
    }

    /** All rows and columns of a source. */
    public Subscribe(String ref, String source, Optional<String> after) {
      this(
          ref,
          source,
          Filter.EVERYTHING,
          Optional.empty(),
          after,
          true,
          OnGap.SNAPSHOT,
          false,
          Optional.empty(),
          OptionalDouble.empty(),
          DEFAULT_PRIORITY);
    }

    /** About how much memory it takes to remember this, in bytes. */
    public long bytes() {
      long bytes = OBJECT_BYTES + ref.length() + source.length() + Filter.bytes(where);
      for (String column : columns.orElse(Set.of())) {
        bytes += COLUMN_BYTES + column.length();
      }
      return bytes;
    }

    /** The same, from another position on. */
    public Subscribe from(Optional<String> position) {
      return new Subscribe(
          ref, source, where, columns, position, snapshot, onGap, delta, buffer, maxRate, priority);
    }
  }

  /** What follows when changes cannot be delivered one by one. */
  enum OnGap {
    /** The rows are made right again: a state subscription. */
    SNAPSHOT,
    /** The next change: an event subscription. */
    CONTINUE;

    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A buffer as it is asked for; what is not given is the gateway's default, or the connection's.
   *
   * @param maxSize row changes; {@link Buffer#AUTO} for as far back as the log reaches
   */
  record BufferRequest(
      OptionalLong maxSize,
      Optional<DropPolicy> dropPolicy,
      OptionalDouble warnThreshold,
      OptionalDouble disconnectThreshold,
      Optional<Duration> maxAge,
      OptionalInt sample) {}

  /** Ends a subscription, named by its ref or by its feed; one of the two is there. */
  record Unsubscribe(Optional<String> ref, OptionalInt feed) implements ClientMessage {}

  /** Everything up to {@code position} is processed. */
  record Ack(int feed, String position) implements ClientMessage {}

  /** Asks for a {@link ServerMessage.Pong}. */
  record Ping(Optional<String> nonce) implements ClientMessage {}
}
