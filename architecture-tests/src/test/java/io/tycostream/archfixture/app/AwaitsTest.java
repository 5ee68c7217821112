package io.tycostream.archfixture.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class AwaitsTest {
  boolean awaits(CountDownLatch latch) throws InterruptedException {
    return latch.await(1, TimeUnit.DAYS);
  }
}
