package io.tycostream.simulation;

import java.util.List;
import java.util.Optional;

/**
 * How the story of a seed ended.
 *
 * @param violation what was not as it is promised, in a sentence; nothing when all was well
 * @param traceHash of everything that happened; the same seed always has the same
 * @param lastLines of the trace, the oldest first
 */
public record Outcome(
    long seed, Optional<String> violation, long traceHash, Tally tally, List<String> lastLines) {

  public Outcome {
    lastLines = List.copyOf(lastLines);
  }
}
