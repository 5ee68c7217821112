package io.tycostream.benchmarks.fanout;

import java.io.IOException;

/**
 * A rival's process.
 *
 * @param port where its clients connect
 * @param creditPort where it is told how far the slowest of them is
 */
record Server(Child child, int port, int creditPort) implements AutoCloseable {

  /**
   * Starts one; it listens when this returns.
   *
   * @param options of its virtual machine
   */
  static Server start(String rival, int rows, String options) throws IOException {
    Child child = Child.start(FanOutServer.class, options, rival, Integer.toString(rows));
    long[] ports = Child.numbersOf(child.answer());
    return new Server(child, (int) ports[0], (int) ports[1]);
  }

  /** Lets clients connect and say hello. */
  void open(Child load, int clients) throws IOException {
    load.ask("open %d 0 %d %d".formatted(port, clients, Long.MAX_VALUE));
  }

  /** The same, and they say whenever all have had so many batches more. */
  void openPaced(Child load, int clients, int step) throws IOException {
    load.ask("open %d %d %d %d".formatted(port, creditPort, clients, step));
  }

  @Override
  public void close() throws IOException {
    child.close();
  }
}
