package io.tycostream.simulation;

/** How long things take on their way, until the network is healed and everything is quick. */
final class Network {

  private final World world;
  private long latency;

  /**
   * @param latencyMicros on average
   */
  Network(World world, long latencyMicros) {
    this.world = world;
    this.latency = latencyMicros;
  }

  /** How long something takes now, in microseconds. */
  long delay() {
    return world.around(latency);
  }

  void heal() {
    latency = World.MILLISECOND;
  }
}
