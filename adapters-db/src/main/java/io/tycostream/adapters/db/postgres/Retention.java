package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.Margin;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * What a server keeps of its log for a slot.
 *
 * @param heldBytes of the log, from the oldest that the slot needs up to its end
 * @param unconfirmedBytes of the log behind what was acknowledged
 * @param status {@code reserved}, {@code extended}, {@code unreserved} (to be removed soon) or
 *     {@code lost}, as in {@code pg_replication_slots.wal_status}
 * @param safeBytes that may still be written before the server gives the slot up, negative when it
 *     is overdue; nothing when the server sets no limit
 * @param maxBytes above which we give the slot up ourselves; nothing for never
 */
public record Retention(
    long heldBytes,
    long unconfirmedBytes,
    String status,
    OptionalLong safeBytes,
    OptionalLong maxBytes) {

  /** Whether the server is going to remove what the slot needs. */
  public boolean endangered() {
    return status.equals("unreserved") || status.equals("lost");
  }

  /** What is left of it, for figures. */
  Margin margin() {
    LongStream bounds =
        LongStream.concat(safeBytes.stream(), maxBytes.stream().map(most -> most - heldBytes));
    return new Margin(
        Optional.empty(),
        bounds.min(),
        endangered()
            ? Optional.of("the server is about to give up what the replication slot keeps")
            : Optional.empty());
  }

  /** Whether more is held than may be. */
  public boolean tooMuch() {
    return maxBytes.isPresent() && heldBytes > maxBytes.getAsLong();
  }
}
