package io.tycostream.domain.protocol;

import java.util.Locale;

/** Why a request was refused. */
public enum ErrorCode {
  BAD_REQUEST(false),
  UNKNOWN_TYPE(false),
  UNKNOWN_SOURCE(false),
  UNKNOWN_COLUMN(false),
  UNKNOWN_FEED(false),
  BAD_FILTER(false),
  BAD_POSITION(false),
  DUPLICATE_REF(false),
  DUPLICATE_SUBSCRIPTION(false),
  POLICY_NEEDS_EVENTS(false),
  POLICY_NEEDS_STATE(false),
  LIMIT_EXCEEDED(false),
  FORBIDDEN(false),
  POSITION_AHEAD(true),
  SOURCE_NOT_READY(true),
  SOURCE_FAILED(true),
  RATE_LIMITED(true),
  INTERNAL(true);

  private final boolean retryable;

  ErrorCode(boolean retryable) {
    this.retryable = retryable;
  }

  /** Whether the same request may succeed later. */
  public boolean retryable() {
    return retryable;
  }

  /** As it stands on the wire: {@code unknown-source}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
