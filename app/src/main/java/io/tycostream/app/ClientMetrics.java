package io.tycostream.app;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tycostream.adapters.ws.ClientObserver;
import io.tycostream.adapters.ws.ConnectedClient;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.session.Resumption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The figures about clients, by their Prometheus names. */
final class ClientMetrics implements ClientObserver {

  private final PrometheusRegistry registry = new PrometheusRegistry();

  private final Counter messagesSent =
      counter("tycostream_clients_messages_sent_total", "Frames written to clients");
  private final Counter bytesSent =
      counter("tycostream_clients_bytes_sent_total", "Bytes written to clients");
  private final Histogram latency =
      Histogram.builder()
          .name("tycostream_clients_delivery_latency_seconds")
          .help("From the moment the gateway had a batch to the end of the write that held it")
          .classicUpperBounds(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30)
          .register(registry);
  private final Counter gaps =
      counter("tycostream_clients_gaps_total", "Gaps announced to clients", "reason");
  private final Counter dropped =
      counter(
          "tycostream_clients_dropped_total",
          "Single row changes that clients did not get because they fell behind",
          "policy");
  private final Counter disconnects =
      counter("tycostream_clients_disconnects_total", "Connections that ended", "code");
  private final Counter slow =
      counter("tycostream_clients_slow_total", "Connections ended because they took too little");
  private final Counter resumes =
      counter(
          "tycostream_clients_resumes_total",
          "Subscriptions that began with a position, and sessions that could not be taken up",
          "result");

  /** The reasons that are a client's own: it fell behind. */
  private static final Set<GapReason> POLICIES =
      Arrays.stream(DropPolicy.values()).map(GapReason::of).collect(Collectors.toSet());

  /** Where other figures can be added. */
  PrometheusRegistry registry() {
    return registry;
  }

  /** Adds the figures that are read when somebody asks. */
  void watch(Gateway gateway) {
    GaugeWithCallback.builder()
        .name("tycostream_clients_connected")
        .help("Open connections")
        .callback(callback -> callback.call(gateway.connected()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_sessions_detached")
        .help("Sessions that wait for their clients to come back")
        .callback(callback -> callback.call(gateway.detached()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_clients_ack_lag_seconds")
        .help("How long ago the oldest was sent that a client has not acknowledged, at most")
        .callback(callback -> callback.call(longestAckLag(gateway)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_clients_subscriptions")
        .help("Subscriptions of all connections")
        .callback(callback ->
            callback.call(
                gateway.clients().stream()
                    .filter(each -> each.state() != ConnectedClient.State.DETACHED)
                    .mapToInt(each -> each.subscriptions().size())
                    .sum()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_clients_waiting_subscriptions")
        .help("Subscriptions that wait for sources which have no rows yet")
        .callback(callback -> callback.call(gateway.waiting()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_clients_buffered_events")
        .help("Row changes that wait for clients, over all of them")
        .callback(callback ->
            callback.call((double) gateway.clients().stream().mapToLong(c -> c.buffered()).sum()))
        .register(registry);
  }

  @Override
  public void written(int frames, long bytes) {
    messagesSent.inc(frames);
    bytesSent.inc(bytes);
  }

  @Override
  public void delivered(Duration duration) {
    latency.observe(seconds(duration));
  }

  @Override
  public void began(Start start, boolean resumed) {
    if (resumed) {
      resumes.labelValues(start == Start.SNAPSHOT ? "snapshot" : "replayed").inc();
    }
  }

  @Override
  public void gap(GapReason reason, long count) {
    gaps.labelValues(reason.wire()).inc();
    if (POLICIES.contains(reason) && count > 0) {
      dropped.labelValues(reason.wire()).inc(count);
    }
  }

  @Override
  public void notResumed(Resumption reason) {
    resumes.labelValues("rejected").inc();
  }

  @Override
  public void disconnected(int code) {
    disconnects.labelValues(Integer.toString(code)).inc();
    if (code == CloseCode.SLOW_CONSUMER.code()) {
      slow.inc();
    }
  }

  private static double longestAckLag(Gateway gateway) {
    return gateway.clients().stream()
        .flatMap(each -> each.ackLag().stream())
        .max(Duration::compareTo)
        .map(ClientMetrics::seconds)
        .orElse(0.0);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }
}
