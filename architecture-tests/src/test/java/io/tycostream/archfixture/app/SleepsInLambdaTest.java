package io.tycostream.archfixture.app;

import java.time.Duration;
import java.util.concurrent.Callable;

class SleepsInLambdaTest {
  Callable<Void> sleeps() {
    return () -> {
      Thread.sleep(Duration.ofDays(1));
      return null;
    };
  }
}
