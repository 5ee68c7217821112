package io.tycostream.adapters.db.simulator.wire;

import java.util.List;
import java.util.concurrent.BlockingQueue;

/**
 * Answers the messages of one client that was admitted: simple queries, and pipelines of the
 * extended protocol up to their Sync.
 */
final class Conversation {

  private final ServerConnection connection;
  private final Line line;
  private final BlockingQueue<ClientMessage> inbox;
  private final ExtendedProtocol extended;

  Conversation(ServerConnection connection, Line line, BlockingQueue<ClientMessage> inbox) {
    this.connection = connection;
    this.line = line;
    this.inbox = inbox;
    this.extended = new ExtendedProtocol(connection, line);
  }

  /** Portals that are suspended end. */
  void end() {
    extended.transactionEnded();
  }

  /** Whether to go on. */
  boolean handle(ClientMessage message) {
    if (connection.isDoomed() || message.type() == ClientMessage.GONE || message.type() == 'X') {
      return false;
    }
    switch (message.type()) {
      case 'Q' -> query(message.string());
      case 'S' -> ready();
      case 'P', 'B', 'D', 'E', 'C', 'H' -> {
        if (!attempt(() -> pipelined(message))) {
          skipToSync();
          ready();
        }
      }
      // What is left of a COPY IN that has failed.
      case 'd', 'c', 'f' -> {}
      default ->
          throw Report.fatal("08P01", "unknown message type " + (int) message.type()).refusal();
    }
    return true;
  }

  private void query(String text) {
    List<String> statements = StatementText.split(text);
    if (statements.isEmpty()) {
      ServerMessages.plain(line, 'I');
    }
    boolean succeeded = true;
    for (int i = 0; succeeded && i < statements.size(); i++) {
      Statement statement = new Statement(statements.get(i));
      succeeded =
          attempt(() -> {
            Outlet outlet = new Outlet(connection, line, false, new int[0], 0, null);
            ServerMessages.complete(line, connection.perform(statement, outlet));
          });
      line.streamEnded();
    }
    ready();
  }

  private void pipelined(ClientMessage message) {
    switch (message.type()) {
      case 'P' -> extended.parse(message);
      case 'B' -> extended.bind(message);
      case 'D' -> extended.describe(message);
      case 'E' -> extended.execute(message);
      case 'C' -> extended.close(message);
      default -> line.flush();
    }
  }

  /** Whether it went well; if not, the client was told why. */
  private boolean attempt(Runnable action) {
    try {
      action.run();
      return true;
    } catch (Refusal refusal) {
      if (refusal.report().severity() == Severity.FATAL) {
        throw refusal;
      }
      ServerMessages.error(line, refusal.report());
    } catch (ClientGone e) {
      throw e;
    } catch (RuntimeException e) {
      connection.failed(e);
      ServerMessages.error(line, Report.error("XX000", "the simulator is broken: " + e));
    }
    if (connection.transaction() == TransactionStatus.OPEN) {
      connection.transaction(TransactionStatus.FAILED);
    }
    return false;
  }

  private void skipToSync() {
    line.flush();
    try {
      for (ClientMessage next = inbox.take(); next.type() != 'S'; next = inbox.take()) {
        if (next.type() == ClientMessage.GONE || next.type() == 'X') {
          throw new ClientGone();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGone();
    }
  }

  void ready() {
    if (connection.transaction() == TransactionStatus.IDLE) {
      extended.transactionEnded();
      connection.session().ifPresent(Session::transactionEnded);
    }
    line.streamEnded();
    ServerMessages.ready(line, connection.transaction());
    line.flush();
  }
}
