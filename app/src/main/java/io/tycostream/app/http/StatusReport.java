package io.tycostream.app.http;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tycostream.adapters.ws.ConnectedClient;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.app.upstream.FollowedSource;
import io.tycostream.app.upstream.Seen;
import io.tycostream.domain.session.Grant;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceState;
import io.tycostream.domain.upstream.Margin;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The state of all there is, in the shapes that dashboards and scripts rely on. */
final class StatusReport {

  private final List<FollowedSource> sources;
  private final Gateway gateway;
  private final InstantSource clock;

  StatusReport(List<FollowedSource> sources, Gateway gateway, InstantSource clock) {
    this.sources = List.copyOf(sources);
    this.gateway = gateway;
    this.clock = clock;
  }

  record Sources(List<SourceStatus> sources) {}

  /**
   * A source.
   *
   * @param reason of the state
   * @param endpoint of the database, that is used or tried
   * @param lagMs how far the rows are behind the database, at the most
   * @param lastProgressMs since the last sign of life of the stream
   * @param cacheBytes about how much memory the rows take
   * @param historyMs a client can be away for so long and still resume exactly
   * @param databaseHistory how long the gateway can be away, where the database says so
   * @param snapshotMs how long it took to read all rows, the last time
   * @param attempts that failed since the connection was lost
   * @param reconnects attempts to connect again, since the start
   * @param lastError what went wrong last, whether it is over or not
   * @param alertSince since when no stream has lasted, when that is long enough for an alert
   * @param states the last ones, the oldest first; the last is the present
   */
  record SourceStatus(
      String name,
      String state,
      Instant since,
      Optional<String> reason,
      String database,
      String endpoint,
      Optional<String> position,
      int rows,
      OptionalLong lagMs,
      OptionalLong lastProgressMs,
      long changes,
      long cacheBytes,
      long historyEvents,
      OptionalLong historyMs,
      Optional<DatabaseHistory> databaseHistory,
      OptionalLong snapshotMs,
      OptionalInt attempts,
      long reconnects,
      Optional<String> lastError,
      Optional<Instant> lastErrorAt,
      OptionalLong retryInMs,
      Optional<Instant> alertSince,
      List<PastState> states) {}

  /** A state that a source is or was in, and why. */
  record PastState(String state, Instant since, Optional<String> reason) {}

  /**
   * For how long the database keeps what the gateway would resume from.
   *
   * @param bytes that may be written meanwhile
   */
  record DatabaseHistory(OptionalLong ms, OptionalLong bytes, Optional<String> warning) {}

  /**
   * Clients.
   *
   * @param total how many there are, shown here or not
   */
  record Clients(int total, List<ClientStatus> clients) {}

  /**
   * A client that is connected, or whose session waits for it.
   *
   * @param forgottenInMs when a session that waits is forgotten
   * @param buffered row changes that wait for it
   * @param pressure as it was told
   * @param lagMs how long the oldest of them waits
   * @param dropped row changes that it did not get one by one
   * @param sent row changes
   * @param memoryBytes about what is kept for it alone; what it shares with others is not in it
   */
  record ClientStatus(
      Optional<String> session,
      Optional<String> client,
      Optional<String> principal,
      String peer,
      String state,
      Optional<Instant> since,
      OptionalLong forgottenInMs,
      long buffered,
      long capacity,
      String pressure,
      OptionalLong lagMs,
      OptionalLong ackLagMs,
      OptionalLong rttMs,
      long dropped,
      long sent,
      long messagesSent,
      long bytesSent,
      long memoryBytes,
      List<Followed> subscriptions) {}

  /** What a client follows. */
  record Followed(
      String ref, String source, OptionalInt feed, Optional<String> position, long buffered) {}

  record Health(String status, List<Check> checks) {
    @JsonIgnore
    boolean isUp() {
      return status.equals("UP");
    }
  }

  record Check(String name, String status, CheckData data) {}

  record CheckData(String state, Instant since, int rows, Optional<String> lastError) {}

  /** Those sources that somebody may see. */
  Sources sources(Grant grant) {
    Instant now = clock.instant();
    return new Sources(
        sources.stream()
            .filter(each -> grant.allows(each.source().name()))
            .map(source -> status(source, now))
            .toList());
  }

  Clients clients(ClientQuery query) {
    Instant now = clock.instant();
    List<ConnectedClient> all = gateway.clients();
    return new Clients(all.size(), query.of(all).stream().map(each -> status(each, now)).toList());
  }

  private static ClientStatus status(ConnectedClient client, Instant now) {
    return new ClientStatus(
        client.session(),
        client.client(),
        client.principal(),
        client.peer(),
        client.state().name().toLowerCase(Locale.ROOT),
        client.since(),
        millis(client.until().map(until -> Duration.between(now, until))),
        client.buffered(),
        client.capacity(),
        client.level(),
        millis(client.lag()),
        millis(client.ackLag()),
        millis(client.roundTrip()),
        client.dropped(),
        client.sent(),
        client.messages(),
        client.bytes(),
        client.kept(),
        client.subscriptions().stream()
            .map(each ->
                new Followed(
                    each.ref(), each.source(), each.feed(), each.position(), each.buffered()))
            .toList());
  }

  /** Up as long as it answers at all. */
  Health live() {
    return new Health("UP", List.of());
  }

  /**
   * Up as soon as every source has rows to serve, also while its database is away: stale rows are a
   * reason for an alert, not for taking all nodes out of service at once.
   *
   * @param grant of who asks: anybody is told whether all is up, and of which sources only who may
   *     see them
   */
  Health ready(Optional<Grant> grant) {
    List<Check> checks = sources.stream().map(each -> check(each.source())).toList();
    boolean up = checks.stream().allMatch(check -> check.status().equals("UP"));
    return new Health(
        up ? "UP" : "DOWN",
        checks.stream()
            .filter(check -> grant.isPresent() && grant.get().allows(check.name()))
            .toList());
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

  private static SourceStatus status(FollowedSource followed, Instant now) {
    Source source = followed.source();
    SourceState state = source.state();
    Seen seen = followed.stream().seen();
    Optional<Source.Figures> figures = source.figures();
    Optional<FollowedSource.LastError> lastError = followed.lastError();
    return new SourceStatus(
        source.name(),
        state.condition().wire(),
        state.since(),
        state.reason(),
        followed.stream().database(),
        seen.endpoints().name(),
        source.generation().map(each -> each.progress().position().toString()),
        figures.map(Source.Figures::rows).orElse(0),
        millis(followed.lag(now)),
        millis(followed.silence(now)),
        figures.map(Source.Figures::changes).orElse(0L),
        figures.map(Source.Figures::bytes).orElse(0L),
        figures.map(Source.Figures::historyEvents).orElse(0L),
        millis(followed.history(now)),
        followed.stream().margin().map(StatusReport::databaseHistory),
        millis(seen.snapshot()),
        state.attempt(),
        seen.reconnectsInAll(),
        lastError.map(FollowedSource.LastError::message),
        lastError.map(FollowedSource.LastError::at),
        millis(state.retryAt().map(at -> Duration.between(now, at))),
        seen.alertSince(),
        source.stateHistory().states().stream().map(StatusReport::past).toList());
  }

  private static PastState past(SourceState state) {
    return new PastState(state.condition().wire(), state.since(), state.reason());
  }

  private static DatabaseHistory databaseHistory(Margin margin) {
    return new DatabaseHistory(millis(margin.time()), margin.bytes(), margin.warning());
  }

  private static OptionalLong millis(Optional<Duration> duration) {
    return duration.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(0, duration.get().toMillis()));
  }
}
