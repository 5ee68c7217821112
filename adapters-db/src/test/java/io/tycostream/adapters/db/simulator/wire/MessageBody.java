package io.tycostream.adapters.db.simulator.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Composes the body of one message, big-endian. */
final class MessageBody {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  MessageBody int1(int value) {
    bytes.write(value);
    return this;
  }

  MessageBody int2(int value) {
    return int1(value >>> 8).int1(value);
  }

  MessageBody int4(int value) {
    return int2(value >>> 16).int2(value);
  }

  /** A text that ends with a zero. */
  MessageBody string(String value) {
    return raw(value.getBytes(StandardCharsets.UTF_8)).int1(0);
  }

  MessageBody raw(byte[] value) {
    bytes.writeBytes(value);
    return this;
  }

  byte[] array() {
    return bytes.toByteArray();
  }
}
