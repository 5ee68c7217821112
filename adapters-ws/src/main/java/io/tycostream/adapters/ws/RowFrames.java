package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.source.Delivery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Function;

/**
 * Messages with rows as frames, in as many parts as the size limit asks for: a part has at least
 * one row, and more only while it fits. Used by any thread.
 */
final class RowFrames {

  /** Room for what stands behind the rows of a part. */
  private static final int TAIL = 300;

  private final int feed;
  private final int maxMessage;
  private final RowEncoder rows;
  private final boolean delta;

  /**
   * @param delta whether updates have the key and the changed columns only, where single changes
   *     are told
   * @param maxMessage bytes of payload
   */
  RowFrames(int feed, Relation shape, boolean delta, int maxMessage) {
    this.feed = feed;
    this.maxMessage = maxMessage;
    this.rows = new RowEncoder(shape);
    this.delta = delta;
  }

  /** A batch, whole. */
  List<Frame> batch(Delivery.Next next) {
    boolean resync = next.batch().entry().batch().resync();
    List<Frame> frames = new ArrayList<>(1);
    new BatchParts(next.batch().seq(), 1, next.position(), next.changes(), resync)
        .forEachRemaining(frames::add);
    return frames;
  }

  /** Several batches folded into one, for one client alone: each part when it is asked for. */
  Iterator<Frame> merged(Delivery.Merged merged) {
    return new BatchParts(
        merged.seq(), merged.count(), merged.position(), merged.changes(), merged.resync());
  }

  private final class BatchParts implements Iterator<Frame> {
    private final long seq;
    private final long merged;
    private final Position position;
    private final List<Change> changes;
    private final boolean resync;
    private int part;
    private int from;

    BatchParts(long seq, long merged, Position position, List<Change> changes, boolean resync) {
      this.seq = seq;
      this.merged = merged;
      this.position = position;
      this.changes = changes;
      this.resync = resync;
    }

    @Override
    public boolean hasNext() {
      return part == 0 || from < changes.size();
    }

    @Override
    public Frame next() {
      if (!hasNext()) {
        throw new NoSuchElementException("behind the last part of batch " + seq);
      }
      boolean differences = delta && merged == 1 && !resync;
      FrameWriter frame = new FrameWriter();
      frame.write(json -> {
        json.writeStartObject();
        json.writeStringField("type", "batch");
        json.writeNumberField("feed", feed);
        json.writeNumberField("seq", seq);
        json.writeStringField("position", position.toString());
        json.writeArrayFieldStart("changes");
      });
      from =
          fill(
              frame,
              changes,
              from,
              Optional::of,
              (change, json) -> change(change, differences, json));
      boolean more = from < changes.size();
      frame.write(json -> {
        json.writeEndArray();
        if (merged > 1) {
          json.writeNumberField("merged", merged);
        }
        if (resync) {
          json.writeBooleanField("resync", true);
        }
        if (part > 0 || more) {
          json.writeNumberField("part", part);
          json.writeBooleanField("more", more);
        }
        json.writeEndObject();
      });
      part++;
      return frame.frame();
    }
  }

  /** A part of a snapshot, and where the next one begins. */
  record Part(Frame frame, int nextRow) {}

  /**
   * The part of a snapshot that begins with a row; the last one says where the snapshot is.
   *
   * @param all rows of the source, from which those that are shown are derived here
   */
  Part snapshot(
      List<Row> all, Derivation derivation, Position position, long seq, int part, int fromRow) {
    FrameWriter frame = new FrameWriter();
    frame.write(json -> {
      json.writeStartObject();
      json.writeStringField("type", "snapshot");
      json.writeNumberField("feed", feed);
      json.writeNumberField("part", part);
      json.writeArrayFieldStart("rows");
    });
    int next = fill(frame, all, fromRow, derivation::row, rows::row);
    boolean more = next < all.size();
    frame.write(json -> {
      json.writeEndArray();
      json.writeBooleanField("more", more);
      if (!more) {
        json.writeStringField("position", position.toString());
        json.writeNumberField("seq", seq);
      }
      json.writeEndObject();
    });
    return new Part(frame.frame(), next);
  }

  private interface ElementWriter<T> {
    void write(T element, JsonGenerator json) throws IOException;
  }

  /** Writes what is shown of elements while it fits, at least one, and returns the first left. */
  private <T> int fill(
      FrameWriter frame,
      List<T> elements,
      int from,
      Function<T, Optional<T>> shown,
      ElementWriter<T> writer) {
    boolean written = false;
    for (int next = from; next < elements.size(); next++) {
      Optional<T> element = shown.apply(elements.get(next));
      if (element.isEmpty()) {
        continue;
      }
      int mark = frame.mark();
      frame.write(json -> writer.write(element.get(), json));
      if (written && frame.mark() > maxMessage - TAIL) {
        frame.reset(mark);
        return next;
      }
      written = true;
    }
    return elements.size();
  }

  private void change(Change change, boolean differences, JsonGenerator json) throws IOException {
    json.writeStartObject();
    switch (change) {
      case Change.Insert(Row row) -> {
        json.writeStringField("op", "insert");
        json.writeFieldName("row");
        rows.row(row, json);
      }
      case Change.Update(Row before, Row row) -> {
        json.writeStringField("op", "update");
        json.writeFieldName("row");
        if (differences) {
          rows.difference(before, row, json);
        } else {
          rows.row(row, json);
        }
      }
      case Change.Delete(Row before) -> {
        json.writeStringField("op", "delete");
        json.writeFieldName("row");
        rows.key(before, json);
      }
    }
    json.writeEndObject();
  }
}
