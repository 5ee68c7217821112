package io.tycostream.client;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** What a client counts; by any thread. */
final class Counters {

  final LongAdder connections = new LongAdder();
  final LongAdder resumes = new LongAdder();
  final LongAdder snapshots = new LongAdder();
  final LongAdder batches = new LongAdder();
  final LongAdder changes = new LongAdder();
  final LongAdder gaps = new LongAdder();
  final LongAdder dropped = new LongAdder();
  final LongAdder failures = new LongAdder();
  final LongAdder receivedBytes = new LongAdder();

  ClientFigures figures(long waitingBytes, Duration behind) {
    return new ClientFigures(
        connections.sum(),
        resumes.sum(),
        snapshots.sum(),
        batches.sum(),
        changes.sum(),
        gaps.sum(),
        dropped.sum(),
        failures.sum(),
        receivedBytes.sum(),
        waitingBytes,
        behind);
  }
}
