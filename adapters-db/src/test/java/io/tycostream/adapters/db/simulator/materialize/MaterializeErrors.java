package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Report;

/**
 * What Materialize says when something fails, word by word where its sources could be read. Those
 * that have changed are given in a {@link Generation}.
 */
public final class MaterializeErrors {

  private MaterializeErrors() {}

  /**
   * The AS OF lies before the read frontier.
   *
   * @param input as in {@code Storage inputs: [u1]} or {@code Indexed inputs: [(c, u2)]}
   */
  public static Report historyLost(Generation generation, long asOf, long since, String input) {
    return switch (generation) {
      case OLD ->
          Report.error(
              "XX000",
              "Timestamp ("
                  + MzTime.text(asOf)
                  + ") is not valid for all inputs: [("
                  + input
                  + ")]");
      case NEWEST ->
          Report.error("22000", "could not find a valid timestamp for the query")
              .withDetail(
                  "Constraints:\nlower:\n  ("
                      + input
                      + "): ["
                      + MzTime.explained(since)
                      + "]\nupper:\n  (Query's AS OF): ["
                      + MzTime.explained(asOf)
                      + "]\n");
    };
  }

  /** Has the same SQLSTATE as {@link #historyLost}, and is none. */
  public static Report boundsCrossed(long asOf, long upTo) {
    return Report.error(
        "22000",
        "subscription lower bound (`AS OF`) is greater than its upper bound (`UP TO`): "
            + MzTime.text(asOf)
            + " > "
            + MzTime.text(upTo));
  }

  /**
   * What a SUBSCRIBE stood on was dropped while it ran, or before its cursor's first FETCH.
   *
   * @param kind relation, cluster, …
   * @param name the full one, {@code materialize.public.t}
   */
  public static Report dropped(Generation generation, String kind, String name) {
    return switch (generation) {
      case OLD ->
          Report.error(
              "XX000",
              "subscribe has been terminated because underlying "
                  + kind
                  + " \""
                  + name
                  + "\" was dropped");
      case NEWEST -> Report.error("42704", kind + " '" + name + "' was dropped");
    };
  }

  /** XX000, not 42P01. */
  public static Report unknownItem(String name) {
    return Report.error("XX000", "unknown catalog item '" + name + "'");
  }

  public static Report unknownId(String id) {
    return Report.error("XX000", "invalid id " + id);
  }

  public static Report unknownSchema(String name) {
    return Report.error("3F000", "unknown schema '" + name + "'");
  }

  public static Report noPrivilege(String what) {
    return Report.error("42501", "permission denied for " + what);
  }

  public static Report noReplicas(String cluster) {
    return Report.error(
            "0A000", "CLUSTER \"" + cluster + "\" has no replicas available to service request")
        .withHint("Use CREATE CLUSTER REPLICA to attach a cluster replica.");
  }

  /** Of the data: every retry repeats it. */
  public static Report evaluation(String text) {
    return Report.error("XX000", "Evaluation error: " + text);
  }

  public static Report fellBehind(String backlog, String budget) {
    return Report.error(
        "53200",
        "SUBSCRIBE fell behind: the client did not read results fast enough, so its backlog"
            + " reached "
            + backlog
            + ", exceeding the "
            + budget
            + " budget");
  }

  public static Report resultTooLarge(String size) {
    return Report.error("XX000", "total result exceeds max size of " + size);
  }

  public static Report cancelled() {
    return Report.error("57014", "canceling statement due to user request");
  }

  public static Report statementTimeout() {
    return Report.error("57014", "canceling statement due to statement timeout");
  }

  public static Report idleInTransaction() {
    return Report.fatal("25P03", "terminating connection due to idle-in-transaction timeout");
  }

  public static Report authenticationExpired() {
    return Report.fatal("28000", "authentication expired");
  }

  public static Report invalidPassword() {
    return Report.fatal("28P01", "invalid password");
  }

  public static Report unknownRole(String name) {
    return Report.fatal("28000", "role \"" + name + "\" does not exist");
  }

  public static Report reservedUser(String name) {
    return Report.fatal("42501", "unauthorized login to user '" + name + "'");
  }

  public static Report tlsRequired() {
    return Report.fatal("08004", "TLS encryption is required");
  }

  /** 53000, not PostgreSQL's 53300. */
  public static Report tooManyConnections() {
    return Report.fatal(
        "53000",
        "creating connection would violate max_connections limit (desired: 5001, limit: 5000,"
            + " current: 5000)");
  }

  public static Report loginBlocked() {
    return Report.fatal("MZ010", "login blocked");
  }

  public static Report sessionDenied() {
    return Report.fatal("MZ011", "session denied");
  }

  /** Of the balancer, while environmentd restarts. */
  public static Report upstreamNotAvailable() {
    return Report.fatal("08004", "upstream server not available");
  }

  static Report transactionAborted() {
    return Report.error(
        "25P02", "current transaction is aborted, commands ignored until end of transaction block");
  }

  static Report notTheOnlyRead() {
    return Report.error("25000", "SUBSCRIBE in transactions must be the only read statement");
  }

  static Report setClusterInTransaction() {
    return Report.error("25001", "SET cluster cannot be called in an active transaction");
  }

  static Report unknownCursor(String name) {
    return Report.error("34000", "cursor \"" + name + "\" does not exist");
  }

  static Report duplicateCursor(String name) {
    return Report.error("42P03", "cursor \"" + name + "\" already exists");
  }

  static Report notATime() {
    return Report.error(
        "XX000", "AS OF or UP TO should be castable to a (non-null) mz_timestamp value");
  }

  /** An error of planning without a code of its own. */
  static Report notYetSupported(String text) {
    return Report.error("XX000", text);
  }

  static Report syntax(String text) {
    return Report.error("42601", text);
  }

  /** Real, but not simulated. */
  static Report notSimulated(String what) {
    return Report.error("0A000", "the simulator does not know: " + what);
  }
}
