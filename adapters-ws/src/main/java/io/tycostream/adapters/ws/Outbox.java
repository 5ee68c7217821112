package io.tycostream.adapters.ws;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The frames of one write. Owned by a courier. */
final class Outbox {

  private List<Frame> frames = new ArrayList<>();
  private long bytes;
  private @Nullable Instant newest;

  void add(Frame frame) {
    frames.add(frame);
    bytes += frame.length();
  }

  /** A batch that the gateway had at this moment is among the frames. */
  void holds(Instant appendedAt) {
    newest = appendedAt;
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  long bytes() {
    return bytes;
  }

  List<Frame> frames() {
    return frames;
  }

  /** When the gateway had the newest batch in here. */
  @Nullable Instant newest() {
    return newest;
  }

  void clear() {
    // Another list, as large as this was used: an idle connection keeps no room for its largest
    // write, and into a young list the collector lets frames be put for less.
    frames = new ArrayList<>(frames.size());
    bytes = 0;
    newest = null;
  }
}
