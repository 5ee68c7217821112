package io.tycostream.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * One direction of a socket: in order, with room for so many frames, each of which takes its time.
 */
final class Pipe {

  private final World world;
  private final Network network;
  private final int capacity;
  private final Runnable onArrival;
  private final Runnable onRoom;
  private final Deque<Frame> arrived = new ArrayDeque<>();
  private int inFlight;
  private long lastArrival;
  private long delayedUntil;
  private boolean broken;

  /**
   * @param capacity how many frames may be in flight or unread
   * @param onArrival there may be something to take
   * @param onRoom there is room again
   */
  Pipe(World world, Network network, int capacity, Runnable onArrival, Runnable onRoom) {
    this.world = world;
    this.network = network;
    this.capacity = capacity;
    this.onArrival = onArrival;
    this.onRoom = onRoom;
  }

  boolean hasRoom() {
    return waiting() < capacity;
  }

  int waiting() {
    return inFlight + arrived.size();
  }

  /** Sends a frame; it arrives behind those before it, unless the pipe breaks. */
  void send(Frame frame) {
    long at = Math.max(world.now() + network.delay(), Math.max(lastArrival, delayedUntil));
    lastArrival = at;
    inFlight++;
    world.after(
        at - world.now(),
        () -> {
          if (!broken) {
            inFlight--;
            arrived.add(frame);
            onArrival.run();
          }
        });
  }

  Optional<Frame> take() {
    Frame frame = arrived.poll();
    if (frame != null && waiting() == capacity - 1) {
      onRoom.run();
    }
    return Optional.ofNullable(frame);
  }

  boolean isEmpty() {
    return arrived.isEmpty();
  }

  /** What is sent arrives late for a while. */
  void delay(long micros) {
    delayedUntil = world.now() + micros;
  }

  /** What is in flight is lost, and nothing comes through any more. */
  void breakOff() {
    broken = true;
  }
}
