package io.tycostream.adapters.db.risingwave;

/**
 * RisingWave's epochs: milliseconds since its own beginning, and 16 bits below, of which those that
 * are told to a subscription have none set.
 */
final class EpochTime {

  /** 2021-04-01T00:00:00Z, {@code UNIX_RISINGWAVE_DATE_SEC} in RisingWave's epoch.rs. */
  static final long BEGINNING_MILLIS = 1_617_235_200_000L;

  private static final int LOW_BITS = 16;

  private EpochTime() {}

  /** Milliseconds since 1970, as {@code rw_timestamp} has them. */
  static long millis(long epoch) {
    return (epoch >>> LOW_BITS) + BEGINNING_MILLIS;
  }
}
