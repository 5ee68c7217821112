package io.tycostream.app.e2e;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/**
 * A random workload that never loses money: it moves it between accounts, opens, closes and renames
 * (with another key) accounts, keeps long notes that PostgreSQL stores out of line, writes a
 * journal and truncates it, and takes some of what it did back.
 *
 * <p>Each transaction changes both tables and stamps both with its number, and is in the {@link
 * Books} before it commits. When the database goes away the teller finds out whether its last
 * commit counted, and goes on from there.
 */
final class Teller implements AutoCloseable {

  static final String ACCOUNTS = "accounts";
  static final String JOURNAL = "journal";
  static final long MONEY = 1_000_000;

  private static final int ACCOUNTS_AT_FIRST = 30;
  private static final int NOTE = 6_000;
  private static final long RETRY_NANOS = Duration.ofMillis(20).toNanos();

  private final String jdbcUrl;
  private final RandomGenerator random;
  private final long pauseNanos;
  private final Books books;
  private final AtomicLong committed = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;
  private volatile @Nullable Throwable failure;

  private Books.Table accounts = new Books.Table();
  private Books.Table journal = new Books.Table();
  private long nextId = 1;

  Teller(String jdbcUrl, long seed, Duration pause, Books books) throws SQLException {
    this.jdbcUrl = jdbcUrl;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    this.pauseNanos = pause.toNanos();
    this.books = books;
    createTables();
    this.thread = Thread.ofVirtual().name("teller").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** The number of the last transaction that is certainly committed. */
  long committed() {
    return committed.get();
  }

  /** Ends the work after the transaction in hand. */
  void finish() throws InterruptedException {
    closing = true;
    thread.join();
    Throwable broken = failure;
    if (broken != null) {
      throw new AssertionError("the teller could not go on", broken);
    }
  }

  @Override
  public void close() {
    closing = true;
  }

  private void createTables() throws SQLException {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE accounts (id int8 PRIMARY KEY, owner text, balance int8, note text)");
      // Out of line and not compressed, so that an update of another column leaves it "unchanged".
      statement.execute("ALTER TABLE accounts ALTER COLUMN note SET STORAGE EXTERNAL");
      statement.execute("CREATE TABLE journal (id int8 PRIMARY KEY, entry text)");
      connection.setAutoCommit(false);
      long share = MONEY / ACCOUNTS_AT_FIRST;
      new Transaction(connection, 1) {
        @Override
        void perform() throws SQLException {
          insert(accounts, ACCOUNTS, row(Books.STAMP_ID, "stamp", "0", "1"));
          insert(journal, JOURNAL, row(Books.STAMP_ID, "1"));
          long rest = MONEY - share * ACCOUNTS_AT_FIRST;
          for (int i = 0; i < ACCOUNTS_AT_FIRST; i++) {
            long balance = i == 0 ? share + rest : share;
            String note = i % 5 == 0 ? note() : "";
            insert(accounts, ACCOUNTS, row(nextId++, "o" + i, Long.toString(balance), note));
          }
        }
      }.commit();
    }
  }

