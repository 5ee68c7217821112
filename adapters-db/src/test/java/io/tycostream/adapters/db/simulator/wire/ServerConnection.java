package io.tycostream.adapters.db.simulator.wire;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One client of a {@link WireServer}. */
public final class ServerConnection {

  private static final int PROTOCOL_3 = 3;
  private static final int CANCEL_REQUEST = 80877102;
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int LONGEST_MESSAGE = 64 * 1024 * 1024;

  private final WireServer server;
  private final Socket socket;
  private final DataInputStream in;
  private final Line line;
  private final int id;
  private final int secret;
  private final BlockingQueue<ClientMessage> inbox = new LinkedBlockingQueue<>();
  private final ExtendedProtocol extended;
  private volatile Startup startup = new Startup(Map.of());
  private volatile TransactionStatus transaction = TransactionStatus.IDLE;
  private volatile boolean gone;
  private volatile boolean doomed;
  private volatile @Nullable Outlet current;
  private volatile Optional<String> running = Optional.empty();
  private volatile @Nullable Session session;

  ServerConnection(WireServer server, Socket socket, int id, int secret, AtomicLong streamedInAll)
      throws IOException {
    this.server = server;
    this.socket = socket;
    this.id = id;
    this.secret = secret;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.line = new Line(socket, server.faults(), streamedInAll);
    this.extended = new ExtendedProtocol(this, line);
  }

  /** The process id of BackendKeyData. */
  public int id() {
    return id;
  }

  /** What the client said when it connected; nothing before it has. */
  public Startup startup() {
    return startup;
  }

  /** The text of the statement that is being run. */
  public Optional<String> running() {
    return running;
  }

  /** What was opened for it by the backend, if it was admitted. */
  public Optional<Session> session() {
    return Optional.ofNullable(session);
  }

  public TransactionStatus transaction() {
    return transaction;
  }

  /** It is in the middle of a stream. */
  public boolean isStreaming() {
    return line.isStreaming();
  }

  /** Bytes sent to the client. */
  public long sent() {
    return line.sent();
  }

  /** Cuts it after so many more bytes. */
  public void cutAfter(long bytes) {
    line.cutAfter(bytes);
  }

  /** Cuts it now, without a word: the client reads what was sent and then the end. */
  public void cut() {
    line.end();
    noticeGone();
  }

  /** Cuts it now with a RST; what is on the way may be lost. */
  public void reset() {
    line.reset();
    noticeGone();
  }

  /**
   * Says this out of turn, as a server does whose idle client is to go. After a FATAL one the
   * connection ends with the client's next message, as Materialize does with 25P03.
   */
  public void tell(Report report) {
    if (report.severity() == Severity.NOTICE || report.severity() == Severity.WARNING) {
      ServerMessages.notice(line, report);
    } else {
      ServerMessages.error(line, report);
    }
    doomed = doomed || report.severity() == Severity.FATAL;
    flushLastWords();
  }

  /** Serves the client until one of the two has gone. */
  void serve() {
    boolean reading = false;
    try {
      if (shakeHands()) {
        reading = true;
        Thread unused = Thread.ofVirtual().name("reader-" + id).start(this::read);
        welcome();
        boolean goOn = true;
        while (goOn) {
          goOn = handle(inbox.take());
        }
      }
    } catch (Refusal refusal) {
      ServerMessages.error(line, refusal.report());
      flushLastWords();
    } catch (ClientGone | IOException over) {
      gone = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      gone = true;
      line.end();
      if (!reading) {
        close();
      }
      extended.transactionEnded();
      session().ifPresent(Session::close);
      server.ended(this);
    }
  }

  /** Ends everything, also what the client still sends. */
  void close() {
    cut();
    closeSocket();
  }

  /** What the client asked to be stopped. */
  void cancel(int secretGiven) {
    Outlet outlet = current;
    if (secretGiven == secret && outlet != null) {
      outlet.cancel();
    }
  }

  boolean isGone() {
    return gone;
  }

  void transaction(TransactionStatus status) {
    transaction = status;
  }

  List<Column> columnsOf(Statement statement) {
    return live().describe(statement, transaction);
  }

  /** Runs a statement; what it throws is for the caller to answer. */
  String perform(Statement statement, Outlet outlet) {
    current = outlet;
    running = Optional.of(statement.sql());
    try {
      outlet.check();
      return live().run(statement, outlet);
    } finally {
      current = null;
      running = Optional.empty();
    }
  }

  private boolean shakeHands() throws IOException {
    for (; ; ) {
      int length = in.readInt();
      if (length < 8 || length > 10_000) {
        return false;
      }
      byte[] packet = in.readNBytes(length - 4);
      ClientMessage message = new ClientMessage(' ', packet);
      int code = message.int4();
      switch (code) {
        case SSL_REQUEST, GSS_REQUEST -> {
          line.raw('N');
          line.flush();
        }
        case CANCEL_REQUEST -> {
          server.cancel(message.int4(), message.int4());
          return false;
        }
        default -> {
          if (code >>> 16 != PROTOCOL_3) {
            throw Report.fatal(
                    "08004", "server does not support the client's requested protocol version")
                .refusal();
          }
          startup = new Startup(parameters(message));
          if ((code & 0xffff) > 0) {
            line.message('v', new MessageBody().int4(PROTOCOL_3 << 16).int4(0).array());
          }
          return true;
        }
      }
    }
  }

