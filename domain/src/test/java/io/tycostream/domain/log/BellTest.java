package io.tycostream.domain.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class BellTest {

  private final Bell bell = new Bell();

  @Test
  void aRingWakesEachSleeperOnce() {
    AtomicInteger first = new AtomicInteger();
    AtomicInteger second = new AtomicInteger();
    bell.hangOn(new Bell.Rope(first::incrementAndGet));
    bell.hangOn(new Bell.Rope(second::incrementAndGet));
    bell.ring();
    bell.ring();
    assertEquals(1, first.get());
    assertEquals(1, second.get());
  }

  @Test
  void aRopeHangsOnceAndMayBeHungOnAgain() {
    AtomicInteger woken = new AtomicInteger();
    Bell.Rope rope = new Bell.Rope(woken::incrementAndGet);
    bell.hangOn(rope);
    bell.hangOn(rope);
    bell.ring();
    assertEquals(1, woken.get());
    bell.hangOn(rope);
    bell.ring();
    assertEquals(2, woken.get());
  }

  @Test
  void whoIsWokenMayHangOnAtOnce() {
    AtomicInteger woken = new AtomicInteger();
    List<Bell.Rope> ropes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int own = i;
      ropes.add(
          new Bell.Rope(() -> {
            woken.incrementAndGet();
            bell.hangOn(ropes.get(own));
          }));
      bell.hangOn(ropes.get(i));
    }
    bell.ring();
    assertEquals(3, woken.get());
    bell.ring();
    assertEquals(6, woken.get());
  }

  /**
   * Sleepers follow a number that ringers count up, and go to sleep whenever they have seen the
   * newest: a lost wake-up leaves one asleep for good. The writer waits for all of them every so
   * often, so that nearly every step is one to and from sleep.
   */
  @Test
  void noWakeUpIsLost() throws InterruptedException {
    int last = 4_000;
    AtomicLong newest = new AtomicLong();
    List<AtomicLong> seen = new ArrayList<>();
    List<Thread> sleepers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      AtomicLong own = new AtomicLong();
      seen.add(own);
      Thread.Builder threads = i % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform();
      sleepers.add(threads.start(() -> follow(newest, own, last)));
    }
    for (long i = 1; i <= last; i++) {
      newest.set(i);
      bell.ring();
      if (i % 10 == 0) {
        long all = i;
        Instant giveUpAt = Instant.now().plusSeconds(20);
        while (seen.stream().anyMatch(each -> each.get() < all)) {
          assertTrue(Instant.now().isBefore(giveUpAt), "somebody sleeps who has not seen " + all);
          Thread.onSpinWait();
        }
      }
    }
    for (Thread sleeper : sleepers) {
      assertTrue(sleeper.join(Duration.ofSeconds(20)), "asleep for good");
    }
  }

  private void follow(AtomicLong newest, AtomicLong own, long last) {
    Thread thread = Thread.currentThread();
    Bell.Rope rope = new Bell.Rope(() -> LockSupport.unpark(thread));
    while (own.get() < last) {
      if (newest.get() == own.get()) {
        bell.hangOn(rope);
        if (newest.get() == own.get()) {
          LockSupport.park(this);
        }
      }
      own.set(newest.get());
    }
  }

  @Test
  void whoLetGoIsNotWokenAndNotKept() {
    int[] woken = new int[2];
    Bell.Rope gone = new Bell.Rope(() -> woken[0]++);
    Bell.Rope there = new Bell.Rope(() -> woken[1]++);
    bell.hangOn(gone);
    bell.hangOn(there);
    gone.letGo();
    bell.ring();
    assertEquals(0, woken[0]);
    assertEquals(1, woken[1]);
  }
}
