package io.tycostream.simulation;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.session.Grant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which rows each client may see at all; the gateways add it to what a client asks for. */
final class Permissions {

  private final Map<String, Filter> byClient = new TreeMap<>();

  void permit(String client, Filter rows) {
    byClient.put(client, rows);
  }

  /** What a client's credentials say about all tables. */
  Grant grant(String client, Collection<String> tables) {
    Map<String, Filter> filters = new TreeMap<>();
    Filter permitted = byClient.get(client);
    if (permitted != null) {
      tables.forEach(table -> filters.put(table, permitted));
    }
    return new Grant(client, Optional.empty(), filters, false, Optional.empty());
  }

  /** What a client sees when it asks for this. */
  Filter effective(String client, Filter wanted) {
    Filter permitted = byClient.get(client);
    return permitted == null ? wanted : new Filter.And(List.of(wanted, permitted));
  }
}
