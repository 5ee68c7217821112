package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * One text frame while its JSON is being written. One thread, one frame.
 *
 * <p>What was written behind a {@link #mark} can be taken back, so that a message can be filled with
 * rows until one is too many.
 */
final class FrameWriter {

  private static final JsonFactory JSON = new JsonFactory();

  private final Bytes bytes = new Bytes();
  private final JsonGenerator json;

  FrameWriter() {
    try {
      bytes.write(new byte[Frame.MAX_HEADER]);
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
    return bytes.size() - Frame.MAX_HEADER;
  }

  /** Takes back what was written since the mark; only whole elements of an array may be. */
  void reset(int mark) {
    mark();
    bytes.truncate(mark + Frame.MAX_HEADER);
  }

  /** The finished frame. */
  Frame frame() {
    int length = mark();
    return Frame.inPlace(Frame.TEXT, bytes.take(), length);
  }

  private static UncheckedIOException inMemory(IOException e) {
    return new UncheckedIOException("writing JSON to memory", e);
  }

  private static final class Bytes extends ByteArrayOutputStream {
    void truncate(int size) {
      count = size;
    }

    byte[] take() {
      return buf.length - count > count / 4 ? Arrays.copyOf(buf, count) : buf;
    }
  }
}
