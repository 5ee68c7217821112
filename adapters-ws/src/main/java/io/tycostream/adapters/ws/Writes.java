package io.tycostream.adapters.ws;

import io.helidon.common.buffers.BufferData;
import java.util.ArrayList;
import java.util.List;

/** How many frames go to a socket in few calls of the system. */
final class Writes {

  /** From so many bytes on one more call costs less than one more copy. */
  static final int LARGE_BYTES = 32 << 10;

  private Writes() {}

  /** Small frames that follow each other are put together; a large one goes without a copy. */
  static List<BufferData> of(List<Frame> frames) {
    List<BufferData> writes = new ArrayList<>(1);
    int next = 0;
    while (next < frames.size()) {
      Frame first = frames.get(next);
      int end = isLarge(first) ? next + 1 : endOfSmall(frames, next);
      writes.add(end == next + 1 ? first.buffer() : together(frames, next, end));
      next = end;
    }
    return writes;
  }

  private static boolean isLarge(Frame frame) {
    return frame.length() >= LARGE_BYTES;
  }

  private static int endOfSmall(List<Frame> frames, int from) {
    int end = from;
    while (end < frames.size() && !isLarge(frames.get(end))) {
      end++;
    }
    return end;
  }

  private static BufferData together(List<Frame> frames, int from, int end) {
    int bytes = 0;
    for (int i = from; i < end; i++) {
      bytes += frames.get(i).length();
    }
    byte[] together = new byte[bytes];
    int at = 0;
    for (int i = from; i < end; i++) {
      at = frames.get(i).copyTo(together, at);
    }
    return BufferData.create(together);
  }
}
