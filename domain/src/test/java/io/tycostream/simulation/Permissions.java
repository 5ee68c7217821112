package io.tycostream.simulation;

import io.tycostream.domain.feed.Filter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which rows each client may see at all; the gateways add it to what a client asks for. */
final class Permissions {

  private final Map<String, Filter> byClient = new TreeMap<>();

  void permit(String client, Filter rows) {
    byClient.put(client, rows);
  }

  /** What a client sees when it asks for this. */
  Filter effective(String client, Filter wanted) {
    Filter permitted = byClient.get(client);
    return permitted == null ? wanted : new Filter.And(List.of(wanted, permitted));
  }
}
