package io.tycostream.benchmarks.fanout;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Helidon as its documentation shows it: {@code send} with the text, to one after the other. */
final class SendRival implements Rival {

  private final Ticks ticks;
  private final List<String> greeting;
  private final Set<WsSession> subscribed = ConcurrentHashMap.newKeySet();
  private final WebServer server;

  SendRival(Ticks ticks) {
    this.ticks = ticks;
    greeting = Frames.greeting(ticks).stream().map(SendRival::text).toList();
    server =
        WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .shutdownHook(false)
            .maxTcpConnections(11_000)
            .connectionOptions(
                options -> options.tcpNoDelay(true).socketSendBufferSize(SEND_BUFFER_BYTES))
            .protocolsDiscoverServices(true)
            .addProtocol(WsConfig.builder().maxFrameLength(1 << 20).build())
            .addRouting(WsRouting.builder().endpoint(PATH, Listener::new))
            .build();
    server.start();
  }

  private static String text(byte[] payload) {
    return new String(payload, StandardCharsets.US_ASCII);
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public void publish(long seq, long time) {
    String text = text(ticks.batch(seq, time));
    subscribed.removeIf(session -> !take(session, text));
  }

  /** Whether it is still there: without a close frame nobody else tells of an end. */
  private static boolean take(WsSession session, String text) {
    try {
      session.send(text, true);
      return true;
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    server.stop();
  }

  private final class Listener implements WsListener {

    @Override
    public void onMessage(WsSession session, String text, boolean last) {
      if (text.contains("\"subscribe\"")) {
        subscribed.add(session); // first: who has the greeting is there
        greeting.forEach(part -> session.send(part, true));
      }
    }

    @Override
    public void onClose(WsSession session, int status, String reason) {
      subscribed.remove(session);
    }

    @Override
    public void onError(WsSession session, Throwable error) {
      subscribed.remove(session);
    }
  }
}
