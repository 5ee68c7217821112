package io.tycostream.archfixture.app;

import java.util.concurrent.TimeUnit;

class SleepsLongTest {
  void sleeps() throws InterruptedException {
    TimeUnit.DAYS.sleep(1);
  }
}
