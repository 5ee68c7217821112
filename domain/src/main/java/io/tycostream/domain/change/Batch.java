package io.tycostream.domain.change;

import java.util.List;

/**
 * The net change of a relation from one position to a later one: always whole transactions, each
 * key at most once, in no particular order.
 *
 * @param after where the relation stood before
 * @param position where it stands with the changes applied
 * @param changes at least one
 * @param resync whether this is the difference between two snapshots, because the changes between
 *     them are not known one by one; then nothing is known about moments strictly between {@code
 *     after} and {@code position}, which may be of different histories
 * @param touched whether it is a resync that leads from any moment between {@code after} and {@code
 *     position}, both of one history, to {@code position}: each key that was touched meanwhile, as
 *     an insert where it has a row now ("the row is now this"), else as a delete of a row of which
 *     the key alone is known
 */
public record Batch(
    Position after, Position position, List<Change> changes, boolean resync, boolean touched) {

  /**
   * @throws IllegalArgumentException when it is empty, or goes back in time within one history
   */
  public Batch {
    changes = List.copyOf(changes);
    if (changes.isEmpty()) {
      throw new IllegalArgumentException("a batch without changes at " + position);
    }
    if (touched && !resync) {
      throw new IllegalArgumentException("single changes are not only touched keys: " + position);
    }
    if ((!resync || touched) && !position.isAfter(after)) {
      throw new IllegalArgumentException("a batch from " + after + " back to " + position);
    }
  }

  /** One whose changes are those between the two positions, or the difference. */
  public Batch(Position after, Position position, List<Change> changes, boolean resync) {
    this(after, position, changes, resync, false);
  }

  /** About how much memory the batch takes, in bytes. */
  public long bytes() {
    long bytes = 64;
    for (Change change : changes) {
      bytes += 32 + change.bytes();
    }
    return bytes;
  }
}
