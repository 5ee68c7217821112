package io.tycostream.benchmarks.fanout;

import io.helidon.webserver.WebServer;
import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.adapters.ws.ClientObserver;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.adapters.ws.GatewaySettings;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.session.Resumption;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Our gateway, with its defaults and on the web server as the application sets it up. Its source is
 * fed here, in place of a database's stream: what a batch costs from the source on is measured.
 */
final class GatewayRival implements Rival {

  private static final long TICK_EVERY = TimeUnit.SECONDS.toNanos(1);

  private final Ticks ticks;
  private final InstantSource clock = new SteadyTime();
  private final Source source;
  private final Gateway gateway;
  private final WebServer server;
  private long ticked;

  GatewayRival(Ticks ticks) {
    this.ticks = ticks;
    source = new Source("ticks", SourceLimits.DEFAULT, clock.instant());
    source.load(Ticks.SHAPE, Ticks.position(System.nanoTime()), ticks.all(), clock.instant());
    gateway =
        new Gateway(
            List.of(source),
            new GatewaySettings("bench", ClientLimits.DEFAULT, Set.of(), "of no matter here"),
            Authenticator.NOBODY_IS_ASKED,
            new Unwatched(),
            clock);
    server =
        WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .shutdownHook(false)
            .maxTcpConnections(ClientLimits.DEFAULT.maxConnections() + 1_000)
            .connectionOptions(
                options -> options.tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER_BYTES))
            .protocolsDiscoverServices(false)
            .addConnectionSelector(gateway.connections())
            .build();
    server.start();
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public void publish(long seq, long time) {
    Instant now = clock.instant();
    source.apply(time, List.of(new RowEvent.Upserted(Optional.empty(), ticks.changed(seq))), now);
    if (time - ticked > TICK_EVERY) {
      ticked = time;
      source.tick(now);
    }
  }

  @Override
  public void close() {
    gateway.close();
    server.stop();
  }

  /** As the application's: it never goes back. */
  private static final class SteadyTime implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
      return start.plusNanos(System.nanoTime() - startNanos);
    }
  }

  /** Sees nothing but a gap, which must not be. */
  private static final class Unwatched implements ClientObserver {

    @Override
    public void written(int frames, long bytes) {}

    @Override
    public void delivered(Duration latency) {}

    @Override
    public void began(Start start, boolean resumed) {}

    @Override
    public void notResumed(Resumption reason) {}

    @Override
    public void gap(GapReason reason, long dropped) {
      System.err.println("a gap of " + dropped + ": " + reason);
    }

    @Override
    public void disconnected(int code) {}
  }
}
