package io.tycostream.simulation;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.session.Grant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which tables each client may follow, and which rows of them it may see at all; the gateways add
 * it to what a client asks for.
 */
final class Permissions {

  private final Map<String, Filter> byClient = new TreeMap<>();

  /** Of each client the table that it may not follow, if there is one. */
  private final Map<String, String> denied = new TreeMap<>();

  void permit(String client, Filter rows) {
    byClient.put(client, rows);
  }

  void deny(String client, String table) {
    denied.put(client, table);
  }

  /** It may follow all tables again; whether there was one that it might not. */
  boolean allow(String client) {
    return denied.remove(client) != null;
  }

  /** What a client's credentials say about all tables. */
  Grant grant(String client, Collection<String> tables) {
    Map<String, Filter> filters = new TreeMap<>();
    Filter permitted = byClient.get(client);
    if (permitted != null) {
      tables.forEach(table -> filters.put(table, permitted));
    }
    Optional<Set<String>> allowed =
        Optional.ofNullable(denied.get(client))
            .map(not ->
                tables.stream().filter(table -> !table.equals(not)).collect(Collectors.toSet()));
    return new Grant(client, allowed, filters, false, Optional.empty());
  }

  /** What a client sees when it asks for this. */
  Filter effective(String client, Filter wanted) {
    Filter permitted = byClient.get(client);
    return permitted == null ? wanted : new Filter.And(List.of(wanted, permitted));
  }
}
