package com.example;

import io.tycostream.client.PositionStore;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TableRow;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Copies a table into another database, and writes down each change of it, exactly once: what a
 * batch says and the position behind it are stored in one transaction. Killed at any moment and
 * started again, it goes on behind the last one that was committed.
 */
public final class Warehouse implements SubscriptionListener, PositionStore {

  private static final String NAME = "warehouse";

  private final DataSource database;

  /** Of the listener's thread. */
  private Connection connection;

  Warehouse(DataSource database) {
    this.database = database;
  }

  /** Takes the gateway's address and the JDBC URL of the database to write to. */
  public static void main(String[] args) throws IOException, SQLException {
    PGSimpleDataSource database = new PGSimpleDataSource();
    database.setUrl(args[1]);
    Warehouse warehouse = new Warehouse(database);
    warehouse.createTables();
    try (TycostreamClient client =
        TycostreamClient.builder(args[0]).clientId(NAME).positionStore(warehouse).connect()) {
      client.subscribe(TableQuery.of("trades").durable(NAME), warehouse);
      System.in.read();
    }
  }

  private void createTables() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE IF NOT EXISTS trades (
            id bigint PRIMARY KEY, symbol text, price numeric, quantity int);
          CREATE TABLE IF NOT EXISTS trade_changes (position text, id bigint, change text);
          CREATE TABLE IF NOT EXISTS positions (name text PRIMARY KEY, position text NOT NULL)
          """);
    }
  }

  @Override
  public Optional<String> load(String name) throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement("SELECT position FROM positions WHERE name = ?")) {
      select.setString(1, name);
      try (ResultSet result = select.executeQuery()) {
        return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
      }
    }
  }

  @Override
  public void save(String name, String position) {
    // It is in the transactions below already.
  }

  @Override
  public void onSnapshot(Subscription from, TableState state) {
    String position = state.position().orElseThrow();
    transaction(connection -> {
      execute(connection, "TRUNCATE trades");
      for (TableRow row : state.rows()) {
        put(connection, row);
      }
      execute(connection, "INSERT INTO trade_changes VALUES (?, NULL, 'snapshot')", position);
      reach(connection, position);
    });
    System.out.println("copied " + state.rows().size() + " trades");
  }

  @Override
  public void onBatch(Subscription from, TableBatch batch) {
    transaction(connection -> {
      for (TableChange change : batch.changes()) {
        long id = change.row().longValue("id");
        switch (change) {
          case TableChange.Inserted(TableRow row) -> put(connection, row);
          case TableChange.Updated(Optional<TableRow> before, TableRow row) -> put(connection, row);
          case TableChange.Deleted(TableRow row) ->
              execute(connection, "DELETE FROM trades WHERE id = ?", id);
        }
        execute(
            connection,
            "INSERT INTO trade_changes VALUES (?, ?, ?)",
            batch.position(),
            id,
            change.getClass().getSimpleName());
      }
      reach(connection, batch.position());
    });
  }

  /** Else the gateway's history might have moved on when a quiet table changes again. */
  @Override
  public void onProgress(Subscription from, String position) {
    transaction(connection -> reach(connection, position));
  }

  private static void put(Connection connection, TableRow row) throws SQLException {
    execute(
        connection,
        """
        INSERT INTO trades VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
        SET symbol = EXCLUDED.symbol, price = EXCLUDED.price, quantity = EXCLUDED.quantity
        """,
        row.longValue("id"),
        row.text("symbol"),
        row.decimal("price"),
        row.longValue("quantity"));
  }

  private static void reach(Connection connection, String position) throws SQLException {
    execute(
        connection,
        "INSERT INTO positions VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET position ="
            + " EXCLUDED.position",
        NAME,
        position);
  }

  private static void execute(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.execute();
    }
  }

  private interface Work {
    void in(Connection connection) throws SQLException;
  }

  /** All of it or nothing. What throws here is told to the listener again, after a while. */
  private void transaction(Work work) {
    try {
      Connection connection = writing();
      try {
        work.in(connection);
        connection.commit();
      } catch (SQLException | RuntimeException e) {
        connection.close(); // which rolls back; the next try has another one
        throw e;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot be stored now", e);
    }
  }

  private Connection writing() throws SQLException {
    if (connection == null || connection.isClosed()) {
      connection = database.getConnection();
      connection.setAutoCommit(false);
    }
    return connection;
  }
}
