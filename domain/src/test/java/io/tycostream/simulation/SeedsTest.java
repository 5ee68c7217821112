package io.tycostream.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** That no seed is lost which does something worse than to be violated. */
final class SeedsTest {

  @Test
  void anErrorNamesItsSeed() {
    OutOfMemoryError error = new OutOfMemoryError("as if");
    IllegalStateException thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Seeds.run(
                    1,
                    9,
                    2,
                    (seed, steps) -> {
                      if (seed == 3) {
                        throw error;
                      }
                      return Simulation.run(seed, steps);
                    }));
    assertEquals(
        "seed 3 broke the simulation, replay it with: bin/simulate --seed 3 --trace",
        thrown.getMessage());
    assertSame(error, thrown.getCause());
  }

  @Test
  void aStepThatDoesNotEndIsToldOfOnce() throws InterruptedException {
    BlockingQueue<String> told = new ArrayBlockingQueue<>(10);
    CountDownLatch over = new CountDownLatch(1);
    try (StepWatch watch = new StepWatch(Duration.ofMillis(20), told::add)) {
      Thread stuck =
          Thread.ofPlatform()
              .start(() -> {
                StepWatch.Running running = watch.begin(7);
                running.steps().set(5);
                await(over);
                watch.end(running);
              });
      String text = told.poll(20, TimeUnit.SECONDS);
      assertTrue(text != null && text.startsWith("seed 7 is in a step that does not end"), text);
      assertTrue(text.contains("bin/simulate --seed 7 --trace"), text);
      assertTrue(text.contains("SeedsTest.await"), text);
      over.countDown();
      stuck.join();
      assertEquals(0, told.size(), "once");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
