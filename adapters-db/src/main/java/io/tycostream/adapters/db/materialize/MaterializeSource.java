package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.adapters.db.materialize.Catalogue.Definition;
import io.tycostream.adapters.db.materialize.Catalogue.Frontiers;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.Margin;
import io.tycostream.domain.upstream.Resumption;
import io.tycostream.domain.upstream.Resumption.Followed;
import io.tycostream.domain.upstream.Resumption.Held;
import io.tycostream.domain.upstream.Resumption.Retained;
import io.tycostream.domain.upstream.Resumption.Shown;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * One relation of Materialize, followed through {@code SUBSCRIBE}.
 *
 * <p>A <b>fresh</b> stream begins with all rows at a time T, and tells every change behind T. When
 * nothing was held before, T lies as far back as clients may want to resume from, or as the
 * database still can, so that they resume by replay although the gateway was started again. When
 * history was lost, T is the earliest time from what is held on that can still be read, so that
 * what is told as a difference is as little as possible.
 *
 * <p>A <b>resumed</b> stream tells exactly what happened behind what is complete: {@code SNAPSHOT =
 * false} leaves out what is at or before its {@code AS OF}.
 */
public final class MaterializeSource implements ChangeSource {

  private static final System.Logger LOG = System.getLogger(MaterializeSource.class.getName());

  /** The last time there is: a relation that is complete up to here never changes again. */
  private static final long END_OF_TIME = -1;

  private final List<MaterializeSettings> endpoints;
  private final MaterializeRelation relation;

  /** How the rows have come without a break since all of them were read. */
  private Map<String, Followed> carried = Map.of();

  private volatile @Nullable Connections current;
  private volatile Optional<Duration> retained = Optional.empty();

