package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.CopyText;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A running {@code SUBSCRIBE}. */
final class MaterializeStream implements ChangeStream {

  private static final Duration PATIENCE = Duration.ofMillis(5);

  private final Connections connections;
  private final String source;
  private final CopyText columns;
  private final LineBuffer lines;
  private final Reach reach;
  private final FrontierWatch watch;
  private final RetentionWatch retention;
  private final FinishedStream afterEnd;
  private boolean heldUp;

  /**
   * @param columns of the relation
   * @param lines behind the first, which told the {@code AS OF}
   * @param afterEnd what it is when the server ends it as it should
   */
  MaterializeStream(
      Connections connections,
      String source,
      CopyText columns,
      LineBuffer lines,
      Reach reach,
      FrontierWatch watch,
      RetentionWatch retention,
      FinishedStream afterEnd) {
    this.connections = connections;
    this.source = source;
    this.columns = columns;
    this.lines = lines;
    this.reach = reach;
    this.watch = watch;
    this.retention = retention;
    this.afterEnd = afterEnd;
  }

  @Override
  public boolean poll(ChangeSink sink) throws StreamException {
    retention.lookIfDue();
    List<byte[]> taken = lines.take(PATIENCE);
    if (taken.isEmpty()) {
      return lines.isAtEnd() ? pollBehindEnd(sink) : pollInSilence();
    }
    heldUp = false;
    watch.heard();
    for (byte[] line : taken) {
      switch (Update.read(line, columns)) {
        case Update.Rows rows ->
            sink.row(source, rows.time(), new RowEvent.Counted(rows.row(), rows.diff()));
        case Update.Progress(long before) -> {
          sink.closed(before);
          reach.closed(before);
        }
      }
    }
    return true;
  }

  private boolean pollInSilence() throws StreamException {
    heldUp = watch.explains(reach.frontier());
    return false;
  }

  private boolean pollBehindEnd(ChangeSink sink) throws StreamException {
    Optional<StreamException> failure = lines.failure(connections);
    if (failure.isPresent()) {
      throw failure.get();
    }
    heldUp = false;
    return afterEnd.poll(sink);
  }

  @Override
  public boolean stands() {
    return reach.stands() || afterEnd.stands();
  }

  @Override
  public boolean isHeldUp() {
    return heldUp;
  }

  @Override
  public void close() {
    connections.abort();
    lines.close();
  }
}
