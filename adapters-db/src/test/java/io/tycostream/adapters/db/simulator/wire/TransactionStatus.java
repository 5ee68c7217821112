package io.tycostream.adapters.db.simulator.wire;

/** What ReadyForQuery says of the transaction. */
public enum TransactionStatus {
  /** There is no explicit transaction. */
  IDLE('I'),
  OPEN('T'),
  /** An explicit transaction after an error: only its end is accepted. */
  FAILED('E');

  private final char code;

  TransactionStatus(char code) {
    this.code = code;
  }

  char code() {
    return code;
  }
}
