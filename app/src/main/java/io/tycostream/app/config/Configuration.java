package io.tycostream.app.config;

import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.adapters.ws.auth.JwtSettings;
import io.tycostream.adapters.ws.auth.StaticToken;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
    Auth auth,
    String node) {

  public Configuration {
    databases = List.copyOf(databases);
    sources = List.copyOf(sources);
  }

  /** One database and some of its tables on loopback, with the default for everything else. */
  public static Configuration onLoopback(int port, Database database, String... tables) {
    return new Configuration(
        new Server("127.0.0.1", port, Set.of(), Optional.empty()),
        List.of(database),
        Arrays.stream(tables).map(table -> StreamedTable.named(table, database.name())).toList(),
        new Clients(ClientLimits.DEFAULT, Clients.SOCKET_SEND_BUFFER, Optional.empty()),
        new Auth.Nobody(),
        database.name());
  }

  /**
   * Where the gateway listens.
   *
   * @param port 0 for any free one
   * @param allowedOrigins of browsers' pages, besides the gateway's own
   * @param tls nothing where plain text is spoken
   */
  public record Server(String host, int port, Set<String> allowedOrigins, Optional<Tls> tls) {
    public Server {
      allowedOrigins = Set.copyOf(allowedOrigins);
    }
  }

  /**
   * What the gateway shows as its identity, and proves.
   *
   * @param certificates its own first, then those that lead to the authority's
   */
  public record Tls(List<X509Certificate> certificates, PrivateKey privateKey) {
    public Tls {
      certificates = List.copyOf(certificates);
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "TLS as " + certificates.getFirst().getSubjectX500Principal();
    }
  }

  /** Whom clients have to be. */
  public sealed interface Auth {

    /** Nobody is asked. */
    record Nobody() implements Auth {}

    /**
     * They show one of these.
     *
     * @param tokens at least one, no two alike
     */
    record Tokens(List<StaticToken> tokens) implements Auth {
      public Tokens {
        tokens = List.copyOf(tokens);
      }
    }

    /** They show a token that an issuer has signed. */
    record Jwt(JwtSettings settings) implements Auth {}
  }

  /**
   * A database.
   *
   * @param name by which sources refer to it
   * @param endpoints in the order of preference, at least one
   * @param sslMode as libpq's
   * @param heartbeat how often the stream has to prove that it lives; its limit is in {@code
   *     upstream}
   * @param poolSize how many connections there may be for queries
   * @param historyId part of the epoch, may be empty
   */
  public record Database(
      String name,
      Product product,
      List<Endpoint> endpoints,
      String user,
      String password,
      String sslMode,
      Duration connectTimeout,
      Duration queryTimeout,
      Duration heartbeat,
      int poolSize,
      UpstreamSettings upstream,
      String historyId) {

    /** 4: as many as a handful of watchers need. */
    public static final int POOL_SIZE = 4;

    public Database {
      endpoints = List.copyOf(endpoints);
    }

    /** A database on this machine that needs no password, with the default for everything else. */
    public static Database onLoopback(String name, int port, String database, String user) {
      return new Database(
          name,
          new Product.Postgres("tycostream_" + name, "tycostream", Product.Postgres.MAX_SLOT_WAL),
          List.of(new Endpoint("127.0.0.1", port, database, false, "")),
          user,
          "",
          "disable",
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1),
          POOL_SIZE,
          UpstreamSettings.DEFAULT,
          "");
    }

    /** Without the password. */
    @Override
    public String toString() {
      return name + ": " + product + " as " + user + " at " + endpoints;
    }
  }

  /**
   * A server that a database can be read from.
   *
   * @param replica whether it copies another one, and so may lag
   * @param region where it stands; may be empty
   */
  public record Endpoint(String host, int port, String database, boolean replica, String region) {}

  /** Which database it is, and what only this one has. */
  public sealed interface Product {

    /**
     * PostgreSQL, followed by logical replication.
     *
     * @param maxSlotWal bytes that the server may keep for our slot; nothing for any number
     */
    record Postgres(String slot, String publication, OptionalLong maxSlotWal) implements Product {

      /** 10 GiB. */
      public static final OptionalLong MAX_SLOT_WAL = OptionalLong.of(10L << 30);
    }

    /**
     * Materialize, followed by {@code SUBSCRIBE}.
     *
     * @param cluster nothing for the user's default
     */
    record Materialize(Optional<String> cluster) implements Product {}

    /** RisingWave, followed by subscription cursors. */
    record RisingWave() implements Product {}
  }

  /**
   * A source.
   *
   * @param database the name of its database
   * @param relation {@code schema.table}
   * @param key nothing for what the table declares, an empty list for none
   * @param subscription RisingWave's; nothing in another database
   */
  public record StreamedTable(
      String name,
      String database,
      String relation,
      Optional<List<String>> key,
      Optional<Subscription> subscription,
      SourceLimits limits) {

    public StreamedTable {
      key = key.map(List::copyOf);
    }

    /** A table of the schema {@code public}, under its own name and with the default limits. */
    public static StreamedTable named(String table, String database) {
      return new StreamedTable(
          table,
          database,
          "public." + table,
          Optional.empty(),
          Optional.empty(),
          SourceLimits.DEFAULT);
    }
  }

  /**
   * A subscription of RisingWave.
   *
   * @param create whether it is made when it is missing
   */
  public record Subscription(String name, boolean create) {}

  /**
   * What holds for clients.
   *
   * @param socketSendBuffer bytes; small, so that a slow client's backlog stays in the log
   * @param resumeSecret what resume tokens are signed with; nothing for another one at each start
   */
  public record Clients(ClientLimits limits, int socketSendBuffer, Optional<String> resumeSecret) {

    /** 64 KiB. */
    public static final int SOCKET_SEND_BUFFER = 64 << 10;

    /** Without the secret. */
    @Override
    public String toString() {
      return limits + ", " + socketSendBuffer + " bytes of socket buffer";
    }
  }
}
