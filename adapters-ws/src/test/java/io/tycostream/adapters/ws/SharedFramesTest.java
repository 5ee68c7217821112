package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.source.Delivery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is encoded once for all. */
class SharedFramesTest {

  private static final int READERS = 16;

  private final AtomicInteger encoded = new AtomicInteger();
  private final FrameBudget budget = new FrameBudget(FrameBudget.DEFAULT_BYTES);

  @Test
  void aBatchIsEncodedOnceForAllReaders() throws Exception {
    int entries = 1_000;
    List<Delivery.Next> log = IntStream.rangeClosed(1, entries).mapToObj(i -> entry(i)).toList();
    BatchFrames frames = frames(next -> counted(10, next));
    List<List<Frame>> seen =
        together(() -> log.stream().map(entry -> frames.of(entry).getFirst()).toList());
    assertEquals(entries, encoded.get());
    for (List<Frame> each : seen) {
      for (int i = 0; i < entries; i++) {
        assertSame(seen.getFirst().get(i), each.get(i));
      }
    }
  }

  @Test
  void noEntryIsTakenForAnotherWithTheSamePlace() {
    BatchFrames frames = frames(next -> counted(10, next));
    for (long index : new long[] {1, 4_097, 8_193, 1, 4_097, 8_193, 8_194, 2}) {
      byte[] bytes = Frames.bytes(frames.of(entry(index)).getFirst());
      assertEquals((byte) (index % 101), bytes[2], "frame of " + index);
    }
  }

  @Test
  void theNewestStayWhenTheBytesAreUsedUp() {
    int mebibyte = 1 << 20;
    BatchFrames frames = frames(next -> counted(mebibyte, next));
    for (int i = 1; i <= 100; i++) {
      frames.of(entry(i));
    }
    int before = encoded.get();
    for (int i = 100; i > 70; i--) {
      frames.of(entry(i));
    }
    assertEquals(before, encoded.get(), "the last 30 MiB are there");
    for (int i = 60; i > 0; i--) {
      frames.of(entry(i));
    }
    assertTrue(encoded.get() >= before + 59, "the rest was let go");
  }

  @Test
  void aGiantIsSharedAsLongAsSomebodyWritesIt() {
    BatchFrames frames = frames(next -> counted(17 << 20, next));
    List<Frame> writing = frames.of(entry(1));
    assertSame(writing, frames.of(entry(1)));
    assertEquals(1, encoded.get());
  }

  @Test
  void snapshotPartsAreEncodedOnceAndSharedByReaders() throws Exception {
    HandFed things = new HandFed("things").load(2_000);
    Delivery.Everything all = Deliveries.everything(things);
    FeedFrames feed = new FeedFrames(1, HandFed.WHOLE, 2_000, budget);
    assertSame(feed.snapshot(all), feed.snapshot(all));
    List<List<Frame>> seen = together(() -> parts(feed.snapshot(all)));
    int rows = 0;
    for (int i = 0; i < seen.getFirst().size(); i++) {
      for (List<Frame> each : seen) {
        assertSame(seen.getFirst().get(i), each.get(i));
      }
      rows += Frames.json(seen.getFirst().get(i)).get("rows").size();
    }
    assertEquals(2_000, rows);
  }

  @Test
  void anEmptySnapshotHasOnePart() {
    SnapshotFrames frames =
        new SnapshotFrames(
            Deliveries.everything(new HandFed("things").load(0)),
            new RowFrames(1, HandFed.SHAPE, false, 100),
            budget);
    assertTrue(!Frames.json(frames.part(0).orElseThrow()).get("more").booleanValue());
    assertTrue(!frames.has(1), "an only part is the last");
    assertEquals(Optional.empty(), frames.part(1));
  }

  @Test
  void eachFeedHasFramesOfItsOwn() {
    HandFed things = new HandFed("things").load(1);
    HandFed others = new HandFed("others").load(1);
    Feeds feeds = new Feeds(1_000);
    Feed feed = Deliveries.everything(things).feed();
    FeedFrames frames = feeds.of(feed);
    assertSame(frames, feeds.of(feed));
    assertEquals(frames.id() + 1, feeds.of(Deliveries.everything(others).feed()).id());
  }

  @Test
  void progressIsEncodedOncePerPosition() {
    FeedFrames feed = new FeedFrames(1, HandFed.WHOLE, 1_000, budget);
    Position at = Position.parse(HandFed.position(1)).orElseThrow();
    assertSame(feed.progress(at), feed.progress(at.at(1)));
    assertNotSame(feed.progress(at), feed.progress(at.at(2)));
  }

  /** What is not kept is encoded for each reader; the frames are the same. */
  @Test
  void withoutRoomEachReaderHasItsOwn() {
    HandFed things = new HandFed("things").load(2_000);
    Delivery.Everything all = Deliveries.everything(things);
    RowFrames encoder = new RowFrames(1, HandFed.SHAPE, false, 2_000);
    List<Frame> kept = parts(new SnapshotFrames(all, encoder, budget));
    long whole = kept.stream().mapToLong(Frame::length).sum();
    FrameBudget little = new FrameBudget(whole / 2);
    SnapshotFrames frames = new SnapshotFrames(all, encoder, little);
    for (int reader = 0; reader < 2; reader++) {
      List<Frame> parts = parts(frames);
      assertEquals(kept.size(), parts.size());
      for (int i = 0; i < kept.size(); i++) {
        assertArrayEquals(Frames.bytes(kept.get(i)), Frames.bytes(parts.get(i)));
      }
    }
    assertTrue(little.left() >= 0 && little.left() < 2_000, "used up, and not more");
    BatchFrames batches = new BatchFrames(next -> counted(3_000, next), 4096, little.account(this));
    assertNotSame(batches.of(entry(1)), batches.of(entry(1)));
    assertEquals(2, encoded.get());
  }

  @Test
  void whatIsGarbageGivesItsRoomBack() {
    FrameBudget small = new FrameBudget(100);
    assertTrue(small.account(new Object()).take(100));
    TestGateway.await(
        "the room of an owner that is gone",
        () -> {
          System.gc();
          return small.left() == 100;
        });
  }

  private BatchFrames frames(Function<Delivery.Next, List<Frame>> encoder) {
    return new BatchFrames(encoder, 4096, budget.account(this));
  }

  private static List<Frame> parts(SnapshotFrames frames) {
    List<Frame> parts = new ArrayList<>();
    for (int i = 0; frames.has(i); i++) {
      parts.add(frames.part(i).orElseThrow());
    }
    return parts;
  }

  private List<Frame> counted(int bytes, Delivery.Next next) {
    encoded.incrementAndGet();
    byte[] payload = new byte[bytes];
    payload[0] = (byte) (next.batch().seq() % 101);
    return List.of(Frame.of(Frame.TEXT, payload));
  }

  private static Delivery.Next entry(long index) {
    Position after = Position.parse(HandFed.position(index)).orElseThrow();
    List<Change> changes = List.of(new Change.Insert(Row.of("1", "x")));
    return Deliveries.next(index, new Batch(after, after.at(index + 1), changes, false));
  }

  /** What each of many readers sees who begin at the same moment. */
  private static <T> List<T> together(Callable<T> reading) throws Exception {
    CyclicBarrier start = new CyclicBarrier(READERS);
    try (ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
      List<Future<T>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(
            threads.submit(() -> {
              start.await();
              return reading.call();
            }));
      }
      List<T> seen = new ArrayList<>();
      for (Future<T> reader : readers) {
        seen.add(reader.get());
      }
      return seen;
    }
  }
}
