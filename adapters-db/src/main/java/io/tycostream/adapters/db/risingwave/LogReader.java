package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Fetches from a cursor, and knows what is complete.
 *
 * <ul>
 *   <li>An epoch is, when a FETCH after its rows brings nothing: a cursor looks for the next epoch
 *       only at the end of the one before. Such a FETCH does not wait, so nothing is late for it.
 *   <li>When nothing happens, {@link QuietTime} says how far.
 *   <li>A stream has caught up when a later time came than the one at which it was opened, or
 *       {@link #AT_END} times in a row nothing: a FETCH that comes upon other columns brings
 *       nothing although there is more.
 *   <li>What was fetched counts only when the subscription is still the same one afterwards: the
 *       log of a subscription that was dropped and made anew begins anew, and its cursor does not
 *       say so.
 * </ul>
 *
 * <p>Used by one thread.
 */
final class LogReader {

  private static final System.Logger LOG = System.getLogger(LogReader.class.getName());

  private static final int AT_END = 2;

  private final RisingWaveSession session;
  private final Connection connection;
  private final SubscriptionCursor cursor;
  private final RisingWaveRelation wanted;
  private final long relation;
  private final Subscription subscription;
  private final Pace pace;
  private final QuietTime quiet = new QuietTime();
  private final Standstill standstill;

  /** How far the database was when the stream was opened; nothing once that is told. */
  private OptionalLong behind;

  private int emptyInARow;

  /** The epoch of the last row, of which more may come. */
  private OptionalLong open;

  private boolean tellsQuiet = true;

  /** When it was last looked whether the log is whole, here and by the database's own time. */
  private long wholeAskedAt;

  private long looked;

  /** Through where all that was committed is known to have been fetched, by the database's time. */
  private long wholeUntil;

  private long proofAskedAt;

  /** Through where everything was fetched, in milliseconds. */
  private long read;

  /**
   * Where a reader begins. Times are in milliseconds.
   *
   * @param read through where everything was fetched before
   * @param open the epoch of the last row that was fetched before, if more of it may come
   * @param behind how far the database is, if the reader has to catch up with it
   */
  record Progress(long read, OptionalLong open, OptionalLong behind) {}

  /**
   * What a FETCH brought.
   *
   * @param closedBefore everything earlier than this is told, after the rows
   * @param caughtUp whether with that the stream has come to where the database was when it was
   *     opened
   * @param heldUp whether there is nothing because the cluster commits nothing
   */
  record Fetched(
      List<LoggedRow> rows, OptionalLong closedBefore, boolean caughtUp, boolean heldUp) {}

  /**
   * @param relation the server's id of it
   * @param progress what was fetched before
   */
  LogReader(
      RisingWaveSession session,
      Connection connection,
      SubscriptionCursor cursor,
      RisingWaveRelation wanted,
      long relation,
      Subscription subscription,
      Pace pace,
      Progress progress) {
    this.session = session;
    this.connection = connection;
    this.cursor = cursor;
    this.wanted = wanted;
    this.relation = relation;
    this.subscription = subscription;
    this.pace = pace;
    this.read = progress.read();
    this.open = progress.open();
    this.behind = progress.behind();
    this.standstill =
        new Standstill(session.settings().connection().heartbeatInterval(), pace.proofEvery());
    this.proofAskedAt = System.nanoTime() - pace.proofEvery().toNanos();
    this.wholeAskedAt = System.nanoTime();
    this.looked = progress.behind().orElse(progress.read());
  }

  /** Fetches once; blocks for as long as a FETCH may wait, and what it takes besides. */
  Fetched next() throws StreamException {
    boolean waits = open.isEmpty() && behind.isEmpty();
    OptionalLong proven = waits ? provenQuiet() : OptionalLong.empty();
    long began = System.nanoTime();
    List<LoggedRow> rows =
        waits ? cursor.fetch(pace.rows(), pace.fetchSeconds()) : cursor.fetch(pace.rows());
    long now = System.nanoTime();
    quiet.fetched();
    noteHowFar(rows);
    if (rows.isEmpty()) {
      boolean waited = now - began >= pace.leastWait().toNanos();
      OptionalLong complete = waits && !waited ? OptionalLong.empty() : waits ? proven : open;
      open = OptionalLong.empty();
      // What is proven was asked for before, and may be older than a row that came since.
      boolean tells = complete.isPresent() && complete.getAsLong() >= read;
      if (tells || now - wholeAskedAt >= pace.proofEvery().toNanos()) {
        requireWhole(true); // a log that was made anew is empty, too
      }
      if (!tells) {
        return new Fetched(
            rows, OptionalLong.empty(), behind.isEmpty(), waits && standstill.lasts());
      }
      read = complete.getAsLong();
      return new Fetched(rows, OptionalLong.of(read + 1), behind.isEmpty(), false);
    }
    standstill.moved();
    if (rows.stream().anyMatch(LoggedRow::isSnapshot)) {
      throw session.failure(FailureKind.HISTORY_LOST, "a row without a time; all are read anew");
    }
    requireWhole(false);
    read = rows.getLast().time();
    open = OptionalLong.of(read);
    return new Fetched(rows, OptionalLong.empty(), behind.isEmpty(), false);
  }

  private void noteHowFar(List<LoggedRow> rows) {
    emptyInARow = rows.isEmpty() ? emptyInARow + 1 : 0;
    boolean later =
        behind.isPresent() && !rows.isEmpty() && rows.getLast().time() > behind.getAsLong();
    if (later || emptyInARow >= AT_END) {
      behind = OptionalLong.empty();
    }
  }

  /**
   * What was fetched follows on what was before, if the log had all of that until now.
   *
   * @param atEnd whether the FETCH brought nothing: then what was committed when this was looked at
   *     before has been fetched. One that brought rows may have stopped at its limit, in the middle
   *     of much that is committed, and says no more than how far it came itself
   */
  private void requireWhole(boolean atEnd) throws StreamException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(Catalogue.identity(wanted))) {
      if (!row.next() || row.getLong("id") != subscription.id()) {
        throw session.failure(
            FailureKind.NETWORK, "the subscription " + wanted.subscription() + " was made anew");
      }
      Optional<Duration> kept = Retention.of(String.valueOf(row.getString("definition")));
      long now = row.getLong("now_ms");
      wholeUntil = atEnd ? Math.max(wholeUntil, looked) : wholeUntil;
      long fetched = Math.max(read, wholeUntil);
      if (kept.isPresent() && now - kept.get().toMillis() > fetched) {
        throw session.failure(
            FailureKind.HISTORY_LOST,
            "the log is not kept from where it was read on; all rows are read anew");
      }
      looked = now;
      wholeAskedAt = System.nanoTime();
    } catch (SQLException e) {
      throw session.failure("looking for the subscription", e);
    }
  }

  private OptionalLong provenQuiet() throws StreamException {
    long now = System.nanoTime();
    if (!tellsQuiet || now - proofAskedAt < pace.proofEvery().toNanos()) {
      return OptionalLong.empty();
    }
    if (quiet.wants()) {
      proofAskedAt = now;
      askCommitted();
    }
    if (!tellsQuiet) {
      return OptionalLong.empty();
    }
    OptionalLong time = number("asking for the time", Catalogue.NOW, "now_ms");
    if (time.isEmpty()) {
      return OptionalLong.empty();
    }
    standstill.seen(time.getAsLong(), System.nanoTime());
    return quiet.seen(time.getAsLong());
  }

  private void askCommitted() throws StreamException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(Catalogue.committed(relation))) {
      tellsQuiet = row.next() && row.getString("own") != null;
      if (tellsQuiet) {
        quiet.committed(
            EpochTime.millis(row.getLong("own")), EpochTime.millis(row.getLong("newest")));
      }
    } catch (SQLException e) {
      StreamException failure = session.failure("asking how far the relation is", e);
      if (failure.failure().kind() != FailureKind.QUERY) {
        throw failure;
      }
      tellsQuiet = false;
      LOG.log(
          System.Logger.Level.WARNING,
          "while nothing changes in {0} its time stands still, which keeps waiting whoever has seen"
              + " a later one elsewhere: {1}",
          wanted.relation(),
          failure.failure().message());
    }
  }

  private OptionalLong number(String doing, String sql, String column) throws StreamException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? OptionalLong.of(row.getLong(column)) : OptionalLong.empty();
    } catch (SQLException e) {
      throw session.failure(doing, e);
    }
  }
}
