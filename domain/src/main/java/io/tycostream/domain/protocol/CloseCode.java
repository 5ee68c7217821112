package io.tycostream.domain.protocol;

import java.util.Optional;

/** Why a connection ends, and whether a client returns. */
public enum CloseCode {
  /** The client left. */
  NORMAL(1000, Return.NO, "client left"),
  /** The gateway is being stopped; another node, or the same one after its restart, goes on. */
  DRAINING(1001, Return.RESUME, "gateway is draining"),
  /** A message from the client was larger than {@code limits.maxRequest}. */
  TOO_LARGE(1009, Return.NO, "message over the limit"),
  /** The client does not keep to the protocol; it would do the same again. */
  PROTOCOL_ERROR(4400, Return.NO, "protocol error"),
  /** Credentials are missing, wrong or expired. */
  UNAUTHENTICATED(4401, Return.WITH_NEW_CREDENTIALS, "credentials missing, wrong or expired"),
  /** The credentials do not allow this. */
  FORBIDDEN(4403, Return.WITH_NEW_CREDENTIALS, "not allowed"),
  /** No {@code hello} in time, or the heartbeat was lost. */
  TIMEOUT(4408, Return.RESUME, "nothing heard in time"),
  /** The session was taken up by a newer connection. */
  TAKEN_OVER(4409, Return.BY_POSITION, "session taken up by a newer connection"),
  /** Too many requests or connections. */
  TOO_MANY(4429, Return.RESUME, "too many requests or connections"),
  /** The client did not keep up for too long. */
  SLOW_CONSUMER(4503, Return.RESUME, "slow consumer");

  /** What a client does after a close. */
  public enum Return {
    /** Stays away: it would be closed again for the same reason. */
    NO,
    /** Returns and resumes. */
    RESUME,
    /** Returns without the session's token, by its positions alone. */
    BY_POSITION,
    /** Returns only with other credentials. */
    WITH_NEW_CREDENTIALS
  }

  private final int code;
  private final Return returns;
  private final String text;

  CloseCode(int code, Return returns, String text) {
    this.code = code;
    this.returns = returns;
    this.text = text;
  }

  public int code() {
    return code;
  }

  public Return returns() {
    return returns;
  }

  /** What to say when there is nothing more exact; at most 123 bytes, as a close frame allows. */
  public String text() {
    return text;
  }

  /** The close code with this number, or nothing when this version does not know it. */
  public static Optional<CloseCode> of(int code) {
    for (CloseCode each : values()) {
      if (each.code == code) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /**
   * What a client does after a connection ended with this number: an unknown one, and an end
   * without any (1005, 1006), is a reason to return.
   */
  public static Return returnAfter(int code) {
    return of(code).map(CloseCode::returns).orElse(Return.RESUME);
  }
}
