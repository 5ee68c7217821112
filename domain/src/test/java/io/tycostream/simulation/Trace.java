package io.tycostream.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** What happened, for people, and a hash of all of it. */
final class Trace {

  /** How much is told around a violation. */
  private static final int KEPT = 80;

  private record Line(long at, String who, String what) {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "%12.6f  %-22s %s", at / 1e6, who, what);
    }
  }

  private final Deque<Line> last = new ArrayDeque<>(KEPT);
  private final Consumer<String> listener;
  private final boolean listened;
  private long hash = 0xcbf29ce484222325L;

  private Trace(Consumer<String> listener, boolean listened) {
    this.listener = listener;
    this.listened = listened;
  }

  /** Keeps the last lines only. */
  static Trace quiet() {
    return new Trace(line -> {}, false);
  }

  /** Tells every line at once. */
  static Trace to(Consumer<String> listener) {
    return new Trace(listener, true);
  }

  void add(long at, String who, String what) {
    hash = (hash ^ at) * 0x100000001b3L;
    hash = (hash ^ who.hashCode()) * 0x100000001b3L;
    hash = (hash ^ what.hashCode()) * 0x100000001b3L;
    Line line = new Line(at, who, what);
    if (last.size() == KEPT) {
      last.removeFirst();
    }
    last.addLast(line);
    if (listened) {
      listener.accept(line.toString());
    }
  }

  long hash() {
    return hash;
  }

  /** The last lines, the oldest first. */
  List<String> lines() {
    return last.stream().map(Line::toString).toList();
  }
}
