package io.tycostream.app.config;

import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.time.Duration;
import java.util.Arrays;
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

  /** One database and some of its tables on loopback, with the default for everything else. */
  public static Configuration onLoopback(int port, Database database, String... tables) {
    return new Configuration(
        new Server("127.0.0.1", port, Set.of()),
        List.of(database),
        Arrays.stream(tables).map(table -> StreamedTable.named(table, database.name())).toList(),
        new Clients(ClientLimits.DEFAULT, Clients.SOCKET_SEND_BUFFER),
        database.name());
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

    /** A database on this machine that needs no password, with the default for everything else. */
    public static Database onLoopback(String name, int port, String database, String user) {
      return new Database(
          name,
          "127.0.0.1",
          port,
          database,
          user,
          "",
          "disable",
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          UpstreamSettings.DEFAULT,
          "tycostream_" + name,
          "tycostream",
          "");
    }

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
      SourceLimits limits) {

    /** A table of the schema {@code public}, under its own name and with the default limits. */
    public static StreamedTable named(String table, String database) {
      return new StreamedTable(
          table, database, "public." + table, Optional.empty(), SourceLimits.DEFAULT);
    }
  }

  /**
   * What holds for clients.
   *
   * @param socketSendBuffer bytes; small, so that a slow client's backlog stays in the log
   */
  public record Clients(ClientLimits limits, int socketSendBuffer) {

    /** 64 KiB. */
    public static final int SOCKET_SEND_BUFFER = 64 << 10;
  }
}
