package io.tycostream.benchmarks.fanout;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Text frames (RFC 6455, 5.2). */
final class Frames {

  private static final int FINAL_TEXT = 0x81;
  private static final int MASKED = 0x80;
  private static final int LENGTH_IN_2_BYTES = 126;
  private static final int LENGTH_IN_8_BYTES = 127;

  private Frames() {}

  /** A server's frame. */
  static byte[] whole(byte[] payload) {
    return frame(payload, 0, 0);
  }

  /** A client's frame, masked with zeros: the payload stays as it is. */
  static byte[] masked(byte[] payload) {
    return frame(payload, MASKED, Integer.BYTES);
  }

  private static byte[] frame(byte[] payload, int flag, int mask) {
    int length = payload.length;
    int header = length < LENGTH_IN_2_BYTES ? 2 : length <= 0xFFFF ? 4 : 10;
    ByteBuffer frame = ByteBuffer.allocate(header + mask + length).put((byte) FINAL_TEXT);
    switch (header) {
      case 2 -> frame.put((byte) (flag | length));
      case 4 -> frame.put((byte) (flag | LENGTH_IN_2_BYTES)).putShort((short) length);
      default -> frame.put((byte) (flag | LENGTH_IN_8_BYTES)).putLong(length);
    }
    return frame.position(header + mask).put(payload).array();
  }

  /** The payloads that a rival sends to who subscribes: all rows, and progress. */
  static List<byte[]> greeting(Ticks ticks) {
    long now = System.nanoTime();
    List<byte[]> payloads = new ArrayList<>(ticks.snapshot(now));
    payloads.add(Ticks.progress(now));
    return payloads;
  }
}
