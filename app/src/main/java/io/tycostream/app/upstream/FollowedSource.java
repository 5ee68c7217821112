package io.tycostream.app.upstream;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.source.Generation;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A source, and the stream that brings its changes. */
public record FollowedSource(Source source, StreamWatch stream) {

  /** The database's last time, unsigned: a source at it can never change again. */
  private static final long END = -1;

  /** Something that went wrong, and when. */
  public record LastError(Instant at, String message) {}

  /**
   * How far the rows are behind the database, at the most; nothing before the first rows.
   *
   * <p>Where the database's times are its clock it is how old the moment is that the rows show, by
   * the gateway's clock; elsewhere how long ago the gateway learned that it had everything.
   */
  public Optional<Duration> lag(Instant now) {
    return source
        .generation()
        .map(Generation::progress)
        .map(progress -> {
          Position position = progress.position();
          return position.time() == END
              ? Duration.ZERO
              : since(stream.moment(position.time()).orElse(progress.at()), now);
        });
  }

  /** Since the stream gave its last sign of life; nothing before the first. */
  public Optional<Duration> silence(Instant now) {
    return stream.seen().heard().map(heard -> since(heard, now));
  }

  /** A client may have been away for so long and is still replayed exactly what it missed. */
  public Optional<Duration> history(Instant now) {
    return source.figures().map(figures -> since(figures.historySince(), now));
  }

  /** The newest thing that went wrong, whether it is over or not. */
  public Optional<LastError> lastError() {
    List<SourceState> states = source.stateHistory().states();
    return states.reversed().stream()
        .flatMap(
            state -> state.reason().map(reason -> new LastError(state.since(), reason)).stream())
        .findFirst()
        .or(() ->
            stream
                .seen()
                .failed()
                .map(failed -> new LastError(failed.at(), failed.failure().message())));
  }

  private static Duration since(Instant from, Instant now) {
    return from.isAfter(now) ? Duration.ZERO : Duration.between(from, now);
  }
}
