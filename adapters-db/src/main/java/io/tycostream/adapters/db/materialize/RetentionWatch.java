package io.tycostream.adapters.db.materialize;

import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Looks now and then, while a stream lives, how far back its relation can be read: {@code RETAIN
 * HISTORY} and indexes change without a word, and a relation that catches up takes its history
 * along.
 *
 * <p>Called by the thread that reads the stream; looks on a virtual thread.
 */
final class RetentionWatch {

  /** Of so many heartbeats one look: it is for people, who do not look more often. */
  private static final int HEARTBEATS = 10;

  private final Catalogue catalogue;
  private final String id;
  private final Optional<String> cluster;
  private final Consumer<Optional<Duration>> found;
  private final LongSupplier nanoTime;
  private final long lookEveryNanos;
  private final AtomicBoolean looking = new AtomicBoolean();

  private long lookedAt;

  /**
   * @param cluster of the stream, where it is known
   * @param found told what was seen, on the thread of the look
   * @param nanoTime as {@link System#nanoTime} has it
   */
  RetentionWatch(
      Catalogue catalogue,
      String id,
      Optional<String> cluster,
      Duration heartbeat,
      Consumer<Optional<Duration>> found,
      LongSupplier nanoTime) {
    this.catalogue = catalogue;
    this.id = id;
    this.cluster = cluster;
    this.found = found;
    this.nanoTime = nanoTime;
    this.lookEveryNanos = heartbeat.multipliedBy(HEARTBEATS).toNanos();
    this.lookedAt = nanoTime.getAsLong() - lookEveryNanos;
  }

  /** Begins to look, and returns at once, when it is time to. */
  void lookIfDue() {
    long now = nanoTime.getAsLong();
    if (now - lookedAt >= lookEveryNanos && looking.compareAndSet(false, true)) {
      lookedAt = now;
      Thread.ofVirtual().name("retention-" + id).start(this::look);
    }
  }

  private void look() {
    try {
      found.accept(catalogue.readable(id, cluster).retained());
    } catch (StreamException e) {
      // What was seen last stays; what is wrong shows in the stream.
    } finally {
      looking.set(false);
    }
  }
}
