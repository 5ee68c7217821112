package io.tycostream.domain.upstream;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The servers that one database can be read from, in the order of preference, and what is known
 * about their health. Immutable.
 *
 * <p>Each endpoint has a circuit breaker. It is closed; a failure that is the endpoint's own opens
 * it for a while; then it is half open, and one attempt decides. A breaker is no gate next to the
 * machine's wait: it is the wait, so that an only endpoint is never skipped and is tried exactly
 * when its breaker is half open.
 *
 * @param all at least one
 * @param current the index of the one that is used, or tried next
 */
public record Endpoints(List<Endpoint> all, int current) {

  /** How often the first endpoint is looked at while a later one is used. */
  static final Duration PROBE_EVERY = Duration.ofSeconds(15);

  /** The first endpoint is used again when it was found healthy for this long. */
  static final Duration FAIL_BACK_AFTER = Duration.ofMinutes(5);

  /** Health that was not confirmed for this long begins anew: two probes were not answered. */
  static final Duration HEALTH_LASTS = PROBE_EVERY.multipliedBy(2);

  /** How long we wait for an endpoint that lags behind us before the next one is tried. */
  static final Duration LAG_PATIENCE = Duration.ofSeconds(5);

  /** Whether an endpoint may be tried. */
  public enum Breaker {
    CLOSED,
    /** Not before its time. */
    OPEN,
    /** Its time has come, and nothing is known since. */
    HALF_OPEN
  }

  /**
   * What is known about one endpoint.
   *
   * @param name for people
   * @param failures in a row that are its own
   * @param openUntil when its breaker is half open; nothing for a closed one
   * @param behindSince since when it was found to lag behind us, without anything else between
   * @param health what probes found; nothing after one that found it unfit to go on at
   */
  public record Endpoint(
      String name,
      int failures,
      Optional<Instant> openUntil,
      Optional<Instant> behindSince,
      Optional<Health> health) {

    static Endpoint of(String name) {
      return new Endpoint(name, 0, Optional.empty(), Optional.empty(), Optional.empty());
    }

    private Endpoint behind(Instant now) {
      return behindSince.isPresent()
          ? this
          : new Endpoint(name, failures, openUntil, Optional.of(now), health);
    }

    private Endpoint failed(Instant until) {
      return new Endpoint(
          name, failures + 1, Optional.of(until), Optional.empty(), Optional.empty());
    }

    private Endpoint unfit() {
      return new Endpoint(name, failures, openUntil, behindSince, Optional.empty());
    }

    private Endpoint healthy(Instant now) {
      Health found =
          health
              .filter(known -> !known.at().plus(HEALTH_LASTS).isBefore(now))
              .map(known -> new Health(known.since(), now))
              .orElse(new Health(now, now));
      return new Endpoint(name, 0, Optional.empty(), Optional.empty(), Optional.of(found));
    }

    private Breaker breaker(Instant now) {
      return openUntil
          .map(until -> now.isBefore(until) ? Breaker.OPEN : Breaker.HALF_OPEN)
          .orElse(Breaker.CLOSED);
    }
  }

  /** Found healthy since then without a break, and the last time {@code at}. */
  public record Health(Instant since, Instant at) {}

  /** An endpoint, and when it may be tried: now, or later than that. */
  record Choice(int endpoint, Instant at) {}

  public Endpoints {
    all = List.copyOf(all);
    if (current < 0 || current >= all.size()) {
      throw new IllegalArgumentException("no endpoint " + current + " of " + all.size());
    }
  }

  /**
   * Endpoints of which nothing is known yet.
   *
   * @param names in the order of preference, at least one
   * @throws IllegalArgumentException when there is none
   */
  public static Endpoints of(List<String> names) {
    return new Endpoints(names.stream().map(Endpoint::of).toList(), 0);
  }

  public int size() {
    return all.size();
  }

  /** The name of the current one. */
  public String name() {
    return all.get(current).name();
  }

  /** Whether the current one is not the one that is preferred to all others. */
  public boolean failedOver() {
    return current > 0;
  }

  /** Whether that endpoint may be tried. */
  public Breaker breaker(int endpoint, Instant now) {
    return all.get(endpoint).breaker(now);
  }

  /**
   * What should be tried next: the first of the closed ones, else the one that is half open
   * soonest, then. Among those that are half open the order does not count: one that hangs would be
   * tried over and over, and the ones behind it never.
   */
  Choice next(Instant now) {
    return IntStream.range(0, all.size())
        .filter(endpoint -> breaker(endpoint, now) == Breaker.CLOSED)
        .mapToObj(endpoint -> new Choice(endpoint, now))
        .findFirst()
        .orElseGet(() -> soonest(now));
  }

  private Choice soonest(Instant now) {
    Choice soonest =
        IntStream.range(0, all.size())
            .mapToObj(i -> new Choice(i, all.get(i).openUntil().orElse(now)))
            .min(Comparator.comparing(Choice::at))
            .orElseThrow();
    return soonest.at().isBefore(now) ? new Choice(soonest.endpoint(), now) : soonest;
  }

  /** Another one is the current one. */
  Endpoints at(int endpoint) {
    return new Endpoints(all, endpoint);
  }

  /** The current one failed, and not before then it may be tried again. */
  Endpoints failed(Instant until) {
    return with(current, all.get(current).failed(until));
  }

  /** The current one lags behind us. */
  Endpoints behind(Instant now) {
    return with(current, all.get(current).behind(now));
  }

  /** Whether the current one was behind us for longer than we wait for it. */
  boolean isBehindForLong(Instant now) {
    return all.get(current)
        .behindSince()
        .filter(since -> !now.isBefore(since.plus(LAG_PATIENCE)))
        .isPresent();
  }

  /** The current one serves us. */
  Endpoints opened() {
    return with(current, Endpoint.of(name()));
  }

  /** The first one was looked at from outside. */
  Endpoints firstProbed(UpstreamEvent.EndpointProbed probed, Instant now) {
    Endpoint first = all.getFirst();
    if (probed.present().isEmpty()) {
      return with(0, first.failed(now.plus(PROBE_EVERY)));
    }
    return with(0, probed.isHealthy() ? first.healthy(now) : first.unfit());
  }

  /** Whether the first one was found healthy long enough to be used again. */
  boolean firstIsBack() {
    return all.getFirst()
        .health()
        .filter(health -> !health.at().isBefore(health.since().plus(FAIL_BACK_AFTER)))
        .isPresent();
  }

  /** Nothing is known any more, and the first one is the current one. */
  Endpoints afresh() {
    return of(all.stream().map(Endpoint::name).toList());
  }

  private Endpoints with(int index, Endpoint endpoint) {
    List<Endpoint> changed = new ArrayList<>(all);
    changed.set(index, endpoint);
    return new Endpoints(changed, current);
  }
}
