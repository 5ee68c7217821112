package io.tycostream.adapters.db.postgres;

/**
 * Whether the server lives and does not get on: in one poll it sends keepalives and nothing else,
 * and is with its stream not where its log was before the poll began. It does not decode then,
 * because it waits for a standby for instance ({@code synchronized_standby_slots}); or it decodes
 * what nobody here follows, without an end.
 *
 * <p>Once is nothing: a server that decodes is always a little behind its log. Whether it lasts is
 * for others to say. Owned by one thread.
 */
final class Standstill {

  /**
   * By so many bytes the log may reach beyond its last record, and nothing was written: the longer
   * one of the two headers that a page can begin with, {@code SizeOfXLogLongPHD} of the server. A
   * change and its commit have more.
   */
  private static final long PAGE_HEADER = 40;

  private long written;
  private boolean rests;

  /**
   * A poll begins.
   *
   * @param written the end of the server's log when it was looked at last; 0 when it was not
   */
  void begin(long written) {
    this.written = written;
    this.rests = false;
  }

  /** This came with the poll. */
  void heard(ReplicationFrame frame) {
    switch (frame) {
      case ReplicationFrame.Data data -> begin(0);
      case ReplicationFrame.Keepalive keepalive -> rests = isBeyond(keepalive.serverEnd());
    }
  }

  private boolean isBeyond(long serverEnd) {
    return Long.compareUnsigned(written, serverEnd) > 0 && written - serverEnd > PAGE_HEADER;
  }

  /** Whether the present poll saw the server stand still, up to now. */
  boolean isSeen() {
    return rests;
  }
}
