package io.tycostream.domain.replica;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Where a client's connection to a gateway stands. */
public sealed interface ReplicaState {

  /** When {@link ReplicaEvent.DeadlineReached} is due; telling it late or early does no harm. */
  Optional<Instant> deadline();

  /** Not started. */
  record Idle() implements ReplicaState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.empty();
    }
  }

  /**
   * A socket is being opened.
   *
   * @param renewed whether the credentials were asked for, and are not tried yet
   */
  record Connecting(int attempt, Instant until, boolean renewed) implements ReplicaState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(until);
    }
  }

  /**
   * {@code hello} is sent, its answer is awaited.
   *
   * @param renewed whether the credentials were asked for, so that others are of no use either
   */
  record Greeting(int attempt, Instant until, boolean renewed) implements ReplicaState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(until);
    }
  }

  /**
   * Messages flow.
   *
   * @param attempt how many attempts failed before this one, so that a connection which breaks
   *     again at once does not start over with the shortest wait
   * @param patience how long silence is borne: two of the gateway's heartbeats
   * @param asked when a ping was sent because of silence; its answer has as long again, counted
   *     from then, so that a deadline told late gives nobody up unasked
   */
  record Open(int attempt, Instant since, Instant heard, Duration patience, Optional<Instant> asked)
      implements ReplicaState {

    /** When silence has lasted too long, first to ask and then to give up. */
    public Instant until() {
      return asked.orElse(heard).plus(patience);
    }

    @Override
    public Optional<Instant> deadline() {
      return Optional.of(until());
    }
  }

  /**
   * Waiting before the next attempt.
   *
   * @param renewed whether the credentials were asked for, and are not tried yet
   */
  record Waiting(int attempt, Instant until, String reason, boolean renewed)
      implements ReplicaState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(until);
    }
  }

  /**
   * The gateway did not accept the credentials; the program is asked for others.
   *
   * @param code the close code
   * @param notBefore when the gateway wants to see us again, where it said so
   */
  record Unauthorized(int attempt, int code, String reason, Optional<Instant> notBefore)
      implements ReplicaState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.empty();
    }
  }

  /**
   * Ended for good.
   *
   * @param code the close code, 1000 when the program asked for it
   */
  record Closed(int code, String reason) implements ReplicaState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.empty();
    }
  }
}
