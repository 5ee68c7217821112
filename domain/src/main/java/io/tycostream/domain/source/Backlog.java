package io.tycostream.domain.source;

import io.tycostream.domain.change.RowEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened to a source while its rows were being read beside the stream. Owned by the writer,
 * who bounds it by {@link #bytes}.
 */
final class Backlog {

  /** What happened to it at one moment; the time is unsigned. */
  record Kept(long time, List<RowEvent> events) {}

  private final List<Kept> kept = new ArrayList<>();
  private long bytes;

  /**
   * One more moment.
   *
   * @param time after that of the last one
   */
  void keep(long time, List<RowEvent> events) {
    kept.add(new Kept(time, events));
    events.forEach(event -> bytes += event.bytes());
  }

  /** About how much memory it takes. */
  long bytes() {
    return bytes;
  }

  /** The moments that are later than this one, in their order. */
  List<Kept> after(long time) {
    return kept.stream().filter(each -> Long.compareUnsigned(each.time(), time) > 0).toList();
  }
}