  private void run() {
    try {
      while (!closing) {
        try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
          connection.setAutoCommit(false);
          catchUp(connection);
          while (!closing) {
            new RandomTransaction(connection, committed() + 1).commit();
            LockSupport.parkNanos(pauseNanos);
          }
        } catch (SQLException e) {
          if (e.getSQLState() != null && e.getSQLState().startsWith("2")) {
            throw e; // a constraint: our own mistake
          }
          LockSupport.parkNanos(RETRY_NANOS); // the database is away, as it is meant to be
        }
      }
    } catch (SQLException | RuntimeException e) {
      failure = e;
    }
  }

  private @Nullable Transaction inDoubt;

  /** After a break: did the last commit count? */
  private void catchUp(Connection connection) throws SQLException {
    Transaction doubtful = inDoubt;
    if (doubtful != null) {
      long stamp;
      try (Statement statement = connection.createStatement();
          ResultSet result = statement.executeQuery("SELECT note FROM accounts WHERE id = 0")) {
        result.next();
        stamp = Long.parseLong(result.getString(1));
      }
      connection.rollback();
      if (stamp == doubtful.number) {
        doubtful.adopt();
      } else if (stamp != committed()) {
        throw new IllegalStateException("the database lost transactions: it is at " + stamp);
      }
      inDoubt = null;
    }
  }

  private String note() {
    StringBuilder note = new StringBuilder(NOTE);
    while (note.length() < NOTE) {
      note.append((char) ('!' + random.nextInt(90)));
    }
    return note.toString();
  }

  private static List<String> row(long id, String... values) {
    List<String> row = new ArrayList<>();
    row.add(Long.toString(id));
    row.addAll(List.of(values));
    return List.copyOf(row);
  }

  /** Changes in the database and in a copy of the books, adopted when it has committed. */
  private abstract class Transaction {
    final Connection connection;
    final long number;
    Books.Table accounts = new Books.Table(Teller.this.accounts);
    Books.Table journal = new Books.Table(Teller.this.journal);

    Transaction(Connection connection, long number) {
      this.connection = connection;
      this.number = number;
    }

    abstract void perform() throws SQLException;

    void commit() throws SQLException {
      perform();
      books.record(ACCOUNTS, number, accounts);
      books.record(JOURNAL, number, journal);
      inDoubt = this;
      connection.commit();
      inDoubt = null;
      adopt();
    }

    void adopt() {
      Teller.this.accounts = accounts;
      Teller.this.journal = journal;
      committed.set(number);
    }

    void insert(Books.Table table, String name, List<String> row) throws SQLException {
      String values = name.equals(ACCOUNTS) ? "(?::int8, ?, ?::int8, ?)" : "(?::int8, ?)";
      execute("INSERT INTO " + name + " VALUES " + values, row.toArray(new String[0]));
      table.rows().put(Long.valueOf(row.getFirst()), row);
    }

    void execute(String sql, String... parameters) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < parameters.length; i++) {
          statement.setString(i + 1, parameters[i]);
        }
        statement.execute();
      }
    }
  }

  private final class RandomTransaction extends Transaction {

    RandomTransaction(Connection connection, long number) {
      super(connection, number);
    }

    @Override
    void perform() throws SQLException {
      if (random.nextInt(10) == 0) {
        takeBackEverything();
      }
      int steps = 1 + random.nextInt(4);
      for (int i = 0; i < steps; i++) {
        if (random.nextInt(8) == 0) {
          takeBack();
        }
        step();
      }
      String stamp = Long.toString(number);
      set(Books.STAMP_ID, 3, "note", stamp);
      execute("UPDATE journal SET entry = ? WHERE id = 0", stamp);
      journal.rows().put(Books.STAMP_ID, row(Books.STAMP_ID, stamp));
    }

    private void step() throws SQLException {
      switch (random.nextInt(12)) {
        case 0 -> open();
        case 1 -> closeAccount();
        case 2 -> rename();
        case 3 -> set(any(), 3, "note", random.nextBoolean() ? note() : "");
        case 4 -> truncateJournal();
        default -> move();
      }
    }

    private void takeBackEverything() throws SQLException {
      Books.Table accountsBefore = new Books.Table(accounts);
      Books.Table journalBefore = new Books.Table(journal);
      step();
      connection.rollback();
      accounts = accountsBefore;
      journal = journalBefore;
    }

    private void takeBack() throws SQLException {
      Books.Table accountsBefore = new Books.Table(accounts);
      Books.Table journalBefore = new Books.Table(journal);
      execute("SAVEPOINT before");
      step();
      execute("ROLLBACK TO SAVEPOINT before");
      accounts = accountsBefore;
      journal = journalBefore;
    }

    private long any() {
      NavigableMap<Long, List<String>> rows = accounts.rows();
      long pivot = random.nextLong(1, rows.lastKey() + 1);
      return rows.ceilingKey(pivot);
    }

    private void move() throws SQLException {
      long from = any();
      long to = any();
      long amount = random.nextLong(1, 1_000);
      set(from, 2, "balance", Long.toString(balance(from) - amount));
      set(to, 2, "balance", Long.toString(balance(to) + amount));
      write("moved " + amount + " from " + from + " to " + to);
    }

    private void open() throws SQLException {
      long id = nextId++;
      insert(accounts, ACCOUNTS, row(id, "n" + id, "0", random.nextBoolean() ? note() : ""));
      write("opened " + id);
    }

    private void closeAccount() throws SQLException {
      if (accounts.rows().size() < ACCOUNTS_AT_FIRST / 2) {
        open();
        return;
      }
      long closed = any();
      long heir = any();
      if (closed != heir) {
        set(heir, 2, "balance", Long.toString(balance(heir) + balance(closed)));
        execute("DELETE FROM accounts WHERE id = ?::int8", Long.toString(closed));
        accounts.rows().remove(closed);
        write("closed " + closed + " in favour of " + heir);
      }
    }

    private void rename() throws SQLException {
      long old = any();
      long id = nextId++;
      execute(
          "UPDATE accounts SET id = ?::int8 WHERE id = ?::int8",
          Long.toString(id),
          Long.toString(old));
      List<String> row = new ArrayList<>(accounts.rows().remove(old));
      row.set(0, Long.toString(id));
      accounts.rows().put(id, List.copyOf(row));
      write("renamed " + old + " to " + id);
    }

    private void truncateJournal() throws SQLException {
      execute("TRUNCATE journal");
      journal.rows().clear();
      insert(journal, JOURNAL, row(Books.STAMP_ID, "0"));
    }

    private void write(String entry) throws SQLException {
      insert(journal, JOURNAL, row(nextId++, entry));
    }

    private long balance(long id) {
      return Long.parseLong(accounts.rows().get(id).get(2));
    }

    private void set(long id, int index, String column, String value) throws SQLException {
      String cast = column.equals("balance") ? "?::int8" : "?";
      execute(
          "UPDATE accounts SET " + column + " = " + cast + " WHERE id = ?::int8",
          value,
          Long.toString(id));
      List<String> row = new ArrayList<>(accounts.rows().get(id));
      row.set(index, value);
      accounts.rows().put(id, List.copyOf(row));
    }
  }

  /** All rows of a table, as texts. */
  static List<List<String>> rows(String jdbcUrl, String table) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT * FROM " + table)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(result.getString(i));
        }
        rows.add(List.copyOf(row));
      }
    }
    return rows;
  }
}
