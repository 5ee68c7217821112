package io.tycostream.adapters.db.simulator.wire;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Knows a handful of statements, each of which shows one thing that a session can do. */
final class ScriptedBackend implements Backend {

  /** Counted down as a statement waits, and as one has noticed that its client is gone. */
  final CountDownLatch waiting = new CountDownLatch(1);

  final CountDownLatch noticedGone = new CountDownLatch(1);
  final CountDownLatch closed = new CountDownLatch(1);

  @Override
  public Session open(Startup startup) {
    return new Scripted(startup);
  }

  private final class Scripted implements Session {
    private final Startup startup;
    private int ended;

    Scripted(Startup startup) {
      this.startup = startup;
    }

    @Override
    public Map<String, String> parameters() {
      return Map.of(
          "server_version", "9.5.0", "client_encoding", "UTF8", "integer_datetimes", "on");
    }

    @Override
    public List<Report> welcome() {
      return List.of(Report.notice("00000", "welcome " + startup.user()));
    }

    @Override
    public List<Column> describe(Statement statement, TransactionStatus transaction) {
      return switch (word(statement, 0)) {
        case "ROWS" -> List.of(new Column("n", Column.INT4), Column.text("t"));
        case "ENDED", "ECHO" -> List.of(Column.text("value"));
        default -> List.of();
      };
    }

    @Override
    public String run(Statement statement, Outlet out) {
      out.columns(describe(statement, out.transaction()));
      return switch (word(statement, 0)) {
        case "BEGIN" -> {
          out.transaction(TransactionStatus.OPEN);
          yield "BEGIN";
        }
        case "COMMIT", "ROLLBACK" -> {
          out.transaction(TransactionStatus.IDLE);
          yield word(statement, 0);
        }
        case "SET" -> "SET";
        case "ROWS" -> rows(Integer.parseInt(word(statement, 1)), out);
        case "ENDED" -> {
          out.row(List.of(Integer.toString(ended)));
          yield "SELECT 1";
        }
        case "ECHO" -> {
          out.row(statement.parameters());
          yield "SELECT 1";
        }
        case "COPY" -> copy(Integer.parseInt(word(statement, 1)), out);
        case "BREAK" -> {
          out.copyOut(1);
          out.copyData("1\n");
          throw Report.error("42704", "gone").withDetail("a detail").withHint("a hint").refusal();
        }
        case "WAIT" -> await(out);
        default -> throw Report.error("42601", "unknown: " + statement.sql()).refusal();
      };
    }

    @Override
    public void transactionEnded() {
      ended++;
    }

    @Override
    public void close() {
      closed.countDown();
    }

    private static String rows(int count, Outlet out) {
      for (int i = 1; i <= count; i++) {
        out.row(List.of(Integer.toString(i), "row " + i));
      }
      return "SELECT " + count;
    }

    private static String copy(int count, Outlet out) {
      out.copyOut(2);
      for (int i = 1; i <= count; i++) {
        out.copyData(i + "\trow " + i + "\n");
        out.flush();
      }
      out.notice(Report.notice("01000", "nearly done"));
      out.copyDone();
      return "COPY " + count;
    }

    private String await(Outlet out) {
      Semaphore woken = new Semaphore(0);
      out.onInterrupt(woken::release);
      waiting.countDown();
      try {
        for (; ; ) {
          out.check();
          if (!woken.tryAcquire(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("never woken");
          }
        }
      } catch (ClientGone e) {
        noticedGone.countDown();
        throw e;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String word(Statement statement, int index) {
      return statement.sql().split(" ", -1)[index].toUpperCase(java.util.Locale.ROOT);
    }
  }
}
