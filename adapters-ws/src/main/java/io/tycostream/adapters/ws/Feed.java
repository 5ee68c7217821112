package io.tycostream.adapters.ws;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.log.LogEntry;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.source.SourceSnapshot;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One definition on this node, with the frames that all who subscribed it share. Used by any
 * thread.
 *
 * <p>It holds no source and no generation, so that it goes when they do.
 */
final class Feed {

  private final int id;
  private final Relation shape;
  private final RowFrames encoder;
  private final BatchFrames batches;
  private final Map<SourceSnapshot, SnapshotFrames> snapshots = new WeakHashMap<>();
  private volatile @Nullable ProgressFrame progress;

  private record ProgressFrame(Position position, Frame frame) {}

  Feed(int id, Relation shape, int maxMessage) {
    this.id = id;
    this.shape = shape;
    this.encoder = new RowFrames(id, shape, maxMessage);
    this.batches = new BatchFrames(encoder::batch);
  }

  int id() {
    return id;
  }

  Relation shape() {
    return shape;
  }

  List<Frame> batch(LogEntry entry) {
    return batches.of(entry);
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

  SnapshotFrames snapshot(SourceSnapshot snapshot) {
    synchronized (snapshots) {
      return snapshots.computeIfAbsent(snapshot, all -> new SnapshotFrames(all, encoder));
    }
  }
}
