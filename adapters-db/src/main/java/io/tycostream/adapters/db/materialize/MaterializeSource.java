package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.adapters.db.materialize.Catalogue.Definition;
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
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PreferQueryMode;

/** One relation of Materialize, followed through {@code SUBSCRIBE}; see {@link Opening}. */
public final class MaterializeSource implements ChangeSource {

  private static final System.Logger LOG = System.getLogger(MaterializeSource.class.getName());

  private final List<MaterializeSettings> endpoints;
  private final MaterializeRelation relation;
  private final LongSupplier nanoTime;

  /** How the rows have come without a break since all of them were read. */
  private Map<String, Followed> carried = Map.of();

  /** The epoch of the last stream. */
  private volatile Optional<String> followed = Optional.empty();

  private volatile @Nullable Connections current;
  private volatile Optional<Duration> retained = Optional.empty();

  /**
   * @param endpoints in the order of preference, at least one
   * @throws IllegalArgumentException when there is no endpoint
   */
  public MaterializeSource(List<MaterializeSettings> endpoints, MaterializeRelation relation) {
    this(endpoints, relation, System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime} has it, for silence
   */
  MaterializeSource(
      List<MaterializeSettings> endpoints, MaterializeRelation relation, LongSupplier nanoTime) {
    this.endpoints = List.copyOf(endpoints);
    this.relation = relation;
    this.nanoTime = nanoTime;
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
    Opening opening =
        new Opening(
            settings, relation, connections, carried, sink, nanoTime, seen -> retained = seen);
    boolean opened = false;
    try {
      Opening.Opened open = opening.open(fresh);
      carried = open.carried();
      followed = Optional.of(open.epoch());
      opened = true;
      return open.stream();
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
      String epoch = Opening.epoch(followed, epoch(settings, catalogue), definition);
      return Optional.of(new Checkpoint(epoch, Opening.reached(settings, told, now)));
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

  /** How far back the relation can be read, as it was seen last; looked at while a stream lives. */
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
    return new Connections(settings.connection(), MaterializeFailures.TABLE, onCluster(settings));
  }

  /** Where all of a session's statements run; empty for the user's default. */
  private static String onCluster(MaterializeSettings settings) {
    return settings.cluster().map(cluster -> "SET cluster = " + Sql.name(cluster)).orElse("");
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
            String onCluster = onCluster(settings);
            if (!onCluster.isEmpty()) {
              statement.execute(onCluster);
            }
          }
        });
  }

  static String epoch(MaterializeSettings settings, Catalogue catalogue) throws StreamException {
    // An id has hyphens and a region's name; whatever else may come, an epoch cannot have it.
    String id = catalogue.environment().id().replaceAll("[^A-Za-z0-9_-]", "_");
    return "mz-" + id + (settings.historyId().isEmpty() ? "" : "-" + settings.historyId());
  }
}
