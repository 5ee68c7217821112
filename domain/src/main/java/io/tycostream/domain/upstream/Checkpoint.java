package io.tycostream.domain.upstream;

/**
 * Where a stream is resumed.
 *
 * @param epoch which history of which database
 * @param time everything up to and including it is applied; unsigned
 */
public record Checkpoint(String epoch, long time) {

  /** The earlier of two of one history. */
  public Checkpoint earlier(Checkpoint other) {
    return Long.compareUnsigned(time, other.time) <= 0 ? this : other;
  }

  /** The later of two of one history. */
  public Checkpoint later(Checkpoint other) {
    return Long.compareUnsigned(time, other.time) >= 0 ? this : other;
  }

  /** Whether this is of the same history as another one, and not before it. */
  public boolean reaches(Checkpoint other) {
    return epoch.equals(other.epoch) && Long.compareUnsigned(time, other.time) >= 0;
  }
}
