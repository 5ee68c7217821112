package io.tycostream.adapters.db.simulator.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A message from the client, read from its beginning. */
final class ClientMessage {

  /** Stands for the end of the client's bytes; no message has this type. */
  static final char GONE = 0;

  private final char type;
  private final ByteBuffer body;

  ClientMessage(char type, byte[] body) {
    this.type = type;
    this.body = ByteBuffer.wrap(body);
  }

  char type() {
    return type;
  }

  char int1() {
    return (char) (body.get() & 0xff);
  }

  int int2() {
    return body.getShort() & 0xffff;
  }

  int int4() {
    return body.getInt();
  }

  /** A text that ends with a zero. */
  String string() {
    int end = body.position();
    while (body.get(end) != 0) {
      end++;
    }
    String text = new String(bytes(end - body.position()), StandardCharsets.UTF_8);
    body.get();
    return text;
  }

  byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    body.get(bytes);
    return bytes;
  }

  byte[] rest() {
    return bytes(body.remaining());
  }

  boolean hasMore() {
    return body.hasRemaining();
  }
}
