package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.adapters.db.materialize.Catalogue.Definition;
import io.tycostream.adapters.db.materialize.Catalogue.Frontiers;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.Resumption;
import io.tycostream.domain.upstream.Resumption.Followed;
import io.tycostream.domain.upstream.Resumption.Held;
import io.tycostream.domain.upstream.Resumption.Retained;
import io.tycostream.domain.upstream.Resumption.Shown;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * How a stream is opened.
 *
 * <p>A <b>fresh</b> stream begins with all rows at a time T, and tells every change behind T. When
 * nothing was held before, T lies as far back as clients may want to resume from, or as the
 * database still can, so that they resume by replay although the gateway was started again. When
 * history was lost, T is the earliest time from what is held on that can still be read, so that
 * what is told as a difference is as little as possible. When there were too many rows, T is now.
 *
 * <p>A <b>resumed</b> stream tells exactly what happened behind what is complete: {@code SNAPSHOT =
 * false} leaves out what is at or before its {@code AS OF}.
 */
final class Opening {

  /** The last time there is: a relation that is complete up to here never changes again. */
  private static final long END_OF_TIME = -1;

  /** A relation is complete up to a tick, of a second by default, ahead of the clock. */
  private static final long USUALLY_AHEAD = 10_000;

  /** The catalogue tells where a relation was some seconds ago. */
  private static final long CATALOGUE_LAG = 5_000;

  /**
   * What an opening comes to.
   *
   * @param epoch of what the stream tells
   * @param carried how it carries the relation, by the name of the source
   */
  record Opened(ChangeStream stream, String epoch, Map<String, Followed> carried) {}

  private final MaterializeSettings settings;
  private final MaterializeRelation relation;
  private final Connections connections;
  private final Map<String, Followed> carried;
  private final Catalogue catalogue;
  private final ChangeSink sink;
  private final LongSupplier nanoTime;
  private final Consumer<Optional<Duration>> retained;

  /** What is read; nothing before the statement. */
  private @Nullable LineBuffer lines;

  /**
   * @param carried how the rows have come without a break since all of them were read
   * @param nanoTime as {@link System#nanoTime} has it; for what is waited for while it is silent
   * @param retained told now and then how far back the relation can be read, where that is a time
   */
  Opening(
      MaterializeSettings settings,
      MaterializeRelation relation,
      Connections connections,
      Map<String, Followed> carried,
      ChangeSink sink,
      LongSupplier nanoTime,
      Consumer<Optional<Duration>> retained) {
    this.settings = settings;
    this.relation = relation;
    this.connections = connections;
    this.carried = carried;
    this.catalogue = new Catalogue(connections.queries());
    this.sink = sink;
    this.nanoTime = nanoTime;
    this.retained = retained;
  }

  /** It did not come to a stream. The connections are cut already. */
  void giveUp() {
    if (lines != null) {
      lines.close();
    }
  }

  /**
   * The relation's own history, where what is held is of it; else the environment's. It has one of
   * its own when it was made again behind another one that was ahead of the clock: in the
   * environment's history time would go back.
   *
   * @param held the epoch of what is held, if anything is
   */
  static String epoch(Optional<String> held, String environment, Definition definition) {
    String own = own(environment, definition);
    return held.filter(own::equals).orElse(environment);
  }

  private static String own(String environment, Definition definition) {
    return environment + "-" + definition.id();
  }

  /**
   * How far an endpoint is at least.
   *
   * @param told what the catalogue shows to be complete, which lags
   * @param now the environment's time, which a replica's relations may be far behind
   */
  static long reached(MaterializeSettings settings, long told, long now) {
    boolean lags =
        settings.connection().endpoint().replica()
            && Long.compareUnsigned(told, Math.max(0, now - CATALOGUE_LAG)) < 0;
    return lags || Long.compareUnsigned(told, now) > 0 ? told : now;
  }

  /** Connects, looks and begins to read. */
  Opened open(boolean fresh) throws StreamException, SQLException, UnusableRelationException {
    Connection connection = MaterializeSource.connect(settings, connections);
    String environment = MaterializeSource.epoch(settings, catalogue);
    Definition definition = catalogue.definition(relation);
    Frontiers frontiers = catalogue.frontiers(definition.id());
    Map<String, Followed> followed =
        Map.of(
            relation.source(), new Followed(definition.relation().print(), definition.carriage()));
    Optional<String> held = sink.complete().map(Checkpoint::epoch);
    String epoch = epoch(held, environment, definition);
    ChangeStream stream;
    if (fresh) {
      long now = catalogue.now();
      epoch = isBehindAnother(environment, definition, now) ? own(environment, definition) : epoch;
      requireNotBehind(shown(epoch, definition, frontiers, followed));
      stream = read(connection, epoch, definition, frontiers, now);
    } else {
      stream =
          resume(connection, definition, frontiers, shown(epoch, definition, frontiers, followed));
    }
    return new Opened(stream, epoch, followed);
  }

