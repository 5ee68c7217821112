package io.tycostream.app.http;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tycostream.adapters.ws.ConnectedClient;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.source.Generation;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The state of all there is, in the shapes that dashboards and scripts rely on. */
final class StatusReport {

  private final List<Source> sources;
  private final Gateway gateway;
  private final InstantSource clock;

  StatusReport(List<Source> sources, Gateway gateway, InstantSource clock) {
    this.sources = List.copyOf(sources);
    this.gateway = gateway;
    this.clock = clock;
  }

  record Sources(List<SourceStatus> sources) {}

  /**
   * A source.
   *
   * @param lagMs how old the rows may be at the most
   * @param lastProgressMs since the database last said how far it is
   * @param historyMs how far back a client can resume by replay
   * @param attempts that failed since the connection was lost
   */
  record SourceStatus(
      String name,
      String state,
      Instant since,
      Optional<String> position,
      int rows,
      OptionalLong lagMs,
      OptionalLong lastProgressMs,
      long changes,
      long historyEvents,
      OptionalLong historyMs,
      OptionalInt attempts,
      Optional<String> lastError,
      OptionalLong retryInMs) {}

  record Clients(List<ClientStatus> clients) {}

  /** A client; this version keeps no sessions, so each of them is connected. */
  record ClientStatus(
      String session,
      Optional<String> client,
      String peer,
      String state,
      Instant since,
      long buffered,
      List<ConnectedClient.Following> subscriptions) {}

  record Health(String status, List<Check> checks) {
    @JsonIgnore
    boolean isUp() {
      return status.equals("UP");
    }
  }

  record Check(String name, String status, CheckData data) {}

  record CheckData(String state, Instant since, int rows, Optional<String> lastError) {}

  Sources sources() {
    Instant now = clock.instant();
    return new Sources(sources.stream().map(source -> status(source, now)).toList());
  }

  Clients clients() {
    return new Clients(
        gateway.clients().stream()
            .map(each ->
                new ClientStatus(
                    each.session(),
                    each.client(),
                    each.peer(),
                    "open",
                    each.since(),
                    each.buffered(),
                    each.subscriptions()))
            .toList());
  }

  /** Up as long as it answers at all. */
  Health live() {
    return new Health("UP", List.of());
  }

  /**
   * Up as soon as every source has rows to serve, also while its database is away: stale rows are a
   * reason for an alert, not for taking all nodes out of service at once.
   */
  Health ready() {
    List<Check> checks = sources.stream().map(StatusReport::check).toList();
    boolean up = checks.stream().allMatch(check -> check.status().equals("UP"));
    return new Health(up ? "UP" : "DOWN", checks);
  }

  private static Check check(Source source) {
    SourceState state = source.state();
    Optional<Source.Figures> figures = source.figures();
    return new Check(
        source.name(),
        figures.isPresent() ? "UP" : "DOWN",
        new CheckData(
            state.condition().wire(),
            state.since(),
            figures.map(Source.Figures::rows).orElse(0),
            state.reason()));
  }

  private static SourceStatus status(Source source, Instant now) {
    SourceState state = source.state();
    Optional<Source.Figures> figures = source.figures();
    Optional<Generation.Progress> progress = source.generation().map(Generation::progress);
    OptionalLong age = millisSince(progress.map(Generation.Progress::at), now);
    return new SourceStatus(
        source.name(),
        state.condition().wire(),
        state.since(),
        progress.map(each -> each.position().toString()),
        figures.map(Source.Figures::rows).orElse(0),
        age,
        age,
        figures.map(Source.Figures::changes).orElse(0L),
        figures.map(Source.Figures::historyEvents).orElse(0L),
        millisSince(figures.flatMap(Source.Figures::historySince), now),
        state.attempt(),
        state.condition() == SourceCondition.LIVE ? Optional.empty() : state.reason(),
        state
            .retryAt()
            .map(at -> OptionalLong.of(Math.max(0, Duration.between(now, at).toMillis())))
            .orElse(OptionalLong.empty()));
  }

  private static OptionalLong millisSince(Optional<Instant> instant, Instant now) {
    return instant
        .map(at -> OptionalLong.of(Math.max(0, Duration.between(at, now).toMillis())))
        .orElse(OptionalLong.empty());
  }
}
