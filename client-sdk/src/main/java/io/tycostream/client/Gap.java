package io.tycostream.client;

import io.tycostream.domain.protocol.ServerMessage;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Single changes are not going to be told: what was lost, why, and what makes it good.
 *
 * @param after the position behind which they are missing; nothing where nothing was told yet
 * @param upTo the position up to which they are
 * @param dropped how many row changes; nothing where that is not known
 * @param reason a drop policy's name, {@code history-expired}, {@code definition-changed}, {@code
 *     source-reset}, {@code position-unknown}, or a word of a later version
 * @param recovery what follows
 */
public record Gap(
    Optional<String> after, String upTo, OptionalLong dropped, String reason, Recovery recovery)
    implements TableEvent {

  /** What makes a gap good. */
  public enum Recovery {
    /** A batch that is not exact, behind which the rows are right. */
    FOLD,
    /** All rows. */
    SNAPSHOT,
    /** Nothing: whoever follows events has lost them. */
    NONE
  }

  static Gap of(ServerMessage.Gap gap) {
    Recovery recovery =
        switch (gap.recovery()) {
          case "fold" -> Recovery.FOLD;
          case "snapshot" -> Recovery.SNAPSHOT;
          default -> Recovery.NONE;
        };
    OptionalLong dropped =
        gap.dropped() < 0 ? OptionalLong.empty() : OptionalLong.of(gap.dropped());
    return new Gap(gap.after(), gap.upTo(), dropped, gap.reason(), recovery);
  }
}
