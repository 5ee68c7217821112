package io.tycostream.domain.session;

import java.time.Instant;
import java.util.Optional;

/** Where a connection stands, and after it what is left of its session. */
public sealed interface SessionState {

  /** When {@link SessionEvent.DeadlineReached} is due; telling it late or early does no harm. */
  Optional<Instant> deadline();

  /**
   * The socket is open, {@code hello} has not come.
   *
   * @param until when it has to be there
   */
  record Greeting(Instant until, Pulse pulse) implements SessionState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(earlier(until, pulse.deadline()));
    }
  }

  /**
   * Requests are heard and subscriptions served.
   *
   * @param credentialsUntil when the credentials end; nothing for never
   */
  record Open(Pulse pulse, Optional<Instant> credentialsUntil) implements SessionState {
    @Override
    public Optional<Instant> deadline() {
      Instant pulseAt = pulse.deadline();
      return Optional.of(credentialsUntil.map(at -> earlier(at, pulseAt)).orElse(pulseAt));
    }
  }

  /**
   * The connection is being ended: nothing but what was said last is written any more.
   *
   * @param keeps whether the session outlives the connection
   * @param waits for what
   * @param until when the socket is cut
   */
  record Closing(CloseReason reason, boolean keeps, Waits waits, Instant until)
      implements SessionState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(until);
    }

    Closing without() {
      return new Closing(reason, false, waits, until);
    }
  }

  /** What a connection that is being ended waits for. */
  enum Waits {
    /** Our last words are on their way to the socket. */
    FOR_WRITE,
    /** They are on the socket; the client is to close. */
    FOR_PEER,
    /** The client has closed; our last words are on their way to the socket. */
    FOR_LAST_WRITE
  }

  /**
   * The connection is gone; the session waits to be taken up by another.
   *
   * @param reason why the connection ended
   * @param until when the session is forgotten
   */
  record Detached(CloseReason reason, Instant until) implements SessionState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.of(until);
    }
  }

  /** Over: nothing follows. */
  record Closed(CloseReason reason) implements SessionState {
    @Override
    public Optional<Instant> deadline() {
      return Optional.empty();
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }
}
