package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.materialize.Catalogue.Frontiers;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks, while a stream is silent, whether there is anything to tell: a cluster without replicas, a
 * source that is held up or a view that is refreshed once a day give no progress, and a connection
 * that is half open gives none either.
 *
 * <ul>
 *   <li>The relation's frontier is where the stream is: nothing to tell. That explains the silence
 *       and vouches for nothing: as soon as the frontier moves on without the stream, nothing
 *       explains it any more.
 *   <li>It is further: the stream should have told. Nothing is explained.
 *   <li>It moves, and is behind the stream all the same, after longer than a stream may be silent:
 *       the environment was set back. Sooner it is the catalogue that lags.
 *   <li>It is behind the stream for so long at a replica: that one lags.
 * </ul>
 *
 * <p>The catalogue lags by seconds, which makes a look late and never wrong. One that began before
 * the stream was heard last says nothing of the silence since. Called by the thread that reads the
 * stream; looks on a virtual thread.
 */
final class FrontierWatch {

  /** A relation that moves behind the stream is believed to be set back at the second look. */
  private static final int LOOKS_BEHIND = 2;

  private final Connections connections;
  private final Catalogue catalogue;
  private final String id;
  private final boolean replica;
  private final LongSupplier nanoTime;
  private final long lookEveryNanos;
  private final long silenceNanos;
  private final AtomicBoolean looking = new AtomicBoolean();
  private volatile @Nullable Look found;

  private long heardAt;
  private long lookedAt;
  private long judgedAt;
  private Optional<Long> upperBefore = Optional.empty();
  private int behind;

  /** What was seen, when the look began and when it was over. */
  private record Look(Optional<Long> upper, long begun, long at) {}

  /**
   * @param nanoTime as {@link System#nanoTime} has it
   */
  FrontierWatch(Connections connections, Catalogue catalogue, String id, LongSupplier nanoTime) {
    this.connections = connections;
    this.catalogue = catalogue;
    this.id = id;
    this.replica = connections.settings().endpoint().replica();
    this.nanoTime = nanoTime;
    Duration interval = connections.settings().heartbeatInterval();
    this.lookEveryNanos = interval.toNanos();
    this.silenceNanos = connections.settings().silenceLimit().toNanos();
    this.heardAt = nanoTime.getAsLong();
    this.lookedAt = heardAt;
  }

  /** The stream was heard. */
  void heard() {
    behind = 0;
    upperBefore = Optional.empty();
    heardAt = nanoTime.getAsLong();
    lookedAt = heardAt;
  }

  /**
   * The stream is silent.
   *
   * @param frontier everything earlier was told
   * @return whether there is nothing to tell
   * @throws StreamException when the environment was set back, or is a replica that lags
   */
  boolean explains(long frontier) throws StreamException {
    long now = nanoTime.getAsLong();
    if (now - lookedAt >= lookEveryNanos && looking.compareAndSet(false, true)) {
      lookedAt = now;
      Thread.ofVirtual().name("frontier-" + id).start(this::look);
    }
    Look look = found;
    if (look == null || look.begun() - heardAt < 0 || look.upper().isEmpty()) {
      return false;
    }
    if (look.at() != judgedAt) {
      judgedAt = look.at();
      judge(look.upper().get(), frontier);
    }
    // A look holds until the next one should have come.
    return now - look.at() < 2 * lookEveryNanos
        && Long.compareUnsigned(look.upper().get(), frontier) <= 0;
  }

  private void judge(long upper, long frontier) throws StreamException {
    boolean moved = upperBefore.filter(before -> before != upper).isPresent();
    upperBefore = Optional.of(upper);
    boolean lagExcluded = nanoTime.getAsLong() - heardAt >= silenceNanos;
    boolean below = lagExcluded && Long.compareUnsigned(upper, frontier) < 0;
    if (below && replica) {
      throw connections.failure(
          FailureKind.BEHIND,
          "it is at "
              + Long.toUnsignedString(upper)
              + " and has yet to come to where we are, "
              + Long.toUnsignedString(frontier));
    }
    behind = below ? behind + (moved ? 1 : 0) : 0;
    if (behind >= LOOKS_BEHIND) {
      throw connections.failure(
          FailureKind.QUERY,
          "the environment was set back: it is at "
              + Long.toUnsignedString(upper)
              + ", we were at "
              + Long.toUnsignedString(frontier)
              + "; set a new history-id and start the gateway again");
    }
  }

  private void look() {
    long begun = nanoTime.getAsLong();
    try {
      Frontiers frontiers = catalogue.frontiers(id);
      found = new Look(frontiers.upper(), begun, nanoTime.getAsLong());
    } catch (StreamException e) {
      found = null; // nothing is known, so nothing is explained
    } finally {
      looking.set(false);
    }
  }
}