  /**
   * @param endpoints in the order of preference, at least one
   * @throws IllegalArgumentException when there is no endpoint
   */
  public MaterializeSource(List<MaterializeSettings> endpoints, MaterializeRelation relation) {
    this.endpoints = List.copyOf(endpoints);
    this.relation = relation;
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException(relation.source() + ": no endpoint");
    }
  }

  @Override
  public List<String> endpoints() {
    return endpoints.stream().map(settings -> settings.connection().where()).toList();
  }

  @Override
  public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) throws StreamException {
    MaterializeSettings settings = endpoints.get(endpoint);
    Connections connections = connections(settings);
    current = connections;
    Opening opening = new Opening(settings, connections, sink);
    boolean opened = false;
    try {
      ChangeStream stream = opening.open(fresh);
      opened = true;
      return stream;
    } catch (SQLException e) {
      throw connections.failure("opening the stream", e);
    } catch (UnusableRelationException e) {
      throw connections.failure(FailureKind.QUERY, e.reason());
    } finally {
      if (!opened) {
        connections.abort();
        opening.giveUp();
      }
    }
  }

  @Override
  public Optional<Checkpoint> probe(int endpoint) {
    MaterializeSettings settings = endpoints.get(endpoint);
    Connections connections = connections(settings);
    try {
      connect(settings, connections);
      Catalogue catalogue = new Catalogue(connections.queries());
      Definition definition = catalogue.definition(relation);
      long now = catalogue.now();
      long told = catalogue.frontiers(definition.id()).upper().map(upper -> upper - 1).orElse(now);
      return Optional.of(
          new Checkpoint(
              epoch(settings, catalogue), Long.compareUnsigned(told, now) > 0 ? told : now));
    } catch (StreamException | UnusableRelationException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: not well: {1}", connections.where(), e.getMessage());
      return Optional.empty();
    } finally {
      connections.abort();
    }
  }

  /** Its times are milliseconds since 1970; the last one there is stands for an end. */
  @Override
  public Optional<Instant> moment(long time) {
    return time < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(time));
  }

  /** How far back the relation could be read when the stream was opened. */
  @Override
  public Optional<Margin> margin() {
    return retained.map(
        time -> new Margin(Optional.of(time), OptionalLong.empty(), Optional.empty()));
  }

  @Override
  public void abort() {
    Connections connections = current;
    if (connections != null) {
      connections.abort();
    }
  }

  static Connections connections(MaterializeSettings settings) {
    return new Connections(settings.connection(), MaterializeFailures.TABLE, "");
  }

  /** The stream's own connection: bounds of the server that would end it are lifted. */
  static Connection connect(MaterializeSettings settings, Connections connections)
      throws StreamException {
    return connections.connect(
        source -> source.setPreferQueryMode(PreferQueryMode.SIMPLE),
        "connecting",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute("SET idle_in_transaction_session_timeout = 0");
            statement.execute("SET statement_timeout = 0");
            if (settings.cluster().isPresent()) {
              statement.execute("SET cluster = " + Sql.name(settings.cluster().get()));
            }
          }
        });
  }

  static String epoch(MaterializeSettings settings, Catalogue catalogue) throws StreamException {
    // An id has hyphens and a region's name; whatever else may come, an epoch cannot have it.
    String id = catalogue.environment().id().replaceAll("[^A-Za-z0-9_-]", "_");
    return "mz-" + id + (settings.historyId().isEmpty() ? "" : "-" + settings.historyId());
  }

  /** One call of {@link #open}. */
  private final class Opening {

    private final MaterializeSettings settings;
    private final Connections connections;
    private final Catalogue catalogue;
    private final ChangeSink sink;

    /** What is read; nothing before the statement. */
    private @Nullable LineBuffer lines;

    Opening(MaterializeSettings settings, Connections connections, ChangeSink sink) {
      this.settings = settings;
      this.connections = connections;
      this.catalogue = new Catalogue(connections.queries());
      this.sink = sink;
    }

    /** It did not come to a stream. The connections are cut already. */
    void giveUp() {
      if (lines != null) {
        lines.close();
      }
    }

    ChangeStream open(boolean fresh)
        throws StreamException, SQLException, UnusableRelationException {
      Connection connection = connect(settings, connections);
      String epoch = epoch(settings, catalogue);
      Definition definition = catalogue.definition(relation);
      Frontiers frontiers = catalogue.frontiers(definition.id());
      retained = frontiers.retained();
      Map<String, Followed> followed =
          Map.of(
              relation.source(),
              new Followed(definition.relation().print(), definition.carriage()));
      ChangeStream stream =
          fresh
              ? read(connection, epoch, definition, frontiers)
              : resume(connection, epoch, definition, frontiers, followed);
      carried = followed;
      return stream;
    }

    private ChangeStream read(
        Connection connection, String epoch, Definition definition, Frontiers frontiers)
        throws StreamException, SQLException, UnusableRelationException {
      sink.snapshotStarted();
      long now = catalogue.now();
      copy(connection, definition, begin(epoch, definition, now), true);
      long asOf = first();
      requireSame(definition);
      sink.loading(relation.source(), definition.relation(), new Checkpoint(epoch, asOf));
      return stream(definition, Reach.withAllRows(asOf, frontiers.upper().orElse(now)));
    }

    /** The earliest time that is of use; the server takes the earliest that it still has. */
    private long begin(String epoch, Definition definition, long now) {
      Optional<Checkpoint> held = sink.complete().filter(at -> at.epoch().equals(epoch));
      if (held.isPresent()) {
        // What is held of another relation of this name may have been ahead of the clock.
        boolean same = isHeld(definition);
        long time = held.get().time();
        return same || Long.compareUnsigned(time, now) < 0 ? time : now;
      }
      long history = relation.history().toMillis();
      return Long.compareUnsigned(now, history) < 0 ? 0 : now - history;
    }

    private boolean isHeld(Definition definition) {
      return sink.relation(relation.source())
          .filter(held -> held.print().equals(definition.relation().print()))
          .isPresent();
    }

    private ChangeStream resume(
        Connection connection,
        String epoch,
        Definition definition,
        Frontiers frontiers,
        Map<String, Followed> followed)
        throws StreamException, SQLException, UnusableRelationException {
      Checkpoint complete = decide(epoch, frontiers, followed);
      if (complete.time() == END_OF_TIME) {
        return new FinishedStream(connections, catalogue, relation, definition);
      }
      copy(connection, definition, complete.time(), false);
      long asOf = first();
      requireSame(definition);
      sink.resumed(asOf);
      return stream(definition, Reach.behind(asOf, present(frontiers)));
    }

    /**
     * How far the relation is. The catalogue lags by seconds, so that a stream that comes to there
     * is no further behind than that.
     */
    private long present(Frontiers frontiers) throws StreamException {
      return frontiers.upper().isPresent() ? frontiers.upper().get() : catalogue.now();
    }

    private Checkpoint decide(String epoch, Frontiers frontiers, Map<String, Followed> followed)
        throws StreamException {
      Map<String, String> known =
          sink.relation(relation.source())
              .map(held -> Map.of(relation.source(), held.print()))
              .orElse(Map.of());
      // The catalogue lags: that it does not yet show where we are says nothing. Whether the
      // environment was set back is noticed when the stream is silent.
      long unknown = END_OF_TIME;
      Retained retained = new Retained.After(frontiers.since().orElse(0L));
      Resumption resumption =
          Resumption.decide(
              new Held(sink.complete(), known, carried),
              new Shown(
                  epoch, unknown, settings.connection().endpoint().replica(), retained, followed));
      return switch (resumption) {
        case Resumption.Resume(Checkpoint at) -> at;
        case Resumption.HistoryLost(String reason) -> throw lost(reason);
        case Resumption.Behind behind -> throw new IllegalStateException("never behind: " + behind);
        case Resumption.SetBack back -> throw new IllegalStateException("never behind: " + back);
      };
    }

    private void copy(Connection connection, Definition definition, long asOf, boolean snapshot)
        throws StreamException, SQLException {
      String statement =
          "COPY (SUBSCRIBE "
              + Sql.name(relation.schema())
              + "."
              + Sql.name(relation.name())
              + " WITH (PROGRESS, SNAPSHOT = "
              + snapshot
              + ") AS OF "
              + (snapshot ? "AT LEAST " : "")
              + Long.toUnsignedString(asOf)
              + ") TO STDOUT";
      CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement);
      int columns = definition.relation().columns().size() + Update.LEADING_COLUMNS;
      if (copy.getFieldCount() != columns) {
        throw lost(relation.relation() + " was made again while the stream was opened");
      }
      connection.setNetworkTimeout(Runnable::run, 0); // silence is noticed by who waits for lines
      lines = LineBuffer.reading(copy, relation.source());
    }

    /** The first line, which tells the {@code AS OF}. */
    private long first() throws StreamException {
      Duration patience = settings.connection().queryTimeout();
      LineBuffer reading = Objects.requireNonNull(lines);
      Optional<byte[]> line = reading.takeOne(patience);
      if (line.isPresent()) {
        return Update.progress(line.get())
            .orElseThrow(() ->
                connections.failure(
                    FailureKind.QUERY, "the stream does not begin with its progress"));
      }
      throw reading
          .failure(connections)
          .orElse(
              connections.failure(
                  FailureKind.NETWORK,
                  "the stream did not begin within " + patience.toMillis() + " ms"));
    }

    /** The name may have become another relation's between the look and the statement. */
    private void requireSame(Definition definition)
        throws StreamException, UnusableRelationException {
      if (!catalogue.definition(relation).sameAs(definition)) {
        throw lost(relation.relation() + " was made again while the stream was opened");
      }
    }

    private ChangeStream stream(Definition definition, Reach reach) {
      return new MaterializeStream(
          connections,
          relation.source(),
          new CopyText(definition.relation().columns().size()),
          Objects.requireNonNull(lines),
          reach,
          new FrontierWatch(connections, catalogue, definition.id()),
          new FinishedStream(connections, catalogue, relation, definition));
    }

    private StreamException lost(String reason) {
      return connections.failure(FailureKind.HISTORY_LOST, reason + "; all rows are read anew");
    }
  }
}
