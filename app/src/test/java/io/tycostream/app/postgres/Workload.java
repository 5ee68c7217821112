package io.tycostream.app.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random transactions over a table of many types, {@code everything}, and over two tables between
 * which money moves, {@code wallets} and {@code vaults}; the sum of all money never changes.
 */
final class Workload {

  static final int MONEY = 20 * 1000;

  static final String TABLES =
      """
      CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'h,a"p\\py');
      CREATE DOMAIN price AS numeric(20, 4);
      CREATE TABLE everything (
        id int8 PRIMARY KEY, gone int4, flag bool, small int2, num numeric, cost price, f4 float4,
        f8 float8, words text, big text, ch char(5), ts timestamp, tstz timestamptz, d date, t time,
        iv interval, jb jsonb, js json, bin bytea, ints int4[], texts text[], feeling mood, u uuid,
        address inet, doubled int4 GENERATED ALWAYS AS (small * 2) STORED);
      ALTER TABLE everything DROP COLUMN gone;
      ALTER TABLE everything ALTER COLUMN big SET STORAGE EXTERNAL;
      CREATE TABLE wallets (id int4 PRIMARY KEY, amount int4 NOT NULL);
      CREATE TABLE vaults (id int4 PRIMARY KEY, amount int4 NOT NULL);
      INSERT INTO wallets SELECT i, 1000 FROM generate_series(1, 10) i;
      INSERT INTO vaults SELECT i, 1000 FROM generate_series(1, 10) i;
      """;

  static final String EVERYTHING =
      "SELECT id, flag, small, num, cost, f4, f8, words, big, ch, ts, tstz, d, t, iv, jb, js, bin,"
          + " ints, texts, feeling, u, address FROM everything";

  private static final String[][] VALUES = {
    {"flag", "true", "false", "NULL"},
    {"small", "0", "-32768", "16000", "NULL"},
    {"num", "1.50", "-0.000000000000000001", "12345678901234567890123.45", "'NaN'", "'Infinity'"},
    {"cost", "1.5", "99999999.9999", "NULL"},
    {"f4", "'NaN'", "'-0'", "1e-30", "0.1", "'-Infinity'", "3.4028235e38"},
    {"f8", "'NaN'", "'-0'", "1e300", "0.1", "'Infinity'", "1.0/3"},
    {"words", "''", "E'\\\\N'", "E'a\\tb\\nc\\rd\\\\e\\b\\f\\v\\x01'", "'Zoë 株 🚀'", "NULL"},
    {"ch", "'ab'", "''", "NULL"},
    {"ts", "'2024-02-29 23:59:59.999999'", "'infinity'", "'0044-03-15 12:00:00 BC'"},
    {"tstz", "'2024-02-29 23:59:59.999999+05:30'", "'-infinity'", "'12024-01-01 00:00:00Z'"},
    {"d", "'2024-02-29'", "'infinity'", "'0044-03-15 BC'", "NULL"},
    {"t", "'23:59:59.999999'", "'24:00'", "NULL"},
    {"iv", "'1 year -2 days 03:04:05.678'", "'-1 second'", "'0'", "NULL"},
    {"jb", "'{\"b\": [1, 2.50, null], \"a\": \"\\u00e9 \\\\ \\\"\"}'", "'12345678901234567890.1'"},
    {"js", "'{\"b\":1,  \"b\": 2}'", "'null'", "NULL"},
    {"bin", "'\\x00ff5c0a09'", "''", "NULL"},
    {"ints", "'{1,NULL,-3}'", "'{}'", "'[0:1]={5,6}'", "'{{1,2},{3,4}}'", "NULL"},
    {"texts", "'{\"a,b\",\"NULL\",NULL,\"\\\\ \\\"\",\"\"}'", "'{}'", "NULL"},
    {"feeling", "'sad'", "'it''s ok'", "'h,a\"p\\py'", "NULL"},
    {"u", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "NULL"},
    {"address", "'192.168.0.1/24'", "'::1'", "NULL"},
  };

  private static final int KEYS = 60;
  private static final String DEADLOCK = "40P01";
  private static final String DUPLICATE = "23505";

  private final Random random;

  Workload(long seed) {
    this.random = new Random(seed);
  }

  /** Performs transactions, about one in five of them rolled back. */
  void run(Connection connection, int transactions) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (int i = 0; i < transactions; i++) {
        if (performed(statement) && random.nextInt(5) > 0) {
          connection.commit();
        } else {
          connection.rollback();
        }
      }
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /** Whether no other writer was in the way. */
  private boolean performed(Statement statement) throws SQLException {
    try {
      int changes = 1 + random.nextInt(5);
      for (int change = 0; change < changes; change++) {
        change(statement);
      }
      transfer(statement);
      return true;
    } catch (SQLException e) {
      if (DEADLOCK.equals(e.getSQLState()) || DUPLICATE.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private void change(Statement statement) throws SQLException {
    long id = random.nextInt(KEYS);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> insert(statement, id);
      case 4, 5, 6, 7 ->
          // The long text stays, so that the stream leaves it out.
          statement.execute("UPDATE everything SET " + assignments() + " WHERE id = " + id);
      case 8 -> statement.execute("UPDATE everything SET big = " + big() + " WHERE id = " + id);
      case 9 -> {
        long other = random.nextInt(KEYS);
        statement.execute(
            "UPDATE everything SET id = "
                + other
                + " WHERE id = "
                + id
                + " AND NOT EXISTS (SELECT FROM everything WHERE id = "
                + other
                + ")");
      }
      case 10 -> statement.execute("DELETE FROM everything WHERE id = " + id);
      default -> {
        if (random.nextInt(15) == 0) {
          statement.execute("TRUNCATE everything");
        } else {
          statement.execute("DELETE FROM everything WHERE id % 7 = " + id % 7);
        }
      }
    }
  }

  private void insert(Statement statement, long id) throws SQLException {
    String big = big();
    statement.execute(
        "INSERT INTO everything (id, big) VALUES ("
            + id
            + ", "
            + big
            + ") ON CONFLICT (id) DO UPDATE SET "
            + assignments());
    statement.execute("UPDATE everything SET " + assignments() + " WHERE id = " + id);
  }

  private String big() {
    if (random.nextInt(3) == 0) {
      return "NULL";
    }
    StringBuilder text = new StringBuilder();
    int length = 3000 + random.nextInt(9000);
    while (text.length() < length) {
      text.append(Long.toHexString(random.nextLong()));
    }
    return "'" + text + "'";
  }

  private String assignments() {
    List<String> assignments = new ArrayList<>();
    int first = random.nextInt(VALUES.length - 3);
    for (int i = 0; i < 4; i++) {
      String[] column = VALUES[first + i];
      assignments.add(column[0] + " = " + column[1 + random.nextInt(column.length - 1)]);
    }
    return String.join(", ", assignments);
  }

  private void transfer(Statement statement) throws SQLException {
    int amount = random.nextInt(100);
    boolean in = random.nextBoolean();
    try (PreparedStatement take =
            statement
                .getConnection()
                .prepareStatement("UPDATE wallets SET amount = amount + ? WHERE id = ?");
        PreparedStatement give =
            statement
                .getConnection()
                .prepareStatement("UPDATE vaults SET amount = amount - ? WHERE id = ?")) {
      take.setInt(1, in ? amount : -amount);
      take.setInt(2, 1 + random.nextInt(10));
      take.execute();
      give.setInt(1, in ? amount : -amount);
      give.setInt(2, 1 + random.nextInt(10));
      give.execute();
    }
  }
}
