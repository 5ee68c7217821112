package io.tycostream.adapters.db.simulator.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a session puts the answer to one statement. Nothing is sure to be sent before {@link
 * #flush()} or the end of the statement. Used by the thread that runs the statement, except {@link
 * #interrupt()}.
 */
public final class Outlet {

  private final ServerConnection connection;
  private final Line line;
  private final boolean described;
  private final int[] formats;
  private final int maxRows;
  private final @Nullable Suspension suspension;
  private List<Column> columns = List.of();
  private volatile boolean cancelled;
  private volatile Runnable onInterrupt = () -> {};

  /**
   * @param described the client asks for the columns itself, if it wants them
   * @param formats the result formats of Bind
   */
  Outlet(
      ServerConnection connection,
      Line line,
      boolean described,
      int[] formats,
      int maxRows,
      @Nullable Suspension suspension) {
    this.connection = connection;
    this.line = line;
    this.described = described;
    this.formats = formats;
    this.maxRows = maxRows;
    this.suspension = suspension;
  }

  /**
   * RowDescription; in the extended protocol the client has it from Describe. Nothing if there are
   * none.
   */
  public void columns(List<Column> answered) {
    columns = List.copyOf(answered);
    if (!described && !columns.isEmpty()) {
      ServerMessages.rowDescription(line, columns, formats);
    }
  }

  /** DataRow. Blocks in a portal whose Execute has had as many rows as it asked for. */
  public void row(List<@Nullable String> values) {
    MessageBody body = new MessageBody().int2(values.size());
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      if (value == null) {
        body.int4(-1);
      } else {
        byte[] bytes =
            ValueForm.encode(
                value,
                i < columns.size() ? columns.get(i).typeOid() : Column.TEXT,
                ServerMessages.format(formats, i) == 1);
        body.int4(bytes.length).raw(bytes);
      }
    }
    line.message('D', body.array());
    if (suspension != null) {
      suspension.rowSent();
    }
  }

  /** CopyOutResponse, of so many text columns: a stream begins. */
  public void copyOut(int columnCount) {
    line.streamBegun();
    MessageBody body = new MessageBody().int1(0).int2(columnCount);
    for (int i = 0; i < columnCount; i++) {
      body.int2(0);
    }
    line.message('H', body.array());
  }

  /** CopyData. */
  public void copyData(byte[] bytes) {
    line.message('d', bytes);
  }

  /** CopyData, in UTF-8. */
  public void copyData(String text) {
    copyData(text.getBytes(StandardCharsets.UTF_8));
  }

  /** CopyDone: the COPY has ended well. One that fails ends with an error and without this. */
  public void copyDone() {
    line.message('c', new byte[0]);
  }

  /** NoticeResponse. */
  public void notice(Report report) {
    ServerMessages.notice(line, report);
  }

  /** ParameterStatus: a setting has another value. */
  public void parameter(String name, String value) {
    line.message('S', new MessageBody().string(name).string(value).array());
  }

  /** How many rows the first Execute asked for; 0 for all. */
  public int maxRows() {
    return maxRows;
  }

  /** Declares that the rest of this statement's answer is a stream, for {@link Faults}. */
  public void stream() {
    line.streamBegun();
  }

  /** Sends what was written. Blocks while the client does not read. */
  public void flush() {
    line.flush();
  }

  public TransactionStatus transaction() {
    return connection.transaction();
  }

  /** Told by the session as it begins or ends a transaction. An error makes OPEN into FAILED. */
  public void transaction(TransactionStatus status) {
    connection.transaction(status);
  }

  /**
   * To be called by a session that waits, each time it has been woken.
   *
   * @throws ClientGone if nobody waits for the answer
   * @throws Refusal with 57014 if the client cancels
   */
  public void check() {
    if (connection.isGone()) {
      throw new ClientGone();
    }
    if (cancelled) {
      throw Report.error("57014", "canceling statement due to user request").refusal();
    }
  }

  /**
   * What wakes the session, called by another thread, when {@link #check()} has something to say. A
   * session sets it before it looks and waits.
   */
  public void onInterrupt(Runnable wake) {
    onInterrupt = wake;
  }

  /** The client has cancelled. */
  void cancel() {
    cancelled = true;
    interrupt();
  }

  void interrupt() {
    onInterrupt.run();
  }
}
