package io.tycostream.benchmarks.fanout;

/**
 * A server that tells all who subscribed of each batch. Whoever sends it a text with {@code
 * "subscribe"} in it gets all rows, a progress message behind them, and every batch from then on.
 */
interface Rival extends AutoCloseable {

  /** What a socket takes before the server has to wait, as the gateway's own default is. */
  int SEND_BUFFER_BYTES = 64 << 10;

  /** The end of the request's path. */
  String PATH = "/v1/stream";

  /** The port that it listens on. */
  int port();

  /**
   * Tells everybody. One thread.
   *
   * @param seq one more than that of the batch before
   * @param time later than that of the batch before
   */
  void publish(long seq, long time);

  @Override
  void close();

  /** Starts one, over a table of so many rows. */
  static Rival start(String name, int rows) {
    Ticks ticks = new Ticks(rows);
    return switch (name) {
      case "tycostream" -> new GatewayRival(ticks);
      case "netty" -> new NettyRival(ticks, new NettyAudience.Group());
      case "netty-by-hand" -> new NettyRival(ticks, new NettyAudience.Loops());
      case "send" -> new SendRival(ticks);
      default -> throw new IllegalArgumentException("there is no rival " + name);
    };
  }
}