  private static Map<String, String> parameters(ClientMessage message) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String name = message.string(); !name.isEmpty(); name = message.string()) {
      parameters.put(name, message.string());
    }
    return parameters;
  }

  private void welcome() throws InterruptedException {
    Optional<Report> refusal = server.faults().refusal();
    if (refusal.isPresent()) {
      throw refusal.get().refusal();
    }
    new Entrance(line, inbox).authenticate(server.authentication(), startup);
    Session opened = server.backend().open(startup);
    session = opened;
    opened
        .parameters()
        .forEach((name, value) ->
            line.message('S', new MessageBody().string(name).string(value).array()));
    line.message('K', new MessageBody().int4(id).int4(secret).array());
    opened.welcome().forEach(report -> ServerMessages.notice(line, report));
    ready();
  }

  /** Whether to go on. */
  private boolean handle(ClientMessage message) {
    if (doomed || message.type() == ClientMessage.GONE || message.type() == 'X') {
      return false;
    }
    switch (message.type()) {
      case 'Q' -> query(message.string());
      case 'S' -> ready();
      case 'P', 'B', 'D', 'E', 'C', 'H' -> {
        if (!attempt(() -> pipelined(message))) {
          skipToSync();
          ready();
        }
      }
      // What is left of a COPY IN that has failed.
      case 'd', 'c', 'f' -> {}
      default ->
          throw Report.fatal("08P01", "unknown message type " + (int) message.type()).refusal();
    }
    return true;
  }

  private void query(String text) {
    List<String> statements = StatementText.split(text);
    if (statements.isEmpty()) {
      ServerMessages.plain(line, 'I');
    }
    boolean succeeded = true;
    for (int i = 0; succeeded && i < statements.size(); i++) {
      Statement statement = new Statement(statements.get(i));
      succeeded =
          attempt(() -> {
            Outlet outlet = new Outlet(this, line, false, new int[0], 0, null);
            ServerMessages.complete(line, perform(statement, outlet));
          });
      line.streamEnded();
    }
    ready();
  }

  private void pipelined(ClientMessage message) {
    switch (message.type()) {
      case 'P' -> extended.parse(message);
      case 'B' -> extended.bind(message);
      case 'D' -> extended.describe(message);
      case 'E' -> extended.execute(message);
      case 'C' -> extended.close(message);
      default -> line.flush();
    }
  }

  /** Whether it went well; if not, the client was told why. */
  private boolean attempt(Runnable action) {
    try {
      action.run();
      return true;
    } catch (Refusal refusal) {
      if (refusal.report().severity() == Severity.FATAL) {
        throw refusal;
      }
      ServerMessages.error(line, refusal.report());
    } catch (ClientGone e) {
      throw e;
    } catch (RuntimeException e) {
      server.failed(e);
      ServerMessages.error(line, Report.error("XX000", "the simulator is broken: " + e));
    }
    if (transaction == TransactionStatus.OPEN) {
      transaction = TransactionStatus.FAILED;
    }
    return false;
  }

  private void skipToSync() {
    line.flush();
    try {
      for (ClientMessage next = inbox.take(); next.type() != 'S'; next = inbox.take()) {
        if (next.type() == ClientMessage.GONE || next.type() == 'X') {
          throw new ClientGone();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClientGone();
    }
  }

  private void ready() {
    if (transaction == TransactionStatus.IDLE) {
      extended.transactionEnded();
      live().transactionEnded();
    }
    line.streamEnded();
    ServerMessages.ready(line, transaction);
    line.flush();
  }

  private Session live() {
    return session().orElseThrow();
  }

  private void flushLastWords() {
    try {
      line.flush();
    } catch (ClientGone alreadyGone) {
      gone = true;
    }
  }

  /** Reads ahead, so that the end is noticed while a statement runs. */
  private void read() {
    try {
      for (; ; ) {
        char type = (char) in.readUnsignedByte();
        int length = in.readInt();
        if (length < 4 || length > LONGEST_MESSAGE) {
          break;
        }
        byte[] body = in.readNBytes(length - 4);
        if (line.isAlive()) {
          inbox.add(new ClientMessage(type, body));
          if (type == 'X') {
            noticeGone();
          }
        }
      }
    } catch (IOException closed) {
      gone = true;
    } finally {
      line.end();
      noticeGone();
      closeSocket();
    }
  }

  private void noticeGone() {
    gone = true;
    Outlet outlet = current;
    if (outlet != null) {
      outlet.interrupt();
    }
    inbox.add(new ClientMessage(ClientMessage.GONE, new byte[0]));
  }

  private void closeSocket() {
    try {
      socket.close();
    } catch (IOException alreadyClosed) {
      gone = true;
    }
    server.closed(this);
  }
}
