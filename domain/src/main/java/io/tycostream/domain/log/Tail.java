package io.tycostream.domain.log;

import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Relation;
import java.util.List;

/**
 * What has left a log behind one of its entries, merged: for readers who are still busy with
 * something large that lies before it, so that a slow one advances with every round instead of
 * starting over.
 *
 * <p>Shared by all who are busy with the same; kept by the log as long as one of them is. Guarded
 * as the log's writer is.
 */
public final class Tail {

  private final long from;
  private final Conflation net;
  private int holders;
  private boolean resync;
  private boolean broken;

  Tail(Relation shape, long from) {
    this.from = from;
    this.net = new Conflation(shape);
  }

  /** The entry that it begins behind. */
  public long from() {
    return from;
  }

  /** The net changes of all that has left the log behind {@link #from}. */
  public List<Change> changes() {
    return net.changes();
  }

  /** Whether single changes are not known: a difference is among them. */
  public boolean resync() {
    return resync;
  }

  /** Whether it is of no use any more, because it grew over the log's limit. */
  public boolean broken() {
    return broken;
  }

  /** The next entry behind {@link #from} leaves. */
  void take(LogEntry entry) {
    if (!broken) {
      resync |= entry.batch().resync();
      net.add(entry.batch().changes());
    }
  }

  void breakOff() {
    broken = true;
    net.clear();
  }

  long bytes() {
    return net.bytes();
  }

  void hold() {
    holders++;
  }

  /** One holder less; whether there is none left. */
  boolean letGo() {
    return --holders == 0;
  }
}