  /**
   * Whether what is held is of another relation that was ahead of the clock, or followed on one.
   */
  private boolean isBehindAnother(String environment, Definition definition, long now) {
    return !isHeld(definition)
        && sink.complete()
            .filter(held ->
                held.epoch().startsWith(environment + "-")
                    || (held.epoch().equals(environment)
                        && Long.compareUnsigned(held.time(), now + USUALLY_AHEAD) > 0))
            .isPresent();
  }

  private ChangeStream read(
      Connection connection, String epoch, Definition definition, Frontiers frontiers, long now)
      throws StreamException, SQLException, UnusableRelationException {
    sink.snapshotStarted();
    copy(connection, definition, begin(epoch, now), true);
    long asOf = first();
    requireSame(definition);
    sink.loading(relation.source(), definition.relation(), new Checkpoint(epoch, asOf));
    return stream(connection, definition, Reach.withAllRows(asOf, frontiers.upper().orElse(now)));
  }

  /**
   * The earliest time that is of use, not before what is held; the server takes the earliest that
   * it still has.
   */
  private long begin(String epoch, long now) {
    Optional<Checkpoint> held = sink.complete().filter(at -> at.epoch().equals(epoch));
    if (!sink.wantsPast()) {
      return held.filter(at -> Long.compareUnsigned(at.time(), now) > 0)
          .map(Checkpoint::time)
          .orElse(now);
    }
    if (held.isPresent()) {
      return held.get().time();
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
      Connection connection, Definition definition, Frontiers frontiers, Shown shown)
      throws StreamException, SQLException, UnusableRelationException {
    Checkpoint complete = decide(shown);
    if (complete.time() == END_OF_TIME) {
      return new FinishedStream(connections, catalogue, relation, definition);
    }
    copy(connection, definition, complete.time(), false);
    long asOf = first();
    requireSame(definition);
    sink.resumed(asOf);
    return stream(connection, definition, Reach.behind(asOf, present(frontiers)));
  }

  /**
   * How far the relation is. The catalogue lags by seconds, so that a stream that comes to there is
   * no further behind than that.
   */
  private long present(Frontiers frontiers) throws StreamException {
    return frontiers.upper().isPresent() ? frontiers.upper().get() : catalogue.now();
  }

  private Shown shown(
      String epoch, Definition definition, Frontiers frontiers, Map<String, Followed> followed)
      throws StreamException {
    return new Shown(
        epoch,
        shownTime(definition, frontiers),
        settings.connection().endpoint().replica(),
        new Retained.After(frontiers.since().orElse(0L)),
        followed);
  }

  /**
   * How far the endpoint may be, for all that the catalogue shows. A replica that is known to be
   * behind is waited for. Of a primary it is not said from one look: whether the environment was
   * set back is noticed when its stream is silent.
   */
  private long shownTime(Definition definition, Frontiers frontiers) throws StreamException {
    boolean forEver = sink.complete().filter(held -> held.time() == END_OF_TIME).isPresent();
    boolean unknown = frontiers.upper().isEmpty() && !definition.isView();
    if (!settings.connection().endpoint().replica() || forEver || unknown) {
      return END_OF_TIME;
    }
    long latest = present(frontiers) - 1 + CATALOGUE_LAG;
    return Long.compareUnsigned(latest, CATALOGUE_LAG) < 0 ? END_OF_TIME : latest;
  }

  private void requireNotBehind(Shown shown) throws StreamException {
    Optional<Resumption> backwards =
        sink.complete().flatMap(held -> Resumption.backwards(held, shown));
    if (backwards.isPresent()) {
      toGoOnBehind(backwards.get());
    }
  }

  private Checkpoint decide(Shown shown) throws StreamException {
    Map<String, String> known =
        sink.relation(relation.source())
            .map(held -> Map.of(relation.source(), held.print()))
            .orElse(Map.of());
    return toGoOnBehind(Resumption.decide(new Held(sink.complete(), known, carried), shown));
  }

  private Checkpoint toGoOnBehind(Resumption resumption) throws StreamException {
    return switch (resumption) {
      case Resumption.Resume(Checkpoint at) -> at;
      case Resumption.HistoryLost(String reason) -> throw lost(reason);
      case Resumption.Behind(long lag) ->
          throw connections.failure(
              FailureKind.BEHIND,
              "it lags behind us by " + Long.toUnsignedString(lag + CATALOGUE_LAG) + " ms");
      case Resumption.SetBack back -> throw new IllegalStateException("never from a look: " + back);
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

  private ChangeStream stream(Connection connection, Definition definition, Reach reach)
      throws SQLException {
    Optional<String> cluster =
        Optional.ofNullable(connection.unwrap(PGConnection.class).getParameterStatus("cluster"));
    return new MaterializeStream(
        connections,
        relation.source(),
        new CopyText(definition.relation().columns().size()),
        Objects.requireNonNull(lines),
        reach,
        new FrontierWatch(connections, catalogue, definition.id(), nanoTime),
        new RetentionWatch(
            catalogue,
            definition.id(),
            cluster,
            settings.connection().heartbeatInterval(),
            retained,
            nanoTime),
        new FinishedStream(connections, catalogue, relation, definition));
  }

  private StreamException lost(String reason) {
    return connections.failure(FailureKind.HISTORY_LOST, reason + "; all rows are read anew");
  }
}
