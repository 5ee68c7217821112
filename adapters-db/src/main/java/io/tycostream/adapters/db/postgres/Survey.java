package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.Resumption.Followed;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the catalogue says of the tables that are to be followed, each by the name of its source.
 *
 * @param members those that can be, and are published
 * @param unusable the others
 */
record Survey(Map<String, Member> members, Map<String, Unusable> unusable) {

  /**
   * Why a table cannot be followed.
   *
   * @param reason one sentence, with what to do
   * @param defined whether it could be, were it published
   */
  record Unusable(String reason, boolean defined) {}

  Survey {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members)); // keeps the order
    unusable = Collections.unmodifiableMap(new LinkedHashMap<>(unusable));
  }

  /** The tables as they are; those that are missing in the publication are added to it. */
  static Survey publishing(PostgresSettings settings, List<PostgresTable> tables, Connection from)
      throws SQLException, StreamException {
    return take(settings, tables, from, true);
  }

  /** The tables as they are; nothing is changed. */
  static Survey looking(PostgresSettings settings, List<PostgresTable> tables, Connection from)
      throws SQLException, StreamException {
    return take(settings, tables, from, false);
  }

  private static Survey take(
      PostgresSettings settings, List<PostgresTable> tables, Connection from, boolean publish)
      throws SQLException, StreamException {
    Publication publication = new Publication(settings, from);
    TableCatalogue catalogue = new TableCatalogue(from);
    Map<String, Member> members = new LinkedHashMap<>();
    Map<String, Unusable> unusable = new LinkedHashMap<>();
    for (PostgresTable table : tables) {
      boolean defined = false;
      try {
        TableDefinition definition = catalogue.read(table);
        defined = true;
        String membership =
            publish ? publication.ensure(definition) : present(publication, definition);
        members.put(table.source(), new Member(definition, membership));
      } catch (UnusableTableException e) {
        unusable.put(table.source(), new Unusable(e.reason(), defined));
      }
    }
    return new Survey(members, unusable);
  }

  /** The tables that can be followed. */
  List<TableDefinition> definitions() {
    return members.values().stream().map(Member::definition).toList();
  }

  /** How each of them is carried. */
  Map<String, Followed> followed() {
    Map<String, Followed> followed = new LinkedHashMap<>();
    members.forEach((source, member) -> followed.put(source, member.followed()));
    return followed;
  }

  private static String present(Publication publication, TableDefinition table)
      throws SQLException, StreamException, UnusableTableException {
    Optional<String> membership = publication.membership(table);
    if (membership.isEmpty()) {
      throw new UnusableTableException(
          table.table().relation() + " was taken out of the publication");
    }
    return membership.get();
  }

  /**
   * What is not as it was when the stream was opened.
   *
   * @param reason without a full stop, for people
   * @param announced whether the stream itself tells of it, where it comes to it
   */
  record Difference(String reason, boolean announced) {}

  /** The first thing that does not allow the stream to go on, or that it should take in. */
  Optional<Difference> differenceTo(Survey opened) {
    for (Map.Entry<String, Member> entry : opened.members.entrySet()) {
      String source = entry.getKey();
      Member before = entry.getValue();
      Member now = members.get(source);
      if (now == null) {
        Unusable why = unusable.get(source);
        return Optional.of(
            new Difference(why == null ? source + " is not configured" : why.reason, false));
      }
      String relation = before.definition().table().relation();
      if (!now.membership().equals(before.membership())) {
        return Optional.of(
            new Difference(relation + " left the publication and came back, or it changed", false));
      }
      if (!now.definition().sameAs(before.definition())) {
        return Optional.of(
            new Difference(
                relation + " changed its columns, their types or key, or is another table", true));
      }
    }
    return opened.unusable.entrySet().stream()
        .filter(entry -> canBeFollowedNow(entry.getKey(), entry.getValue()))
        .map(entry -> new Difference("source " + entry.getKey() + " can be followed now", false))
        .findFirst();
  }

  private boolean canBeFollowedNow(String source, Unusable before) {
    Unusable now = unusable.get(source);
    return now == null || (now.defined && !before.defined);
  }
}
