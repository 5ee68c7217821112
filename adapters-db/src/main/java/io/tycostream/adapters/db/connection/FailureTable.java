package io.tycostream.adapters.db.connection;

import static io.tycostream.domain.upstream.FailureKind.QUERY;

import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * What an error of a database, or of the driver, means for the stream: a table from SQLSTATE and
 * text to a kind and an advice. The first row that fits counts; what fits none is a {@link
 * FailureKind#QUERY}: somebody has to look at it.
 *
 * @param rules in order
 */
public record FailureTable(List<Rule> rules) {

  /** An end of file and other faults of the connection have no SQLSTATE. */
  private static final String CONNECTION_FAILURE = "08000";

  /**
   * A row.
   *
   * @param state what the SQLSTATE begins with
   * @param text what the error's message or detail contains, in lower case
   * @param advice what an operator should know or do; may be empty
   */
  public record Rule(String state, String text, FailureKind kind, String advice) {

    /** Whether an error is this one, its text being in lower case. */
    public boolean fits(String otherState, String otherText) {
      return otherState.startsWith(state) && otherText.contains(text);
    }
  }

  public FailureTable {
    rules = List.copyOf(rules);
  }

  /**
   * The failure that an error means.
   *
   * @param where which database
   * @param doing what was being done, as in "reading the catalogue"
   */
  public StreamException failure(String where, String doing, SQLException error) {
    String state = error.getSQLState();
    String known = state == null || state.isEmpty() ? CONNECTION_FAILURE : state;
    String text = text(error);
    String lowerCase = text.toLowerCase(Locale.ROOT);
    Rule rule =
        rules.stream()
            .filter(each -> each.fits(known, lowerCase))
            .findFirst()
            .orElse(new Rule("", "", QUERY, ""));
    String message =
        where
            + ": "
            + doing
            + " failed: "
            + text
            + (rule.advice().isEmpty() ? "" : "; " + rule.advice());
    return new StreamException(rule.kind(), message, error);
  }

  private static String text(SQLException error) {
    @Nullable ServerErrorMessage server =
        error instanceof PSQLException own ? own.getServerErrorMessage() : null;
    if (server != null && server.getMessage() != null) {
      String detail = server.getDetail();
      String text = detail == null ? server.getMessage() : server.getMessage() + ": " + detail;
      return oneLine(text) + " (SQLSTATE " + error.getSQLState() + ")";
    }
    String text = oneLine(String.valueOf(error.getMessage()));
    Throwable cause = error.getCause();
    if (cause == null) {
      return text;
    }
    // Such as an EOFException, which says all with its name.
    String more =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return text.contains(more) ? text : text + ": " + oneLine(more);
  }

  private static String oneLine(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }
}
