package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.ChangeCount;
import io.tycostream.adapters.db.Observed;
import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.adapters.db.connection.Sql;
import io.tycostream.adapters.db.materialize.Catalogue.Definition;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Looks for a while how much changes in a relation: through a {@code SUBSCRIBE} that begins where
 * the relation is. How long it looked is told by the stream itself, in the relation's own time.
 */
public final class MaterializeRate {

  private final MaterializeRelation relation;
  private final Connections connections;
  private @Nullable LineBuffer lines;

  private MaterializeRate(MaterializeRelation relation, Connections connections) {
    this.relation = relation;
    this.connections = connections;
  }

  /** What is seen in about so much time; blocks as long, and a little more. */
  public static Observed observe(
      MaterializeSettings settings, MaterializeRelation relation, Duration during) {
    MaterializeRate rate = new MaterializeRate(relation, MaterializeSource.connections(settings));
    try {
      return rate.observe(settings, during);
    } catch (StreamException e) {
      return new Observed.NotKnown(e.failure().message());
    } catch (UnusableRelationException e) {
      return new Observed.NotKnown(e.reason());
    } catch (SQLException e) {
      return new Observed.NotKnown(
          rate.connections.failure("looking at changes", e).failure().message());
    } finally {
      rate.connections.abort();
      rate.close();
    }
  }

  private void close() {
    if (lines != null) {
      lines.close();
    }
  }

  private Observed observe(MaterializeSettings settings, Duration during)
      throws StreamException, UnusableRelationException, SQLException {
    Connection connection = MaterializeSource.connect(settings, connections);
    Definition definition = new Catalogue(connections.queries()).definition(relation);
    String statement =
        "COPY (SUBSCRIBE "
            + Sql.name(relation.schema())
            + "."
            + Sql.name(relation.name())
            + " WITH (PROGRESS, SNAPSHOT = false)) TO STDOUT";
    CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(statement);
    connection.setNetworkTimeout(Runnable::run, 0);
    LineBuffer reading = LineBuffer.reading(copy, relation.source());
    lines = reading;
    ChangeCount count = new ChangeCount(definition.relation());
    CopyText columns = new CopyText(definition.relation().columns().size());
    OptionalLong first = OptionalLong.empty();
    long last = 0;
    long end = System.nanoTime() + during.toNanos();
    for (long left = during.toNanos(); left > 0; left = end - System.nanoTime()) {
      for (byte[] line : reading.take(Duration.ofNanos(left))) {
        switch (Update.read(line, columns)) {
          case Update.Rows rows -> count.row(rows.time(), rows.row(), rows.diff());
          case Update.Progress(long before) -> {
            first = first.isPresent() ? first : OptionalLong.of(before);
            last = before;
          }
        }
      }
      if (reading.isAtEnd()) {
        return reading
            .failure(connections)
            .<Observed>map(failure -> new Observed.NotKnown(failure.failure().message()))
            .orElse(new Observed.NotKnown(relation.relation() + " never changes again"));
      }
    }
    // The first is the time behind which changes are told, the last the one before which they were.
    long told = first.isPresent() ? last - 1 - first.getAsLong() : 0;
    return told > 0
        ? count.during(Duration.ofMillis(told))
        : new Observed.NotKnown(
            relation.relation() + " did not get on in " + during.toMillis() + " ms");
  }
}
