package io.tycostream.adapters.ws;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.SourceSnapshot;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a feed, shared by all who subscribed it on this node. Used by any thread.
 *
 * <p>It holds neither the feed nor its source, so that it goes when they do.
 */
final class FeedFrames {

  private final int id;
  private final Relation shape;
  private final RowFrames encoder;
  private final FrameBudget budget;
  private final BatchFrames batches;
  private final Map<SourceSnapshot, SnapshotFrames> snapshots = new WeakHashMap<>();
  private volatile @Nullable ProgressFrame progress;

  private record ProgressFrame(Position position, Frame frame) {}

  /** So many batches near the head are kept for who follows the whole of a source. */
  private static final int BATCHES = 4096;

  /** And so many for a part of one, of which there may be thousands. */
  private static final int BATCHES_OF_A_PART = 128;

  FeedFrames(int id, Derivation derivation, int maxMessage, FrameBudget budget) {
    this.id = id;
    this.shape = derivation.shape();
    this.encoder = new RowFrames(id, shape, derivation.definition().delta(), maxMessage);
    this.budget = budget;
    this.batches =
        new BatchFrames(
            encoder::batch,
            derivation.isWhole() ? BATCHES : BATCHES_OF_A_PART,
            budget.account(this));
  }

  int id() {
    return id;
  }

  Relation shape() {
    return shape;
  }

  List<Frame> batch(Delivery.Next next) {
    return batches.of(next);
  }

  /** The frames of what was folded for one client alone. */
  Iterator<Frame> merged(Delivery.Merged merged) {
    return encoder.merged(merged);
  }

  Frame progress(Position position) {
    ProgressFrame last = progress;
    if (last == null || !last.position().equals(position)) {
      last =
          new ProgressFrame(position, MessageEncoder.encode(new Progress(id, position.toString())));
      progress = last;
    }
    return last.frame();
  }

  SnapshotFrames snapshot(Delivery.Everything all) {
    synchronized (snapshots) {
      return snapshots.computeIfAbsent(
          all.snapshot(), s -> new SnapshotFrames(all, encoder, budget));
    }
  }
}
