package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Margin;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One relation of RisingWave, followed through a subscription.
 *
 * <p>The first stream of a process begins as far back as the history of the source may be old, so
 * that clients resume across a restart of the gateway; see {@link Opening}.
 */
public final class RisingWaveSource implements ChangeSource {

  private static final System.Logger LOG = System.getLogger(RisingWaveSource.class.getName());

  private final List<RisingWaveSettings> endpoints;
  private final RisingWaveRelation relation;
  private final Pace pace;

  /** Whether a sink has had all rows once: none is told of a time before what it had. */
  private final AtomicBoolean told = new AtomicBoolean();

  private volatile @Nullable RisingWaveSession current;
  private volatile Optional<Duration> kept = Optional.empty();

  /**
   * Connects to nothing yet.
   *
   * @param endpoints in the order of preference, at least one
   * @throws IllegalArgumentException when there is no endpoint
   */
  public RisingWaveSource(List<RisingWaveSettings> endpoints, RisingWaveRelation relation) {
    this(endpoints, relation, Pace.USUAL);
  }

  RisingWaveSource(List<RisingWaveSettings> endpoints, RisingWaveRelation relation, Pace pace) {
    this.endpoints = List.copyOf(endpoints);
    this.relation = relation;
    this.pace = pace;
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint");
    }
  }

  @Override
  public List<String> endpoints() {
    return endpoints.stream().map(RisingWaveSettings::where).toList();
  }

  @Override
  public ChangeStream open(int endpoint, boolean fresh, ChangeSink sink) throws StreamException {
    RisingWaveSession session = new RisingWaveSession(endpoints.get(endpoint));
    current = session;
    boolean opened = false;
    try {
      Opening opening = new Opening(session, relation, pace, sink);
      ChangeStream stream = fresh ? opening.fresh(told) : opening.resumed();
      kept = opening.kept();
      opened = true;
      return stream;
    } finally {
      if (!opened) {
        session.abort();
      }
    }
  }

  @Override
  public Optional<Checkpoint> probe(int endpoint) {
    RisingWaveSession session = new RisingWaveSession(endpoints.get(endpoint));
    try {
      Catalogue catalogue = new Catalogue(session);
      return Optional.of(new Checkpoint(catalogue.epoch(), catalogue.now()));
    } catch (StreamException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0}: not well: {1}", session.where(), e.getMessage());
      return Optional.empty();
    } finally {
      session.abort();
    }
  }

  /** Its times are milliseconds since 1970. */
  @Override
  public Optional<Instant> moment(long time) {
    return time < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(time));
  }

  /** The retention of the subscription, as it was when the stream was opened. */
  @Override
  public Optional<Margin> margin() {
    return kept.map(time -> new Margin(Optional.of(time), OptionalLong.empty(), Optional.empty()));
  }

  @Override
  public void abort() {
    RisingWaveSession session = current;
    if (session != null) {
      session.abort();
    }
  }
}
