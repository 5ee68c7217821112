package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That no wake-up is lost between threads is looked at by {@link HandOffStressTest}. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class SleeperTest {

  private final Sleeper sleeper = new Sleeper(Thread.currentThread());
  private final List<String> deeds = new ArrayList<>();

  private boolean sleepUnless(boolean something, long nanos) {
    return sleeper.sleepUnless(
        () -> deeds.add("hangs on"),
        () -> {
          deeds.add("looks");
          return something;
        },
        () -> {
          deeds.add("sleeps");
          return nanos;
        });
  }

  @Test
  void hangsOnAndThenLooksAndSleepsOnlyIfThereIsNothing() {
    assertFalse(sleepUnless(true, Long.MAX_VALUE));
    assertEquals(List.of("hangs on", "looks"), deeds);
    deeds.clear();
    assertTrue(sleepUnless(false, 1));
    assertEquals(List.of("hangs on", "looks", "sleeps"), deeds);
  }

  @Test
  void aWakeUpBeforeTheSleepEndsItAtOnce() {
    sleeper.wake();
    assertTrue(sleepUnless(false, Long.MAX_VALUE));
  }

  /** A lock that the thread waits for while it looks does not know whose wake-up it was. */
  @Test
  void aWakeUpThatALockTookAwayIsNotLost() {
    assertTrue(
        sleeper.sleepUnless(
            () -> {},
            () -> {
              sleeper.wake();
              LockSupport.park();
              return false;
            },
            () -> Long.MAX_VALUE));
  }

  @Test
  void aTimeThatIsOverIsNoSleep() {
    assertTrue(sleepUnless(false, 0));
    assertTrue(sleepUnless(false, -1));
  }
}
