package io.tycostream.benchmarks.fanout;

import org.HdrHistogram.Histogram;

/** What all connections of the load client saw since it was asked to measure. One thread. */
final class LoadFigures {

  private final Histogram ages = new Histogram(3);
  private boolean measuresAges;
  private long begunAt;
  private long batches;
  private long bytes;
  private long broken;

  private long snapshotBytes;
  private long lastCompleted;
  private int completed;

  /**
   * From now on.
   *
   * @param agesToo whether each batch is asked how old it is; that costs something
   */
  void begin(boolean agesToo) {
    begunAt = System.nanoTime();
    batches = 0;
    bytes = 0;
    ages.reset();
    measuresAges = agesToo;
  }

  boolean measuresAges() {
    return measuresAges;
  }

  void batch(long bytesOnSocket) {
    batches++;
    bytes += bytesOnSocket;
  }

  void age(long nanos) {
    ages.recordValue(Math.max(0, nanos));
  }

  /** A batch is missing, or one came twice, or several came as one. */
  void broken() {
    broken++;
  }

  void snapshotPart(long bytesOnSocket) {
    snapshotBytes += bytesOnSocket;
  }

  /** A client has all rows. */
  void completed(long now) {
    completed++;
    lastCompleted = now;
  }

  /** How many clients have all rows. */
  int completed() {
    return completed;
  }

  /** Other clients come: what was counted for all of those before is nothing any more. */
  void forget() {
    begin(false);
    broken = 0;
    snapshotBytes = 0;
    completed = 0;
  }

  /** Nanoseconds, batches, bytes and breaks; the ages' p50, p99 and maximum in nanoseconds. */
  String measured() {
    return "%d %d %d %d %d %d %d"
        .formatted(
            System.nanoTime() - begunAt,
            batches,
            bytes,
            broken,
            ages.getValueAtPercentile(50),
            ages.getValueAtPercentile(99),
            ages.getMaxValue());
  }

  /** How long the last client waited for all rows, and the bytes of all of them. */
  String snapshots(long askedAt) {
    return (lastCompleted - askedAt) + " " + snapshotBytes;
  }
}
