package io.tycostream.simulation;

import io.tycostream.domain.feed.Filter;
import java.util.List;

/** Breaks things for as long as it is time to break things. */
final class Faults {

  private final World world;
  private final Shape shape;
  private final SimDatabase database;
  private final List<DatabaseServer> servers;
  private final List<SimGateway> gateways;
  private final List<SimClient> clients;
  private final Permissions permissions;
  private boolean over;

  Faults(
      World world,
      Shape shape,
      SimDatabase database,
      List<DatabaseServer> servers,
      List<SimGateway> gateways,
      List<SimClient> clients,
      Permissions permissions) {
    this.world = world;
    this.shape = shape;
    this.database = database;
    this.servers = servers;
    this.gateways = gateways;
    this.clients = clients;
    this.permissions = permissions;
  }

  void start() {
    again(shape.databaseFaultMicros(), this::breakDatabase);
    again(shape.clientFaultMicros(), this::breakClient);
    again(shape.rareMicros(), this::breakSomethingLarge);
  }

  void stop() {
    over = true;
    for (SimClient each : clients) {
      if (permissions.allow(each.name())) {
        gateways.forEach(gateway -> gateway.permissionsChanged(each.name()));
      }
    }
  }

  private void again(long mean, Runnable fault) {
    world.after(
        world.around(mean),
        () -> {
          if (!over) {
            fault.run();
            again(mean, fault);
          }
        });
  }

  private void breakDatabase() {
    if (world.chance(0.05)) {
      world.pick(gateways).retry();
    }
    DatabaseServer server = world.chance(0.7) ? servers.getFirst() : world.pick(servers);
    List<DatabaseStream> streams = server.streams();
    switch (world.below(10)) {
      case 8 -> lag(server);
      case 0, 1, 2 -> {
        if (!streams.isEmpty()) {
          world.fault(server.name(), "a stream is cut");
          world.pick(streams).cut("connection reset");
        }
      }
      case 3 -> {
        if (!streams.isEmpty()) {
          world.fault(server.name(), "a stream falls silent");
          world.pick(streams).fallSilent();
        }
      }
      case 9 -> {
        if (!streams.isEmpty()) {
          world.fault(server.name(), "a stream does not move on");
          world.pick(streams).standStill(world.between(4, 12) * World.SECOND);
        }
      }
      case 4 -> {
        if (!streams.isEmpty()) {
          world.fault(server.name(), "a stream is slow");
          world.pick(streams).slowDown(world.between(1, 10) * World.SECOND);
        }
      }
      case 5 -> server.restart(world.between(0, 5) * World.SECOND);
      case 6 -> {
        if (world.chance(0.5)) {
          server.loseSlots();
        } else {
          server.compact();
        }
      }
      default -> {
        DatabaseServer.Answer[] answers = DatabaseServer.Answer.values();
        server.answerBadly(
            answers[1 + world.below(answers.length - 1)], world.between(1, 8) * World.SECOND);
        if (!streams.isEmpty()) {
          world.pick(streams).cut("connection reset");
        }
      }
    }
  }

  private void lag(DatabaseServer server) {
    long micros = world.between(1, 15) * World.SECOND;
    if (server.isReplica()) {
      server.lag(world.chance(0.3) ? 0 : micros);
    } else if (world.chance(0.3)) {
      server.lag(micros);
      server.cutAll("the database was shut down");
      world.after(world.around(5 * World.SECOND), () -> server.lag(0));
    }
  }

  private void breakClient() {
    SimClient client = world.pick(clients);
    switch (world.below(11)) {
      case 10 -> {
        if (shape.isRateFelt()) {
          world.fault(client.name(), "asks more than it may");
          client.askGreedily(world.between(5, 20) * World.SECOND);
        }
      }
      case 0, 1, 2 ->
          client
              .socket()
              .filter(Socket::isOpen)
              .ifPresent(socket -> {
                world.fault(socket.name(), "is cut");
                socket.cut();
              });
      case 3 ->
          client
              .socket()
              .filter(Socket::isOpen)
              .ifPresent(socket -> {
                if (world.chance(0.5)) {
                  world.fault(socket.name(), "hangs");
                  socket.hang();
                } else {
                  world.fault(socket.name(), "is cut, and the gateway does not hear of it");
                  socket.cutForClientAlone();
                }
              });
      case 4 ->
          client
              .socket()
              .filter(Socket::isOpen)
              .ifPresent(socket -> {
                world.fault(socket.name(), "is late");
                socket.toClient().delay(world.between(1, 6) * World.SECOND);
              });
      case 5 -> {
        long micros = world.between(1, 20) * World.SECOND;
        world.fault(client.name(), "stalls for " + micros / 1_000 + " ms");
        client.stall(micros);
      }
      case 6 -> {
        long every = world.pick(List.of(0L, 10L, 100L, 700L)) * World.MILLISECOND;
        world.fault(client.name(), "takes a message in " + every / 1_000 + " ms");
        client.readsOneEvery(every);
      }
      case 7 -> client.move();
      default -> {
        boolean stored = world.chance(0.7);
        long away = world.around(4 * World.SECOND);
        world.fault(client.name(), "dies" + (stored ? ", and has stored something" : ""));
        client.die(away, stored);
      }
    }
  }

  private void breakSomethingLarge() {
    switch (world.below(10)) {
      case 7 -> changeAccess(world.pick(clients));
      case 6 -> changePermissions(world.pick(clients));
      case 0 -> {
        database.fork();
        servers.forEach(each -> each.cutAll("the database was shut down"));
      }
      case 1 -> database.recreate(world.pick(database.tables()), false);
      case 2 -> database.recreate(world.pick(database.tables()), true);
      case 3, 4, 8, 9 -> {
        SimGateway gateway = world.pick(gateways);
        if (gateway.isUp()) {
          gateway.crash(world.around(2 * World.SECOND));
        }
      }
      default -> {
        SimGateway gateway = world.pick(gateways);
        if (gateway.isUp()) {
          gateway.drain(world.around(2 * World.SECOND));
        }
      }
    }
  }

  private void changeAccess(SimClient client) {
    if (permissions.allow(client.name())) {
      world.fault(client.name(), "may follow all tables again");
    } else {
      String table = world.pick(database.tables());
      world.fault(client.name(), "may not follow " + table);
      permissions.deny(client.name(), table);
    }
    gateways.forEach(gateway -> gateway.permissionsChanged(client.name()));
    if (world.chance(0.3)) { // before it hears of it
      client.socket().filter(Socket::isOpen).ifPresent(Socket::cut);
    }
  }

  private void changePermissions(SimClient client) {
    Filter rows = world.chance(0.3) ? Filter.EVERYTHING : new Wishes(world).filter(1);
    world.fault(client.name(), "may see only rows with " + rows);
    world.rare(Rare.PERMISSIONS_CHANGED);
    permissions.permit(client.name(), rows);
    client.permit(permissions);
    gateways.forEach(gateway -> gateway.permissionsChanged(client.name()));
  }
}
