package io.tycostream.app;

import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.tycostream.adapters.db.UpstreamDriver;
import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.adapters.ws.GatewaySettings;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.http.DemoControls;
import io.tycostream.app.http.Pages;
import io.tycostream.app.upstream.FollowedSource;
import io.tycostream.app.upstream.Observers;
import io.tycostream.app.upstream.StreamWatch;
import io.tycostream.app.upstream.UpstreamLog;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** A running gateway: its databases, its clients, and its web server. */
public final class GatewayServer implements AutoCloseable {

  /** Clients that are sent away come back over this time. */
  private static final Duration DRAIN_SPREAD = Duration.ofSeconds(5);

  /** How long clients that do not take the goodbye are waited for. */
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(3);

  /**
   * Connections beyond the limit that are still let in, to be told that the gateway is full; where
   * the web server's own limit ends, further ones hang.
   */
  private static final int ROOM_FOR_REFUSALS = 1_000;

  private final List<UpstreamDriver> drivers;
  private final Gateway gateway;
  private final WebServer server;

  private GatewayServer(List<UpstreamDriver> drivers, Gateway gateway, WebServer server) {
    this.drivers = drivers;
    this.gateway = gateway;
    this.server = server;
  }

  /**
   * Starts a gateway. It listens when this returns; its databases are connected in the background.
   *
   * @param demo what the page may do to the database, in the demo
   * @throws GatewayStartException when it cannot listen
   */
  public static GatewayServer start(Configuration configuration, Optional<DemoControls> demo) {
    InstantSource clock = new SteadyClock();
    List<FollowedSource> followed = new ArrayList<>();
    List<DatabaseMetrics.Watched> watched = new ArrayList<>();
    List<UpstreamDriver> drivers = new ArrayList<>();
    for (Configuration.Database database : configuration.databases()) {
      List<StreamWatch> watches = new ArrayList<>();
      for (Databases.Stream stream : Databases.streams(database, configuration)) {
        StreamWatch watch = new StreamWatch(database.name(), stream.changes(), clock);
        List<Source> own = sources(stream, configuration, clock);
        own.forEach(source -> followed.add(new FollowedSource(source, watch)));
        watches.add(watch);
        drivers.add(driver(stream, own, database.upstream(), watch, clock));
      }
      watched.add(new DatabaseMetrics.Watched(database, watches));
    }
    Authenticator authenticator = Authentication.of(configuration.auth());
    ClientMetrics metrics = new ClientMetrics();
    Gateway gateway =
        new Gateway(
            followed.stream().map(FollowedSource::source).toList(),
            settings(configuration),
            authenticator,
            metrics,
            clock);
    metrics.watch(gateway);
    new SourceMetrics(followed, clock).register(metrics.registry());
    new DatabaseMetrics(watched, clock).register(metrics.registry());
    HttpRouting.Builder pages =
        Pages.routing(followed, gateway, metrics.registry(), clock, authenticator, demo);
    WebServer server = webServer(configuration, gateway, pages);
    try {
      server.start();
    } catch (RuntimeException e) {
      gateway.close();
      throw GatewayStartException.cannotListen(configuration.server(), e);
    }
    if (!server.isRunning() || server.port() < 0) {
      // Helidon only logs that it could not bind.
      gateway.close();
      throw GatewayStartException.cannotListen(configuration.server());
    }
    drivers.forEach(UpstreamDriver::start);
    return new GatewayServer(drivers, gateway, server);
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** Says goodbye to all clients, then stops. */
  @Override
  public void close() {
    try {
      gateway.drain(DRAIN_SPREAD, DRAIN_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
    gateway.close();
    drivers.forEach(UpstreamDriver::close);
  }

  private static GatewaySettings settings(Configuration configuration) {
    Configuration.Clients clients = configuration.clients();
    return new GatewaySettings(
        configuration.node(),
        clients.limits(),
        configuration.server().allowedOrigins(),
        clients.resumeSecret().orElseGet(GatewayServer::randomSecret));
  }

  /** 256 bits: sessions are taken up on this node until it is stopped. */
  private static String randomSecret() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return HexFormat.of().formatHex(secret);
  }

  private static List<Source> sources(
      Databases.Stream stream, Configuration configuration, InstantSource clock) {
    return configuration.sources().stream()
        .filter(table -> stream.sources().contains(table.name()))
        .map(table -> new Source(table.name(), table.limits(), clock.instant()))
        .toList();
  }

  private static UpstreamDriver driver(
      Databases.Stream stream,
      List<Source> sources,
      UpstreamSettings settings,
      StreamWatch watch,
      InstantSource clock) {
    return new UpstreamDriver(
        stream.name(),
        stream.changes(),
        sources,
        settings,
        new Observers(List.of(watch, new UpstreamLog())),
        clock);
  }

  private static WebServer webServer(
      Configuration configuration, Gateway gateway, HttpRouting.Builder pages) {
    Configuration.Server server = configuration.server();
    Configuration.Clients clients = configuration.clients();
    WebServerConfig.Builder builder = WebServer.builder();
    server.tls().ifPresent(identity -> builder.tls(tls(identity)));
    return builder
        .address(address(server.host()))
        .port(server.port())
        .shutdownHook(false)
        .backlog(clients.limits().maxConnections()) // all may come back at once
        .maxTcpConnections(clients.limits().maxConnections() + ROOM_FOR_REFUSALS)
        .connectionOptions(
            options -> options.tcpNoDelay(true).socketSendBufferSize(clients.socketSendBuffer()))
        .protocolsDiscoverServices(false)
        .addConnectionSelector(gateway.connections())
        .addRouting(pages)
        .build();
  }

  private static Tls tls(Configuration.Tls identity) {
    return Tls.builder()
        .privateKey(identity.privateKey())
        .privateKeyCertChain(identity.certificates())
        .enabledProtocols(List.of("TLSv1.3", "TLSv1.2"))
        .build();
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "server.host " + host + " is no address of this machine", e);
    }
  }
}
