package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.Findings;
import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.materialize.Catalogue.Definition;
import io.tycostream.adapters.db.materialize.Catalogue.Environment;
import io.tycostream.adapters.db.materialize.Catalogue.Frontiers;
import io.tycostream.adapters.db.materialize.Catalogue.Index;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Looks at an environment once, as a source would open it, and changes nothing. */
public final class MaterializeCheck {

  /** With less the database forgets what we would go on behind while we connect again. */
  private static final Duration SHORT_RETENTION = Duration.ofMinutes(1);

  private final List<String> problems = new ArrayList<>();
  private final List<String> summary = new ArrayList<>();
  private final MaterializeSettings settings;
  private final Connections connections;

  private MaterializeCheck(MaterializeSettings settings, Connections connections) {
    this.settings = settings;
    this.connections = connections;
  }

  /** Connects, asks and disconnects; bounded by the connect and the query timeout. */
  public static Findings run(MaterializeSettings settings, List<MaterializeRelation> relations) {
    Connections connections = MaterializeSource.connections(settings);
    MaterializeCheck check = new MaterializeCheck(settings, connections);
    try {
      MaterializeSource.connect(settings, connections);
      check.look(relations);
    } catch (StreamException e) {
      check.problems.add(e.failure().message());
    } finally {
      connections.abort();
    }
    return new Findings(check.problems, check.summary);
  }

  private void look(List<MaterializeRelation> relations) throws StreamException {
    Catalogue catalogue = new Catalogue(connections.queries());
    Environment environment = catalogue.environment();
    summary.add(
        connections.where()
            + ": Materialize "
            + environment.version()
            + ", environment "
            + environment.id()
            + settings.cluster().map(cluster -> ", cluster " + cluster).orElse(""));
    for (MaterializeRelation relation : relations) {
      try {
        Definition definition = catalogue.definition(relation);
        summary.add(
            "source "
                + relation.source()
                + ": "
                + definition.type()
                + " "
                + relation.relation()
                + ", "
                + (relation.key().isEmpty() ? "no key" : "key " + String.join(", ", relation.key()))
                + ", "
                + retention(catalogue, definition));
      } catch (UnusableRelationException e) {
        problems.add(connections.where() + ": source " + relation.source() + ": " + e.reason());
      }
    }
  }

  private static String retention(Catalogue catalogue, Definition definition)
      throws StreamException {
    if (definition.isView()) {
      return "a view, so its inputs say how far back it can be resumed";
    }
    Frontiers frontiers = catalogue.frontiers(definition.id());
    List<Index> indexes = catalogue.indexes(definition.id());
    String indexed =
        indexes.isEmpty()
            ? ""
            : ", and on a cluster with an index less: "
                + indexes.stream()
                    .map(index -> index.name() + " on " + index.cluster())
                    .collect(Collectors.joining(", "));
    return frontiers
        .retained()
        .map(retained ->
            "can be resumed "
                + retained.toSeconds()
                + " s back"
                + (retained.compareTo(SHORT_RETENTION) < 0
                    ? " (every longer break means that all rows are read anew: WITH (RETAIN HISTORY"
                        + " FOR …) keeps more)"
                    : "")
                + indexed)
        .orElse("never changes again");
  }
}
