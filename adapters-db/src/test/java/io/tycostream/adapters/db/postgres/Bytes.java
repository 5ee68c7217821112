package io.tycostream.adapters.db.postgres;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes messages as the server does. */
final class Bytes {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static Bytes of(char type) {
    return new Bytes().int1(type);
  }

  Bytes int1(int value) {
    out.write(value);
    return this;
  }

  Bytes int2(int value) {
    return all(ByteBuffer.allocate(2).putShort((short) value).array());
  }

  Bytes int4(int value) {
    return all(ByteBuffer.allocate(4).putInt(value).array());
  }

  Bytes int8(long value) {
    return all(ByteBuffer.allocate(8).putLong(value).array());
  }

  /** A text that ends with a zero. */
  Bytes string(String value) {
    return all(value.getBytes(StandardCharsets.UTF_8)).int1(0);
  }

  /** A value in a row. */
  Bytes text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return int1('t').int4(bytes.length).all(bytes);
  }

  Bytes all(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] array() {
    return out.toByteArray();
  }

  ByteBuffer buffer() {
    return ByteBuffer.wrap(array());
  }
}
