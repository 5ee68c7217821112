package io.tycostream.app;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tycostream.app.upstream.FollowedSource;
import io.tycostream.app.upstream.Seen;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.upstream.Margin;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The figures about sources, by their Prometheus names, each read when somebody asks. One that is
 * not known yet is not there.
 */
final class SourceMetrics {

  private final List<FollowedSource> sources;
  private final InstantSource clock;

  SourceMetrics(List<FollowedSource> sources, InstantSource clock) {
    this.sources = List.copyOf(sources);
    this.clock = clock;
  }

  void register(PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("tycostream_source_state")
        .help("1 for the state that the source is in")
        .labelNames("source", "state")
        .callback(callback ->
            sources.forEach(followed -> {
              SourceCondition present = followed.source().state().condition();
              for (SourceCondition each : SourceCondition.values()) {
                callback.call(present == each ? 1 : 0, followed.source().name(), each.wire());
              }
            }))
        .register(registry);
    figure(registry, "rows", "Rows held", figures -> (double) figures.rows());
    figure(
        registry,
        "cache_bytes",
        "About how much memory the rows take",
        figures -> (double) figures.bytes());
    figure(
        registry,
        "history_events",
        "Row changes that clients can be replayed",
        figures -> (double) figures.historyEvents());
    seconds(
        registry,
        "history_seconds",
        "A client can be away for so long and still resume exactly",
        FollowedSource::history);
    seconds(
        registry,
        "lag_seconds",
        "How far the rows are behind the database, at the most",
        FollowedSource::lag);
    seconds(
        registry,
        "last_progress_seconds",
        "Since the last sign of life of the stream that brings the changes",
        FollowedSource::silence);
    seconds(
        registry,
        "snapshot_duration_seconds",
        "How long it took to read all rows, the last time",
        (followed, now) -> followed.stream().seen().snapshot());
    seconds(
        registry,
        "database_history_seconds",
        "The gateway can be away for so long and still resume exactly, where the database says so",
        (followed, now) -> followed.stream().margin().flatMap(Margin::time));
    CounterWithCallback.builder()
        .name("tycostream_source_changes_total")
        .help("Row changes that were applied")
        .labelNames("source")
        .callback(callback ->
            sources.forEach(followed ->
                callback.call(
                    followed.source().figures().map(Source.Figures::changes).orElse(0L),
                    followed.source().name())))
        .register(registry);
    CounterWithCallback.builder()
        .name("tycostream_db_reconnects_total")
        .help("Attempts to connect the stream of a source again, by what made them necessary")
        .labelNames("source", "reason")
        .callback(callback ->
            sources.forEach(followed -> {
              for (Seen.Reason reason : Seen.Reason.values()) {
                callback.call(
                    followed.stream().seen().reconnects().getOrDefault(reason, 0L),
                    followed.source().name(),
                    word(reason));
              }
            }))
        .register(registry);
  }

  private void figure(
      PrometheusRegistry registry,
      String name,
      String help,
      Function<Source.Figures, Double> figure) {
    gauge(registry, name, help, followed -> followed.source().figures().map(figure));
  }

  private void seconds(
      PrometheusRegistry registry,
      String name,
      String help,
      BiFunction<FollowedSource, Instant, Optional<Duration>> duration) {
    gauge(
        registry,
        name,
        help,
        followed -> duration.apply(followed, clock.instant()).map(each -> each.toNanos() / 1e9));
  }

  private void gauge(
      PrometheusRegistry registry,
      String name,
      String help,
      Function<FollowedSource, Optional<Double>> value) {
    GaugeWithCallback.builder()
        .name("tycostream_source_" + name)
        .help(help)
        .labelNames("source")
        .callback(callback ->
            sources.forEach(followed ->
                value.apply(followed).ifPresent(v -> callback.call(v, followed.source().name()))))
        .register(registry);
  }

  /** As it stands in a label: {@code history-lost}. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
