package io.tycostream.domain.protocol;

import java.util.Locale;

/** What follows a {@link ServerMessage.Gap}. */
public enum Recovery {
  /** The next batch is merged and makes the state right. */
  FOLD,
  /** A snapshot. */
  SNAPSHOT,
  /** The next batch; what lies in the gap is lost to this subscription. */
  NONE;

  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
