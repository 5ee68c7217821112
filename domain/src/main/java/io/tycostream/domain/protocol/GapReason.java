package io.tycostream.domain.protocol;

import io.tycostream.domain.log.DropPolicy;
import java.util.Locale;

/** Why changes were not delivered one by one. */
public enum GapReason {
  /** The client fell behind what the gateway keeps for it, and its policy drops the oldest. */
  DROP_OLDEST,
  /** The same, and its policy drops the newest. */
  DROP_NEWEST,
  /** The client fell behind, and its policy folds what it missed: only where a reset cuts in. */
  CONFLATE,
  /** What waited for the client waited for too long. */
  BY_AGE,
  /** The connection fell behind, and this subscription had to give way. */
  BY_PRIORITY,
  /** The client fell behind, and gets only some of the batches. */
  SAMPLE,
  /** The position lies before what the gateway still has. */
  HISTORY_EXPIRED,
  /** The position is of another definition: other columns, another filter or permission. */
  DEFINITION_CHANGED,
  /** The source itself became another one: another table behind the name, or other columns. */
  SOURCE_RESET,
  /** The position is of a history that this gateway never saw, or lies inside a difference. */
  POSITION_UNKNOWN;

  /** What a client that falls behind is told under a policy. */
  public static GapReason of(DropPolicy policy) {
    return switch (policy) {
      case DROP_OLDEST -> DROP_OLDEST;
      case DROP_NEWEST -> DROP_NEWEST;
      case CONFLATE -> CONFLATE;
      case BY_AGE -> BY_AGE;
      case BY_PRIORITY -> BY_PRIORITY;
      case SAMPLE -> SAMPLE;
    };
  }

  /** As it stands on the wire: {@code history-expired}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
