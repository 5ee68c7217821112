package io.tycostream.app.e2e;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.Configuration;
import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Two nodes before one database, an address for each, and all that breaks between clients, nodes
 * and the database. A fault is over when its method returns, but for what it leaves half open.
 */
final class Storm implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int NODES = 2;

  /** Short enough that what is half open is noticed within the test. */
  private static final Duration SILENCE = Duration.ofMillis(1_500);

  private static final Duration CLIENT_HEARTBEAT = Duration.ofSeconds(1);

  enum Fault {
    CLIENTS_RESET,
    CLIENTS_CUT_INSIDE_A_FRAME,
    CLIENTS_HALF_OPEN,
    CLIENTS_STALLED,
    CLIENTS_TURNED_AWAY,
    SESSIONS_LOST,
    NODE_STOPPED,
    NODE_LOST,
    DATABASE_CONNECTION_RESET,
    DATABASE_CONNECTION_CUT_INSIDE_A_MESSAGE,
    DATABASE_CONNECTION_HALF_OPEN,
    DATABASE_CONNECTION_STALLED,
    DATABASE_CONNECTION_TURNED_AWAY,
    WALSENDERS_TERMINATED,
    DATABASE_KILLED,
    DATABASE_PAUSED,
    PROGRAM_RESTARTED
  }

  private final EmbeddedPostgres postgres;
  private final Teller teller;
  private final RandomGenerator random;

  /** What the source that forgets soon keeps. */
  private final HistoryLimits little;

  private final List<FaultProxy> toDatabase = new ArrayList<>();
  private final List<GatewayServer> nodes = new ArrayList<>();
  private final List<FaultProxy> toNodes = new ArrayList<>();

  /** Whether each address leads to the other's node. */
  private boolean crossed;

  /**
   * @param history row changes that the source that forgets soon keeps
   */
  Storm(EmbeddedPostgres postgres, Teller teller, RandomGenerator random, int history) {
    this.postgres = postgres;
    this.teller = teller;
    this.random = random;
    this.little = new HistoryLimits(history, Duration.ofMinutes(10), 64 << 20);
    for (int node = 0; node < NODES; node++) {
      toDatabase.add(new FaultProxy(postgres.host(), postgres.port()));
      nodes.add(start(node));
      toNodes.add(new FaultProxy("127.0.0.1", nodes.get(node).port()));
    }
  }

  List<String> addresses() {
    return toNodes.stream().map(proxy -> "http://127.0.0.1:" + proxy.port()).toList();
  }

  void perform(Fault fault, Crowd crowd) throws Exception {
    int node = random.nextInt(NODES);
    FaultProxy clients = toNodes.get(node);
    FaultProxy database = toDatabase.get(node);
    switch (fault) {
      case CLIENTS_RESET -> clients.reset();
      case CLIENTS_CUT_INSIDE_A_FRAME -> clients.resetAfter(random.nextInt(1, 100_000));
      case CLIENTS_HALF_OPEN -> clients.freeze();
      case CLIENTS_STALLED -> stall(clients);
      case CLIENTS_TURNED_AWAY -> turnAway(clients);
      case SESSIONS_LOST -> swap();
      case NODE_STOPPED -> restart(node, false);
      case NODE_LOST -> restart(node, true);
      case DATABASE_CONNECTION_RESET -> database.reset();
      case DATABASE_CONNECTION_CUT_INSIDE_A_MESSAGE ->
          database.resetAfter(random.nextInt(1, 20_000));
      case DATABASE_CONNECTION_HALF_OPEN -> database.freeze();
      case DATABASE_CONNECTION_STALLED -> stall(database);
      case DATABASE_CONNECTION_TURNED_AWAY -> turnAway(database);
      case WALSENDERS_TERMINATED -> Hasty.terminateWalsenders(postgres.jdbcUrl());
      case DATABASE_KILLED -> {
        postgres.kill();
        postgres.start();
      }
      case DATABASE_PAUSED -> pause();
      case PROGRAM_RESTARTED -> crowd.restartOne(random.nextInt(1_000));
    }
  }

  private void stall(FaultProxy proxy) throws Exception {
    proxy.stall();
    try {
      awaitTransactions(random.nextInt(1, 80));
    } finally {
      proxy.goOn();
    }
  }

  private void turnAway(FaultProxy proxy) throws Exception {
    proxy.turnAway(true);
    try {
      proxy.reset();
      awaitTransactions(random.nextInt(1, 40));
    } finally {
      proxy.turnAway(false);
    }
  }

  /** Each address leads to the other node, which knows nothing of the sessions of this one. */
  private void swap() {
    crossed = !crossed;
    lead();
    toNodes.forEach(FaultProxy::reset);
  }

  private void lead() {
    for (int i = 0; i < NODES; i++) {
      int node = crossed ? NODES - 1 - i : i;
      toNodes.get(i).leadTo("127.0.0.1", nodes.get(node).port());
    }
  }

  /**
   * @param abruptly its clients are cut off first, so that they hear no goodbye
   */
  private void restart(int node, boolean abruptly) throws Exception {
    FaultProxy proxy = toNodes.get(crossed ? NODES - 1 - node : node);
    proxy.turnAway(abruptly);
    try {
      if (abruptly) {
        proxy.reset();
      }
      nodes.get(node).close();
      awaitTransactions(random.nextInt(1, 40));
      nodes.set(node, start(node));
      lead();
    } finally {
      proxy.turnAway(false);
    }
  }

  private void pause() throws Exception {
    long until = System.nanoTime() + random.nextLong(SILENCE.multipliedBy(2).toNanos());
    postgres.pause();
    try {
      Await.until("the pause to last", PATIENCE, () -> System.nanoTime() - until > 0);
    } finally {
      postgres.resume();
    }
  }

  private void awaitTransactions(int more) throws Exception {
    long target = teller.committed() + more;
    Await.until("the teller goes on", PATIENCE, () -> teller.committed() >= target);
  }

  private GatewayServer start(int node) {
    return GatewayServer.start(
        configuration(toDatabase.get(node), "node" + node), Optional.empty());
  }

  private Configuration configuration(FaultProxy proxy, String node) {
    return new Configuration(
        new Configuration.Server("127.0.0.1", 0, Set.of(), Optional.empty()),
        List.of(
            Hasty.database(postgres, proxy, "tycostream_" + node, Duration.ofSeconds(1), SILENCE)),
        List.of(
            Configuration.StreamedTable.named(Teller.ACCOUNTS, Hasty.DATABASE),
            Configuration.StreamedTable.named(Teller.JOURNAL, Hasty.DATABASE),
            new Configuration.StreamedTable(
                Crowd.BRIEF,
                Hasty.DATABASE,
                "public." + Teller.ACCOUNTS,
                Optional.empty(),
                Optional.empty(),
                new SourceLimits(
                    little, SourceLimits.DEFAULT.maxRows(), SourceLimits.DEFAULT.maxBytes()))),
        new Configuration.Clients(
            Hasty.limits(CLIENT_HEARTBEAT),
            Configuration.Clients.SOCKET_SEND_BUFFER,
            Optional.empty()),
        new Configuration.Auth.Nobody(),
        node);
  }

  @Override
  public void close() {
    toNodes.forEach(FaultProxy::close);
    nodes.forEach(GatewayServer::close);
    toDatabase.forEach(FaultProxy::close);
  }
}
