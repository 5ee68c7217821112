package io.tycostream.archfixture.app;

class SleepsTest {
  void sleeps() throws InterruptedException {
    Thread.sleep(1);
  }
}
