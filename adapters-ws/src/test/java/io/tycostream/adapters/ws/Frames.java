package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** What stands in frames. */
final class Frames {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Frames() {}

  static byte[] bytes(Frame frame) {
    return frame.buffer().readBytes();
  }

  /** The text of a text frame. */
  static String text(Frame frame) {
    byte[] bytes = bytes(frame);
    int header =
        switch (bytes[1]) {
          case 126 -> 4;
          case 127 -> 10;
          default -> 2;
        };
    return new String(bytes, header, bytes.length - header, StandardCharsets.UTF_8);
  }

  static int payloadBytes(Frame frame) {
    return text(frame).getBytes(StandardCharsets.UTF_8).length;
  }

  static JsonNode json(Frame frame) {
    return json(text(frame));
  }

  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + text, e);
    }
  }

  /** Writes JSON. */
  interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  /** The JSON that is written. */
  static String written(Writing writing) {
    return text(new FrameWriter().write(writing::to).frame());
  }
}
