package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;

/**
 * What it means that the server does not find a part of its log. A slot keeps it from being
 * removed, so it may be a passing quirk, as while files are moved or restored, and is tried again a
 * few times; then it is taken for lost, and with it the slot, which would ask for it for ever.
 *
 * <p>Lives as long as the source; used by one thread at a time.
 */
final class MissingSegments {

  /** So many times in a row it may pass. */
  static final int RETRIES = 3;

  private int inARow;
  private boolean lost;

  /** A failure as it is to be told. */
  StreamException judge(StreamException failure) {
    if (!isOne(failure) || inARow++ < RETRIES) {
      return failure;
    }
    inARow = 0;
    lost = true;
    return new StreamException(
        FailureKind.HISTORY_LOST,
        failure.failure().message() + "; all rows are read anew",
        failure);
  }

  /** Whether the slot needs what was taken for lost. */
  boolean areLost() {
    return lost;
  }

  /** Something of the log came. */
  void passed() {
    inARow = 0;
    lost = false;
  }

  private static boolean isOne(StreamException failure) {
    return failure.getCause() instanceof SQLException error
        && "58P01".equals(error.getSQLState())
        && failure.failure().message().contains(PostgresFailures.MISSING_SEGMENT);
  }
}
