package io.tycostream.adapters.db.simulator.wire;

import java.util.List;
import java.util.Map;

/** One client's session. It is called by one thread at a time. */
public interface Session {

  /** What is told as ParameterStatus at the start, in the order of the map. */
  Map<String, String> parameters();

  /** What is told as NoticeResponse before the first ReadyForQuery. */
  default List<Report> welcome() {
    return List.of();
  }

  /**
   * The columns of a statement's answer, empty if it answers with no rows, without running it:
   * Describe of the extended protocol.
   *
   * @throws Refusal if the statement is wrong
   */
  List<Column> describe(Statement statement, TransactionStatus transaction);

  /**
   * Runs one statement, as long as it takes: a stream until it ends or the client cancels or is
   * gone, of which {@link Outlet#check()} tells.
   *
   * @return the tag of CommandComplete, such as {@code SELECT 3}
   * @throws Refusal to answer with an error; an open transaction has failed then
   */
  String run(Statement statement, Outlet out);

  /**
   * A query or a pipeline is over and no explicit transaction is open: what lives no longer than a
   * transaction, such as a cursor, ends here.
   */
  default void transactionEnded() {}

  /** The connection is gone. Called once, the last of all. */
  default void close() {}
}
