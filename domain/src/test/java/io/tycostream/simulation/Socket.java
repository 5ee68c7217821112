package io.tycostream.simulation;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection between a client and a gateway. It can be cut at any moment, and then each side
 * hears of it in its own time; or hang, and then nobody hears anything.
 */
final class Socket {

  /** What one side of a socket is told. */
  interface End {
    /** There is something to {@link Socket#takeAtClient take}. */
    void arrived();

    /** There is room again for what this side sends. */
    void room();

    /** The socket is gone. */
    void gone(int code, String reason);
  }

  private static final int ABNORMAL = 1006;

  private final World world;
  private final String name;
  private final Pipe toClient;
  private final Pipe toGateway;
  private final Network network;
  private final End client;
  private @Nullable End gateway;
  private boolean clientGone;
  private boolean gatewayGone;
  private boolean hanging;

  /**
   * @param room how many messages to the client are in flight or unread before the gateway waits
   */
  Socket(World world, String name, Network network, int room, End client) {
    this.world = world;
    this.name = name;
    this.client = client;
    this.network = network;
    this.toClient = new Pipe(world, network, room, this::clientArrived, this::gatewayRoom);
    this.toGateway = new Pipe(world, network, 1_000, this::gatewayArrived, () -> {});
  }

  String name() {
    return name;
  }

  /** Somebody took it at the gateway. */
  Socket stands(End end) {
    gateway = end;
    return this;
  }

  Pipe toClient() {
    return toClient;
  }

  void sendToClient(Frame frame) {
    if (!gatewayGone) {
      toClient.send(frame);
    }
  }

  void sendToGateway(Frame frame) {
    if (!clientGone) {
      toGateway.send(frame);
    }
  }

  Optional<Frame> takeAtClient() {
    return clientGone ? Optional.empty() : toClient.take();
  }

  Optional<Frame> takeAtGateway() {
    return gatewayGone ? Optional.empty() : toGateway.take();
  }

  boolean isOpen() {
    return !clientGone && !gatewayGone && !hanging;
  }

  /** The client gives it up: the gateway hears of it behind what was sent before. */
  void closeByClient(int code, String reason) {
    if (!clientGone) {
      toGateway.send(new Frame.Close(code, reason));
      clientGone = true;
    }
  }

  /** The connection breaks. */
  void cut() {
    toClient.breakOff();
    toGateway.breakOff();
    if (!hanging) {
      world.after(network.delay(), () -> endClient("connection reset"));
      world.after(network.delay(), () -> endGateway("connection reset"));
    }
  }

  /** The connection breaks, and only the client hears of it. */
  void cutForClientAlone() {
    hang();
    world.after(network.delay(), () -> endClient("connection reset"));
  }

  /** The gateway is no more, and with it its end. */
  void gatewayDied() {
    gatewayGone = true;
    toClient.breakOff();
    world.after(network.delay(), () -> endClient("connection reset"));
  }

  /** The client is no more, and with it its end. */
  void clientDied() {
    clientGone = true;
    toGateway.breakOff();
    world.after(network.delay(), () -> endGateway("connection reset"));
  }

  /** Nothing comes through any more, and nobody hears of it. */
  void hang() {
    hanging = true;
    toClient.breakOff();
    toGateway.breakOff();
  }

  private void endClient(String reason) {
    if (!clientGone) {
      clientGone = true;
      client.gone(ABNORMAL, reason);
    }
  }

  private void endGateway(String reason) {
    End end = gateway;
    if (!gatewayGone && end != null) {
      gatewayGone = true;
      end.gone(ABNORMAL, reason);
    }
  }

  private void clientArrived() {
    if (!clientGone) {
      client.arrived();
    }
  }

  private void gatewayArrived() {
    End end = gateway;
    if (!gatewayGone && end != null) {
      end.arrived();
    }
  }

  private void gatewayRoom() {
    End end = gateway;
    if (!gatewayGone && end != null) {
      end.room();
    }
  }
}
