package io.tycostream.app;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tycostream.adapters.ws.ClientObserver;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.domain.Step;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** All figures of the gateway, by their Prometheus names. */
final class Metrics implements ClientObserver, UpstreamObserver {

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
  private final Counter resumes =
      counter(
          "tycostream_clients_resumes_total", "Subscriptions that began with a position", "result");
  private final Counter dbReconnects =
      counter("tycostream_db_reconnects_total", "Attempts to connect again", "database", "reason");
  private final Counter dbErrors =
      counter("tycostream_db_errors_total", "Failures of streams", "database", "kind");
  private final Counter dbResumes =
      counter("tycostream_db_resumes_total", "Streams opened again", "database", "result");

  private final Map<String, Instant> downSince = new ConcurrentHashMap<>();

  PrometheusRegistry registry() {
    return registry;
  }

  /** Adds the figures that are read when somebody asks. */
  void watch(List<Source> sources, Gateway gateway, InstantSource clock) {
    GaugeWithCallback.builder()
        .name("tycostream_source_state")
        .help("1 for the state that the source is in")
        .labelNames("source", "state")
        .callback(callback ->
            sources.forEach(source -> {
              for (SourceCondition each : SourceCondition.values()) {
                double is = source.state().condition() == each ? 1 : 0;
                callback.call(is, source.name(), each.wire());
              }
            }))
        .register(registry);
    ofSource(sources, "rows", "Rows held", figures(f -> (double) f.rows()));
    ofSource(
        sources, "cache_bytes", "About how much the rows take", figures(f -> (double) f.bytes()));
    ofSource(
        sources,
        "history_events",
        "Row changes that clients can be replayed",
        figures(f -> (double) f.historyEvents()));
    ofSource(
        sources,
        "lag_seconds",
        "How old the rows may be at the most",
        source -> secondsSinceProgress(source, clock));
    ofSource(
        sources,
        "last_progress_seconds",
        "Since the database last said how far it is",
        source -> secondsSinceProgress(source, clock));
    GaugeWithCallback.builder()
        .name("tycostream_db_disconnected_seconds")
        .help("Since the database's stream was lost; 0 while it is live")
        .labelNames("database")
        .callback(callback ->
            downSince.forEach((database, since) ->
                callback.call(
                    since.equals(Instant.MAX)
                        ? 0
                        : seconds(Duration.between(since, clock.instant())),
                    database)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_clients_connected")
        .help("Open connections")
        .callback(callback -> callback.call(gateway.clients().size()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_clients_subscriptions")
        .help("Subscriptions of all connections")
        .callback(callback ->
            callback.call(gateway.clients().stream().mapToInt(c -> c.subscriptions().size()).sum()))
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
    if (reason == GapReason.DROP_OLDEST && count > 0) {
      dropped.labelValues(reason.wire()).inc(count);
    }
  }

  @Override
  public void disconnected(int code) {
    disconnects.labelValues(Integer.toString(code)).inc();
  }

  @Override
  public void stepped(
      String database,
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step) {
    if (event instanceof UpstreamEvent.StreamFailed failed) {
      dbErrors.labelValues(database, word(failed.failure().kind())).inc();
    }
    boolean wasLive = from instanceof UpstreamState.Live;
    boolean isLive = step.state() instanceof UpstreamState.Live;
    if (isLive && !wasLive) {
      String result = from instanceof UpstreamState.Snapshotting ? "resync" : "exact";
      if (downSince.containsKey(database)) {
        dbResumes.labelValues(database, result).inc();
      }
      downSince.put(database, Instant.MAX);
    } else if (wasLive && !isLive) {
      outageOf(step.state()).ifPresent(outage -> downSince.put(database, outage.since()));
    }
    if (from instanceof UpstreamState.Waiting waiting
        && step.state() instanceof UpstreamState.Connecting) {
      dbReconnects.labelValues(database, word(waiting.failure().kind())).inc();
    }
  }

  private static Optional<UpstreamState.Outage> outageOf(UpstreamState state) {
    return switch (state) {
      case UpstreamState.Connecting connecting -> Optional.of(connecting.outage());
      case UpstreamState.Snapshotting snapshotting -> Optional.of(snapshotting.outage());
      case UpstreamState.Waiting waiting -> Optional.of(waiting.outage());
      case UpstreamState.Failed failed -> Optional.of(failed.outage());
      case UpstreamState.Idle idle -> Optional.empty();
      case UpstreamState.Live live -> Optional.empty();
      case UpstreamState.Stopped stopped -> Optional.empty();
    };
  }

  private void ofSource(
      List<Source> sources, String name, String help, Function<Source, Optional<Double>> value) {
    GaugeWithCallback.builder()
        .name("tycostream_source_" + name)
        .help(help)
        .labelNames("source")
        .callback(callback ->
            sources.forEach(
                source -> value.apply(source).ifPresent(v -> callback.call(v, source.name()))))
        .register(registry);
  }

  private static Function<Source, Optional<Double>> figures(
      Function<Source.Figures, Double> figure) {
    return source -> source.figures().map(figure);
  }

  private static Optional<Double> secondsSinceProgress(Source source, InstantSource clock) {
    return source
        .generation()
        .map(present -> seconds(Duration.between(present.progress().at(), clock.instant())));
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private Counter counter(String name, String help, String... labels) {
    return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
  }
}
