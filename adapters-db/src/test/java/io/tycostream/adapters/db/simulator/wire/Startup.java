package io.tycostream.adapters.db.simulator.wire;

import java.util.Map;

/**
 * What a client said when it connected.
 *
 * @param parameters everything in its start-up message, such as {@code user}, {@code database},
 *     {@code application_name}, {@code options}
 */
public record Startup(Map<String, String> parameters) {

  public Startup {
    parameters = Map.copyOf(parameters);
  }

  public String user() {
    return parameters.getOrDefault("user", "");
  }

  /** The user's name if the client named none, as in PostgreSQL. */
  public String database() {
    return parameters.getOrDefault("database", user());
  }
}
