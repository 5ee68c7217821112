package io.tycostream.adapters.db.simulator.wire;

import java.util.Optional;

/**
 * An ErrorResponse or a NoticeResponse.
 *
 * @param sqlState five characters
 */
public record Report(
    Severity severity,
    String sqlState,
    String message,
    Optional<String> detail,
    Optional<String> hint) {

  public static Report error(String sqlState, String message) {
    return new Report(Severity.ERROR, sqlState, message, Optional.empty(), Optional.empty());
  }

  /** An error that ends the connection. */
  public static Report fatal(String sqlState, String message) {
    return new Report(Severity.FATAL, sqlState, message, Optional.empty(), Optional.empty());
  }

  public static Report notice(String sqlState, String message) {
    return new Report(Severity.NOTICE, sqlState, message, Optional.empty(), Optional.empty());
  }

  public Report withDetail(String text) {
    return new Report(severity, sqlState, message, Optional.of(text), hint);
  }

  public Report withHint(String text) {
    return new Report(severity, sqlState, message, detail, Optional.of(text));
  }

  /** To be thrown by a session. */
  public Refusal refusal() {
    return new Refusal(this);
  }
}
