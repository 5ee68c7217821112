package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.helidon.common.buffers.BufferData;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class WritesTest {

  private static final int LARGE = Writes.LARGE_BYTES;

  /** Of each kind, and around where one becomes the other; 4 bytes are the header's. */
  @Provide
  Arbitrary<List<Integer>> payloads() {
    return Arbitraries.frequencyOf(
            Tuple.of(4, Arbitraries.integers().between(0, 300)),
            Tuple.of(1, Arbitraries.integers().between(LARGE - 6, LARGE - 2)),
            Tuple.of(1, Arbitraries.just(100_000)))
        .list()
        .ofMaxSize(12);
  }

  @Property(tries = 500)
  void whatIsWrittenIsTheFramesInTheirOrder(@ForAll("payloads") List<Integer> payloads) {
    List<Frame> frames = frames(payloads);
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    frames.forEach(frame -> expected.writeBytes(Frames.bytes(frame)));
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    Writes.of(frames).forEach(write -> write.writeTo(written));
    assertArrayEquals(expected.toByteArray(), written.toByteArray());
  }

  @Property(tries = 500)
  void smallFramesGoTogetherAndLargeOnesAlone(@ForAll("payloads") List<Integer> payloads) {
    List<Frame> frames = frames(payloads);
    int runs = 0;
    int large = 0;
    boolean inRun = false;
    for (Frame frame : frames) {
      boolean isLarge = frame.length() >= LARGE;
      large += isLarge ? 1 : 0;
      runs += !isLarge && !inRun ? 1 : 0;
      inRun = !isLarge;
    }
    List<BufferData> writes = Writes.of(frames);
    assertEquals(runs + large, writes.size());
    assertTrue(writes.stream().filter(write -> write.available() >= LARGE).count() >= large);
  }

  @Test
  void manySmallFramesAreOneWriteHoweverLongItIs() {
    List<Frame> frames = frames(IntStream.range(0, 2_000).map(i -> 100).boxed().toList());
    assertEquals(List.of(2_000 * 102), available(Writes.of(frames)));
  }

  @Test
  void nothingIsNoWrite() {
    assertEquals(List.of(), Writes.of(List.of()));
  }

  private static List<Integer> available(List<BufferData> writes) {
    return writes.stream().map(BufferData::available).toList();
  }

  /** Each with a letter of its own. */
  private static List<Frame> frames(List<Integer> payloads) {
    return IntStream.range(0, payloads.size())
        .mapToObj(i -> {
          byte[] payload = new byte[payloads.get(i)];
          Arrays.fill(payload, (byte) ('a' + i % 26));
          return Frame.of(Frame.TEXT, payload);
        })
        .toList();
  }
}
