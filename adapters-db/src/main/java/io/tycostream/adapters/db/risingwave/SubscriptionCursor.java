package io.tycostream.adapters.db.risingwave;

import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * One cursor of a subscription. It lives in the memory of the frontend that its connection is to,
 * and ends with either. A cursor of which a FETCH failed is of no use any more.
 *
 * <p>Used by one thread at a time.
 */
final class SubscriptionCursor {

  private final RisingWaveSession session;
  private final Connection connection;
  private final LogDecoder decoder;
  private final String name;

  private SubscriptionCursor(
      RisingWaveSession session, Connection connection, LogDecoder decoder, String name) {
    this.session = session;
    this.connection = connection;
    this.decoder = decoder;
    this.name = name;
  }

  /** One that begins with all rows. */
  static SubscriptionCursor full(
      RisingWaveSession session, Connection connection, LogDecoder decoder, String subscription)
      throws StreamException {
    SubscriptionCursor cursor =
        new SubscriptionCursor(session, connection, decoder, "tycostream_rows");
    cursor.declare(subscription, "FULL");
    return cursor;
  }

  /**
   * One that begins with what happened later than a moment. RisingWave's {@code SINCE} includes its
   * own, and refuses one that the frontend's clock has not reached yet, as that of another frontend
   * may have: it is asked again for a while.
   *
   * @param after in milliseconds
   */
  static SubscriptionCursor after(
      RisingWaveSession session,
      Connection connection,
      LogDecoder decoder,
      String subscription,
      long after,
      Pace pace)
      throws StreamException {
    SubscriptionCursor cursor =
        new SubscriptionCursor(session, connection, decoder, "tycostream_log");
    Patience patience = new Patience(pace);
    while (true) {
      try {
        cursor.declare(subscription, "SINCE " + (after + 1));
        return cursor;
      } catch (StreamException e) {
        if (!e.failure().message().contains(RisingWaveFailures.TOO_LARGE) || !patience.rest()) {
          throw e;
        }
      }
    }
  }

  private void declare(String subscription, String begin) throws StreamException {
    execute(
        "declaring a cursor",
        "DECLARE " + name + " SUBSCRIPTION CURSOR FOR " + Sql.name(subscription) + " " + begin);
  }

  /** What is there now, without waiting; at most so many rows. */
  List<LoggedRow> fetch(int rows) throws StreamException {
    return fetch("FETCH " + rows + " FROM " + name);
  }

  /** What is there, or comes within so many seconds; at most so many rows. */
  List<LoggedRow> fetch(int rows, int seconds) throws StreamException {
    return fetch("FETCH " + rows + " FROM " + name + " WITH (timeout = '" + seconds + "s')");
  }

  private List<LoggedRow> fetch(String sql) throws StreamException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery(sql)) {
      return decoder.rows(answer);
    } catch (SQLException e) {
      throw session.failure("fetching", e);
    } catch (LogDecoder.Altered e) {
      throw session.failure(
          FailureKind.HISTORY_LOST,
          "the relation was altered: " + e.getMessage() + "; all rows are read anew");
    } catch (LogDecoder.Unknown e) {
      throw session.failure(FailureKind.QUERY, e.getMessage() + " to this version of tycostream");
    }
  }

  /** A FETCH may now be silent for as long as it waits, and the answer takes. */
  void limitSilence(Duration waiting) throws StreamException {
    Duration limit = session.settings().connection().queryTimeout().plus(waiting);
    try {
      connection.setNetworkTimeout(Runnable::run, Math.toIntExact(limit.toMillis()));
    } catch (SQLException e) {
      throw session.failure("setting a timeout", e);
    }
  }

  /**
   * At which epoch a {@link #full} cursor's rows are, of which nothing but rows of the snapshot was
   * fetched; nothing when this RisingWave does not tell it.
   */
  OptionalLong pinned() throws StreamException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery("SHOW SUBSCRIPTION CURSORS")) {
      while (answer.next()) {
        if (name.equals(answer.getString(1))) {
          // Name, subscription, state and, before or after it, how long it has rested.
          for (int i = 3; i <= answer.getMetaData().getColumnCount(); i++) {
            OptionalLong epoch = PinnedEpoch.of(String.valueOf(answer.getString(i)));
            if (epoch.isPresent()) {
              return epoch;
            }
          }
        }
      }
      return OptionalLong.empty();
    } catch (SQLException e) {
      throw session.failure("asking for the snapshot's epoch", e);
    }
  }

  void close() throws StreamException {
    execute("closing a cursor", "CLOSE " + name);
  }

  private void execute(String doing, String sql) throws StreamException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw session.failure(doing, e);
    }
  }
}
