package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks, beside a running stream, at what the stream itself does not tell: whether the tables are
 * still published and what they were, how much the server has written, and what it keeps for the
 * slot.
 *
 * <p>On a thread of its own, for as long as the session lasts: every {@link #HEARTBEATS} heartbeat
 * intervals at everything, and at each heartbeat at what the stream is wrong without, whether the
 * tables are published, and at the end of the log. A look that fails says nothing: whether the
 * database lives is the stream's own matter.
 */
final class Watch {

  private static final System.Logger LOG = System.getLogger(Watch.class.getName());

  private static final int HEARTBEATS = 5;

  private static final String FLUSHED =
      "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
          + " ELSE pg_current_wal_flush_lsn() END";

  /**
   * Why the stream has to end.
   *
   * @param at once everything up to here is complete; 0 for now
   */
  private record Ending(StreamException reason, long at) {}

  private final PostgresSession session;
  private final List<PostgresTable> tables;
  private final Survey opened;
  private final ReplicationSlot slot;
  private volatile @Nullable Ending ending;
  private volatile @Nullable Retention retention;
  private volatile long flushed;
  private boolean endangered;

  /**
   * @param opened what the tables were when the stream was opened
   */
  Watch(PostgresSession session, List<PostgresTable> tables, Survey opened) {
    this.session = session;
    this.tables = tables;
    this.opened = opened;
    this.slot = new ReplicationSlot(session);
  }

  /** Begins to look, and returns at once. */
  void start() {
    Duration heartbeat = session.settings().connection().heartbeatInterval();
    Thread.ofVirtual()
        .name("watch-" + session.where())
        .start(() -> {
          int beats = 0;
          while (ending == null && !session.awaitEnd(heartbeat)) {
            beats++;
            if (beats == HEARTBEATS || !glance()) {
              beats = 0;
              look();
            }
          }
        });
  }

  /** Whether the tables are in the publication without a break, as far as can be seen. */
  private boolean glance() {
    try {
      Map<String, String> now =
          session
              .queries()
              .ask(
                  "watching the publication",
                  from -> {
                    flushed = flushed(from);
                    return new Publication(session.settings(), from).memberships();
                  });
      return opened.members().values().stream()
          .allMatch(before ->
              before.membership().equals(now.get(before.definition().table().relation())));
    } catch (StreamException e) {
      LOG.log(System.Logger.Level.DEBUG, e.failure().message());
      return e.failure().kind() != FailureKind.QUERY; // of the publication as a whole
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, session.where() + ": cannot watch the publication", e);
      return true;
    }
  }

  /**
   * The stream may go on.
   *
   * @param complete how far it is
   * @throws StreamException when it may not
   */
  void requireSound(long complete) throws StreamException {
    Ending known = ending;
    if (known != null && Long.compareUnsigned(complete, known.at) >= 0) {
      throw known.reason;
    }
  }

  /** What the server kept for the slot when it was looked at last. */
  Optional<Retention> retention() {
    return Optional.ofNullable(retention);
  }

  /** The end of the server's log when it was looked at last; 0 before. */
  long flushed() {
    return flushed;
  }

  private void look() {
    try {
      Optional<Ending> found =
          session.queries().ask("watching the tables and the slot", this::look);
      found.ifPresent(each -> ending = each); // logged when the stream ends with it
    } catch (StreamException e) {
      LOG.log(System.Logger.Level.DEBUG, e.failure().message());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, session.where() + ": cannot watch the tables", e);
    }
  }

  private Optional<Ending> look(Connection connection) throws SQLException {
    Survey now;
    Optional<ReplicationSlot.Condition> condition;
    try {
      now = Survey.looking(session.settings(), tables, connection);
      condition = slot.look(connection);
    } catch (StreamException e) {
      return Optional.of(
          new Ending(e, 0)); // the publication as a whole, or the slot, is another one
    }
    Optional<String> useless = condition.flatMap(ReplicationSlot.Condition::useless);
    condition.ifPresent(present -> report(present.retention()));
    if (useless.isPresent()) {
      return Optional.of(new Ending(lost(useless.get()), 0));
    }
    Optional<Survey.Difference> difference = now.differenceTo(opened);
    if (difference.isEmpty()) {
      return Optional.empty();
    }
    // What the stream tells by itself is left to it, so that all before it is told one by one.
    long at = difference.get().announced() ? flushed(connection) : 0;
    return Optional.of(new Ending(lost(difference.get().reason()), at));
  }

  private StreamException lost(String why) {
    return session.failure(FailureKind.HISTORY_LOST, why + "; all rows are read anew");
  }

  private void report(Retention now) {
    retention = now;
    if (now.endangered() != endangered) {
      endangered = now.endangered();
      LOG.log(
          endangered ? System.Logger.Level.WARNING : System.Logger.Level.INFO,
          "{0}: the log that the replication slot {1} needs is {2}, {3} bytes of it{4}",
          session.where(),
          session.settings().slot(),
          now.status(),
          Long.toString(now.heldBytes()),
          endangered ? ": raise max_slot_wal_keep_size, or look why we are slow" : "");
    }
  }

  private static long flushed(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FLUSHED)) {
      row.next();
      return Lsn.parse(row.getString(1));
    }
  }
}
