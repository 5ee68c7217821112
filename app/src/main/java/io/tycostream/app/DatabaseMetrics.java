package io.tycostream.app;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.upstream.Seen;
import io.tycostream.app.upstream.StreamWatch;
import io.tycostream.domain.upstream.Endpoints.Breaker;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.Margin;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The figures about databases, by their Prometheus names, each read when somebody asks. Of a
 * database with several streams the sum is told, or the worst.
 */
final class DatabaseMetrics {

  /** A database, and what is seen of its streams; at least one. */
  record Watched(Configuration.Database database, List<StreamWatch> streams) {
    Watched {
      streams = List.copyOf(streams);
    }

    long sum(ToLongFunction<Seen> count) {
      return streams.stream().map(StreamWatch::seen).mapToLong(count).sum();
    }

    double worst(ToDoubleFunction<Seen> figure) {
      return streams.stream().map(StreamWatch::seen).mapToDouble(figure).max().orElse(0);
    }

    Breaker breaker(int endpoint, Instant now) {
      return streams.stream()
          .map(stream -> stream.seen().endpoints().breaker(endpoint, now))
          .max(Comparator.comparingInt(DatabaseMetrics::number))
          .orElse(Breaker.CLOSED);
    }
  }

  private final List<Watched> databases;
  private final InstantSource clock;

  DatabaseMetrics(List<Watched> databases, InstantSource clock) {
    this.databases = databases.stream().filter(each -> !each.streams().isEmpty()).toList();
    this.clock = clock;
  }

  void register(PrometheusRegistry registry) {
    count(
        registry,
        "errors_total",
        "Failures of streams",
        "kind",
        List.of(FailureKind.values()),
        Seen::errors);
    count(
        registry,
        "resumes_total",
        "Streams that were opened again after they had been live",
        "result",
        List.of(Seen.Resume.values()),
        Seen::resumes);
    gauge(
        registry,
        "disconnected_seconds",
        "Since the stream was lost; 0 while it is live",
        seen ->
            seen.downSince()
                .map(since -> Duration.between(since, clock.instant()).toNanos() / 1e9)
                .orElse(0.0));
    gauge(
        registry,
        "alert",
        "1 when no stream has lasted for longer than alert-after, until one does",
        seen -> seen.alertSince().isPresent() ? 1 : 0);
    GaugeWithCallback.builder()
        .name("tycostream_db_circuit_state")
        .help("The circuit breaker of an endpoint: 0 closed, 1 half open, 2 open")
        .labelNames("database", "endpoint", "role", "region")
        .callback(callback -> databases.forEach(watched -> circuits(watched, callback)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("tycostream_db_history_bytes")
        .help("May be written while the gateway is away, where the database says so")
        .labelNames("database")
        .callback(callback ->
            databases.forEach(watched ->
                leastBytes(watched)
                    .ifPresent(bytes -> callback.call(bytes, watched.database().name()))))
        .register(registry);
  }

  private void circuits(Watched watched, GaugeWithCallback.Callback callback) {
    Instant now = clock.instant();
    List<Configuration.Endpoint> configured = watched.database().endpoints();
    for (int i = 0; i < configured.size(); i++) {
      callback.call(
          number(watched.breaker(i, now)),
          watched.database().name(),
          watched.streams().getFirst().seen().endpoints().all().get(i).name(),
          configured.get(i).replica() ? "replica" : "primary",
          configured.get(i).region());
    }
  }

  private static int number(Breaker breaker) {
    return switch (breaker) {
      case CLOSED -> 0;
      case HALF_OPEN -> 1;
      case OPEN -> 2;
    };
  }

  private static OptionalDouble leastBytes(Watched watched) {
    return watched.streams().stream()
        .flatMap(stream -> stream.margin().stream())
        .map(Margin::bytes)
        .filter(OptionalLong::isPresent)
        .mapToDouble(OptionalLong::getAsLong)
        .min();
  }

  private void gauge(
      PrometheusRegistry registry, String name, String help, ToDoubleFunction<Seen> figure) {
    GaugeWithCallback.builder()
        .name("tycostream_db_" + name)
        .help(help)
        .labelNames("database")
        .callback(callback ->
            databases.forEach(
                watched -> callback.call(watched.worst(figure), watched.database().name())))
        .register(registry);
  }

  private <K extends Enum<K>> void count(
      PrometheusRegistry registry,
      String name,
      String help,
      String label,
      List<K> values,
      Function<Seen, Map<K, Long>> counts) {
    CounterWithCallback.builder()
        .name("tycostream_db_" + name)
        .help(help)
        .labelNames("database", label)
        .callback(callback ->
            databases.forEach(watched ->
                values.forEach(value ->
                    callback.call(
                        (double) watched.sum(seen -> counts.apply(seen).getOrDefault(value, 0L)),
                        watched.database().name(),
                        SourceMetrics.word(value)))))
        .register(registry);
  }
}
