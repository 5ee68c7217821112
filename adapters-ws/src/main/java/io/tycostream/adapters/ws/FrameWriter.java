package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * One text frame while its JSON is being written. One thread, one frame.
 *
 * <p>What was written behind a {@link #mark} can be taken back, so that a message can be filled
 * with rows until one is too many.
 */
final class FrameWriter {

  private static final JsonFactory JSON =
      JsonFactory.builder().recyclerPool(JsonBuffers.SHARED).build();

  /** Room for a message of one row, so that it seldom has to be copied while it is written. */
  private static final int USUAL_BYTES = 512;

  private final Bytes bytes = new Bytes();
  private final JsonGenerator json;

  FrameWriter() {
    try {
      json = JSON.createGenerator(bytes);
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /** Writes part of the JSON. */
  interface Piece {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /** Writes on. */
  FrameWriter write(Piece piece) {
    try {
      piece.writeTo(json);
      return this;
    } catch (IOException e) {
      throw inMemory(e);
    }
  }

  /** How many bytes the payload has by now. */
  int mark() {
    try {
      json.flush();
    } catch (IOException e) {
      throw inMemory(e);
    }
    return bytes.size();
  }

  /** Takes back what was written since the mark; only whole elements of an array may be. */
  void reset(int mark) {
    mark();
    bytes.truncate(mark);
  }

  /** The finished frame; the end of the writing. */
  Frame frame() {
    try {
      json.close(); // gives its buffers back
    } catch (IOException e) {
      throw inMemory(e);
    }
    return Frame.of(Frame.TEXT, bytes.array(), bytes.size());
  }

  private static IllegalStateException inMemory(IOException e) {
    return new IllegalStateException("writing JSON to memory", e);
  }

  private static final class Bytes extends ByteArrayOutputStream {
    Bytes() {
      super(USUAL_BYTES);
    }

    void truncate(int size) {
      count = size;
    }

    /** Not a copy; what is written counts only up to the size. */
    byte[] array() {
      return buf;
    }
  }
}
