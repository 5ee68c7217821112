package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Statement;
import io.tycostream.adapters.db.simulator.wire.StatementText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement as words, so that case, white space, comments and quotes make no difference. A
 * parameter is the same as the literal in its place. Read from left to right.
 */
final class SqlTokens {

  enum Kind {
    /** An identifier or a key word, not quoted. */
    WORD,
    QUOTED,
    STRING,
    NUMBER,
    SYMBOL,
    END
  }

  /**
   * @param text without quotes; of a WORD in lower case
   */
  record Token(Kind kind, String text) {

    boolean is(String word) {
      return (kind == Kind.WORD || kind == Kind.SYMBOL) && text.equalsIgnoreCase(word);
    }
  }

  private static final Token END = new Token(Kind.END, "");
  private static final Pattern TAG = Pattern.compile("^\\s*/\\*\\s*([\\w-]+:[\\w-]+)\\s*\\*/");
  private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*");
  private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?");

  private final List<Token> tokens;
  private int at;

  private SqlTokens(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** The comment at the beginning, {@code tycostream:relation}; empty if there is none. */
  static String tag(String sql) {
    Matcher tag = TAG.matcher(sql);
    return tag.find() ? tag.group(1) : "";
  }

  static SqlTokens of(Statement statement) {
    String sql = statement.sql();
    List<Token> tokens = new ArrayList<>();
    int at = 0;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      int end = StatementText.next(sql, at);
      if (Character.isWhitespace(c) || sql.startsWith("--", at) || sql.startsWith("/*", at)) {
        at = end;
      } else if (c == '\'' || c == '"') {
        String quote = String.valueOf(c);
        StringBuilder text = new StringBuilder(sql.substring(at + 1, end - 1));
        while (end < sql.length() && sql.charAt(end) == c) {
          int next = StatementText.next(sql, end);
          text.append(quote).append(sql, end + 1, next - 1);
          end = next;
        }
        tokens.add(new Token(c == '"' ? Kind.QUOTED : Kind.STRING, text.toString()));
        at = end;
      } else if (c == '$') {
        Matcher number = NUMBER.matcher(sql).region(at + 1, sql.length());
        if (!number.lookingAt()) {
          throw MaterializeErrors.notSimulated("$ quotes").refusal();
        }
        String value = statement.parameters().get(Integer.parseInt(number.group()) - 1);
        tokens.add(value == null ? new Token(Kind.WORD, "null") : new Token(Kind.STRING, value));
        at = number.end();
      } else {
        at = plain(sql, at, tokens);
      }
    }
    return new SqlTokens(List.copyOf(tokens));
  }

  private static int plain(String sql, int at, List<Token> tokens) {
    Matcher word = WORD.matcher(sql).region(at, sql.length());
    if (word.lookingAt()) {
      tokens.add(new Token(Kind.WORD, word.group().toLowerCase(Locale.ROOT)));
      return word.end();
    }
    Matcher number = NUMBER.matcher(sql).region(at, sql.length());
    if (number.lookingAt()) {
      tokens.add(new Token(Kind.NUMBER, number.group()));
      return number.end();
    }
    String symbol = sql.startsWith("::", at) ? "::" : sql.substring(at, at + 1);
    tokens.add(new Token(Kind.SYMBOL, symbol));
    return at + symbol.length();
  }

  Token peek() {
    return peek(0);
  }

  Token peek(int ahead) {
    return at + ahead < tokens.size() ? tokens.get(at + ahead) : END;
  }

  Token next() {
    Token token = peek();
    at = Math.min(at + 1, tokens.size());
    return token;
  }

  boolean atEnd() {
    return at >= tokens.size();
  }

  /** These words are next. */
  boolean at(String... words) {
    for (int i = 0; i < words.length; i++) {
      if (!peek(i).is(words[i])) {
        return false;
      }
    }
    return true;
  }

  /** Goes past these words if they are next. */
  boolean accept(String... words) {
    boolean found = at(words);
    if (found) {
      at += words.length;
    }
    return found;
  }

  void expect(String... words) {
    if (!accept(words)) {
      throw MaterializeErrors.syntax(
              "Expected "
                  + String.join(" ", words).toUpperCase(Locale.ROOT)
                  + ", found "
                  + (atEnd() ? "EOF" : peek().text()))
          .refusal();
    }
  }

  void expectEnd() {
    if (!atEnd()) {
      throw MaterializeErrors.syntax("Expected end of statement, found " + peek().text()).refusal();
    }
  }

  String identifier() {
    Token token = next();
    if (token.kind() != Kind.WORD && token.kind() != Kind.QUOTED) {
      throw MaterializeErrors.syntax("Expected identifier, found " + token.text()).refusal();
    }
    return token.text();
  }

  /** What is left, apart by single blanks. */
  String rest() {
    StringBuilder rest = new StringBuilder();
    while (!atEnd()) {
      rest.append(rest.isEmpty() ? "" : " ").append(next().text());
    }
    return rest.toString();
  }
}
