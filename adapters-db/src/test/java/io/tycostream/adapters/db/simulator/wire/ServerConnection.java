package io.tycostream.adapters.db.simulator.wire;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One client of a {@link WireServer}. */
public final class ServerConnection {

  private static final int LONGEST_MESSAGE = 64 * 1024 * 1024;

  private final WireServer server;
  private final Socket socket;
  private final DataInputStream in;
  private final Line line;
  private final int id;
  private final int secret;
  private final BlockingQueue<ClientMessage> inbox = new LinkedBlockingQueue<>();
  private final Conversation conversation;
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
    this.conversation = new Conversation(this, line, inbox);
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
      Optional<Startup> said = new Handshake(server, in, line).read();
      if (said.isPresent()) {
        startup = said.get();
        reading = true;
        Thread unused = Thread.ofVirtual().name("reader-" + id).start(this::read);
        welcome();
        boolean goOn = true;
        while (goOn) {
          goOn = conversation.handle(inbox.take());
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
      conversation.end();
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

  /** It was told to go: nothing that it still says is answered. */
  boolean isDoomed() {
    return doomed;
  }

  /** A mistake of the simulator. */
  void failed(RuntimeException mistake) {
    server.failed(mistake);
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
    conversation.ready();
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
