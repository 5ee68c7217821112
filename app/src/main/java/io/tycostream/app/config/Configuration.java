package io.tycostream.app.config;

import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that can be configured, valid as a whole.
 *
 * @param node the name of this node
 */
public record Configuration(
    Server server,
    List<Database> databases,
    List<StreamedTable> sources,
    Clients clients,
    String node) {

  public Configuration {
    databases = List.copyOf(databases);
    sources = List.copyOf(sources);
  }

  /**
   * Where the gateway listens.
   *
   * @param port 0 for any free one
   * @param allowedOrigins of browsers' pages, besides the gateway's own
   */
  public record Server(String host, int port, Set<String> allowedOrigins) {
    public Server {
      allowedOrigins = Set.copyOf(allowedOrigins);
    }
  }

  /**
   * A database; PostgreSQL in this version.
   *
   * @param name by which sources refer to it
   * @param sslMode as libpq's
   * @param heartbeat how often the stream has to prove that it lives; its limit is in {@code
   *     upstream}
   * @param historyId part of the epoch, may be empty
   */
  public record Database(
      String name,
      String host,
      int port,
      String database,
      String user,
      String password,
      String sslMode,
      Duration connectTimeout,
      Duration queryTimeout,
      Duration heartbeat,
      UpstreamSettings upstream,
      String slot,
      String publication,
      String historyId) {

    /** Without the password. */
    @Override
    public String toString() {
      return name + ": " + user + "@" + host + ":" + port + "/" + database;
    }
  }

  /**
   * A source.
   *
   * @param database the name of its database
   * @param relation {@code schema.table}
   * @param key nothing for what the table declares
   */
  public record StreamedTable(
      String name,
      String database,
      String relation,
      Optional<List<String>> key,
      SourceLimits limits) {}

  /**
   * What holds for clients.
   *
   * @param socketSendBuffer bytes; small, so that a slow client's backlog stays in the log
   */
  public record Clients(ClientLimits limits, int socketSendBuffer) {}
}
