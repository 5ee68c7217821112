package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.Margin;
import io.tycostream.domain.upstream.Resumption.Followed;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL database, followed through logical replication. */
public final class PostgresSource implements ChangeSource {

  private static final System.Logger LOG = System.getLogger(PostgresSource.class.getName());

  private final List<PostgresSettings> endpoints;
  private final List<PostgresTable> tables;

  /** What was carried without a break since all rows were read; only that can be resumed. */
  private final Map<String, Followed> carried = new HashMap<>();

  /** Whether what a slot kept from before the gateway was started is read; once is enough. */
  private boolean withPrelude = true;

  private final MissingSegments missing = new MissingSegments();

  private volatile @Nullable PostgresSession current;
  private volatile @Nullable Watch watch;

  /**
   * A database with one endpoint.
   *
   * @param tables at least one, each with another source
   * @throws IllegalArgumentException when a source stands twice
   */
  public PostgresSource(PostgresSettings settings, List<PostgresTable> tables) {
    this(List.of(settings), tables);
  }

  /**
   * @param endpoints in the order of preference, at least one
   * @param tables at least one, each with another source
   * @throws IllegalArgumentException when there is no endpoint, or a source stands twice
   */
  public PostgresSource(List<PostgresSettings> endpoints, List<PostgresTable> tables) {
    this.endpoints = List.copyOf(endpoints);
    this.tables = List.copyOf(tables);
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint");
    }
    if (tables.isEmpty()
        || tables.stream().map(PostgresTable::source).distinct().count() != tables.size()) {
      throw new IllegalArgumentException(
          endpoints.getFirst().where() + ": no source, or one of them twice");
    }
  }

  @Override
  public List<String> endpoints() {
    return endpoints.stream().map(PostgresSettings::where).toList();
  }

  @Override
  public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) throws StreamException {
    PostgresSession session = new PostgresSession(endpoints.get(endpoint));
    current = session;
    boolean opened = false;
    try {
      Opening.Opened open =
          new Opening(session, tables, withPrelude, missing, sink)
              .open(fresh, carried, endpoints.size() > 1);
      carried.clear();
      carried.putAll(open.carried());
      watch = open.watch();
      opened = true;
      return open.stream();
    } catch (StreamException e) {
      throw failed(e, fresh);
    } catch (SQLException e) {
      throw failed(session.failure("opening the stream", e), fresh);
    } finally {
      if (!opened) {
        session.abort();
      }
    }
  }

  private StreamException failed(StreamException told, boolean fresh) {
    StreamException failure = missing.judge(told);
    // Were it what the slot kept, it would be so again.
    withPrelude &= failure.failure().kind() != FailureKind.HISTORY_LOST || !fresh;
    return failure;
  }

  @Override
  public Optional<Checkpoint> probe(int endpoint) {
    PostgresSession session = new PostgresSession(endpoints.get(endpoint));
    try {
      Connection replication = session.replication();
      Server server = session.queries().ask("looking at the server", Server::read);
      if (!server.problems().isEmpty()) {
        return Optional.empty();
      }
      History history = History.read(session, replication);
      return Optional.of(new Checkpoint(history.epoch(), history.end()));
    } catch (SQLException | StreamException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: not well: {1}", session.where(), e.getMessage());
      return Optional.empty();
    } finally {
      session.abort();
    }
  }

  @Override
  public void abort() {
    PostgresSession session = current;
    if (session != null) {
      session.abort();
    }
  }

  /**
   * What the server kept for the slot when it was looked at last, which is every few seconds while
   * a stream runs; nothing before. Any thread.
   */
  public Optional<Retention> retention() {
    Watch last = watch;
    return last == null ? Optional.empty() : last.retention();
  }

  /** What may still be written before the server, or we ourselves, give the slot up. */
  @Override
  public Optional<Margin> margin() {
    return retention().map(Retention::margin);
  }
}
