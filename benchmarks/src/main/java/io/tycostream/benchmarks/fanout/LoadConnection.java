package io.tycostream.benchmarks.fanout;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client: finds the frames in what it reads, and counts them. Rows are not decoded; what kind a
 * message is, and where and how old, stands at fixed places of its beginning.
 *
 * <p>That no batch is missing is seen from the seq of the last one in each read, which has to be as
 * many behind the first as were counted.
 */
final class LoadConnection {

  /** So much of a payload is looked at, which is all of a batch. */
  private static final int HEAD = 256;

  private static final int OPCODE = 0x0F;
  private static final int TEXT = 0x1;
  private static final int PING = 0x9;

  private static final int KIND_AT = "{'type':'".length();
  private static final int SEQ_AT = "{'type':'batch','feed':1,'seq':".length();
  private static final int TIME_BEHIND_SEQ = ",'position':'bench.".length();

  private static final ByteBuffer PONG =
      ByteBuffer.wrap(new byte[] {(byte) 0x8A, (byte) 0x80, 0, 0, 0, 0}).asReadOnlyBuffer();

  private final SocketChannel channel;
  private final LoadFigures figures;

  private final byte[] begun = new byte[10 + HEAD];
  private int begunBytes;
  private long left;

  private long batches;
  private long firstSeq = -1;
  private boolean complete;
  private @Nullable String firstBatch;

  LoadConnection(SocketChannel channel, LoadFigures figures) {
    this.channel = channel;
    this.figures = figures;
  }

  SocketChannel channel() {
    return channel;
  }

  /** Batches since all rows came. */
  long batches() {
    return batches;
  }

  /** Whether all rows have come. */
  boolean isComplete() {
    return complete;
  }

  /** The payload of the first batch; nothing before it. */
  Optional<String> firstBatch() {
    return Optional.ofNullable(firstBatch);
  }

  /** Sends frames, all at once: a client's socket has room for the little that it says. */
  void send(ByteBuffer frames) throws IOException {
    channel.write(frames);
    if (frames.hasRemaining()) {
      throw new IOException("a client's socket is full");
    }
  }

  /**
   * Reads once.
   *
   * @param buffer for anything in between
   * @throws IOException also when the server has closed
   */
  void read(ByteBuffer buffer) throws IOException {
    buffer.clear().put(begun, 0, begunBytes);
    if (channel.read(buffer) < 0) {
      throw new IOException("closed by the server");
    }
    buffer.flip();
    long now = System.nanoTime();
    int at = 0;
    int lastBatchAt = -1;
    int end = buffer.limit();
    while (true) {
      int skipped = (int) Math.min(left, end - at);
      at += skipped;
      left -= skipped;
      int header = left > 0 ? Integer.MAX_VALUE : header(buffer, at, end);
      if (header > end - at) {
        break;
      }
      long length = length(buffer, at, header);
      if (header + Math.min(length, HEAD) > end - at) {
        break;
      }
      if (!isBatch(buffer, at, header, length)) {
        other(buffer, at, header, length, now);
      } else if (complete) { // what leads from a snapshot that is not the newest is part of it
        lastBatchAt = at + header;
        if (batches++ == 0) {
          firstSeq = seq(buffer, lastBatchAt);
          firstBatch = text(buffer, lastBatchAt, (int) Math.min(length, HEAD));
        }
        figures.batch(header + length);
        if (figures.measuresAges()) {
          figures.age(now - time(buffer, lastBatchAt));
        }
      }
      at += header;
      left = length;
    }
    begunBytes = end - at;
    buffer.get(at, begun, 0, begunBytes);
    if (lastBatchAt >= 0 && seq(buffer, lastBatchAt) - firstSeq + 1 != batches) {
      figures.broken();
    }
  }

  /** How long the header is; more than there can be when that is not known yet. */
  private static int header(ByteBuffer buffer, int at, int end) {
    if (end - at < 2) {
      return Integer.MAX_VALUE;
    }
    int length = buffer.get(at + 1);
    return length < 126 ? 2 : length == 126 ? 4 : 10;
  }

  private static long length(ByteBuffer buffer, int at, int header) {
    return switch (header) {
      case 2 -> buffer.get(at + 1);
      case 4 -> buffer.getShort(at + 2) & 0xFFFF;
      default -> buffer.getLong(at + 2);
    };
  }

  private static boolean isBatch(ByteBuffer buffer, int at, int header, long length) {
    return (buffer.get(at) & OPCODE) == TEXT
        && length > KIND_AT
        && buffer.get(at + header + KIND_AT) == 'b'
        && buffer.get(at + header + KIND_AT + 1) == 'a';
  }

  private void other(ByteBuffer buffer, int at, int header, long length, long now)
      throws IOException {
    switch (buffer.get(at) & OPCODE) {
      case PING -> send(PONG.duplicate());
      case TEXT -> {
        String kind = text(buffer, at + header + KIND_AT, 4);
        switch (kind) {
          case "snap" -> figures.snapshotPart(header + length);
          case "prog" -> {
            if (!complete) {
              complete = true;
              figures.completed(now);
            }
          }
          case "welc", "subs", "sour" -> {}
          default -> throw new IOException(text(buffer, at + header, (int) Math.min(length, HEAD)));
        }
      }
      default -> throw new IOException("a frame that begins with " + buffer.get(at));
    }
  }

  private static long seq(ByteBuffer buffer, int payload) {
    long seq = 0;
    for (int at = payload + SEQ_AT; buffer.get(at) != ','; at++) {
      seq = seq * 10 + buffer.get(at) - '0';
    }
    return seq;
  }

  private static long time(ByteBuffer buffer, int payload) {
    int at = payload + SEQ_AT;
    while (buffer.get(at) != ',') {
      at++;
    }
    long time = 0;
    for (int digit = at + TIME_BEHIND_SEQ; digit < at + TIME_BEHIND_SEQ + 16; digit++) {
      time = time << 4 | Character.digit(buffer.get(digit), 16);
    }
    return time;
  }

  private static String text(ByteBuffer buffer, int at, int length) {
    byte[] bytes = new byte[Math.min(length, buffer.limit() - at)];
    buffer.get(at, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }
}
