package io.tycostream.app.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL server with logical replication, as a child process of this JVM: nothing has to
 * be installed, and nothing stays behind.
 *
 * <p>It listens on 127.0.0.1 only and lets every local user in without a password. Its data is in a
 * temporary folder that {@link #close} removes; when the JVM ends without that, even by SIGKILL, a
 * guardian process ends the server and removes the folder. On the same folder and port the server
 * can be stopped, crashed, paused and started again, so that what depends on it can be tested.
 *
 * <p>All methods may be called from any thread, one is performed at a time. They block until what
 * they say has happened, and throw {@link EmbeddedPostgresException} when it does not.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final String USER = "postgres";
  private static final String DATABASE = "postgres";
  private static final Duration PREPARING_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration CRASH_TIMEOUT = Duration.ofSeconds(10);

  private static final int PORT_ATTEMPTS = 5;
  private static final int POLL_INTERVAL_MS = 10;

  private final Options options;
  private final ServerFolder folder;
  private final PostgresBinaries binaries;
  private int port;
  private @Nullable ServerProcesses server;
  private boolean closed;

  private EmbeddedPostgres(Options options, ServerFolder folder, PostgresBinaries binaries) {
    this.options = options;
    this.folder = folder;
    this.binaries = binaries;
  }

  /**
   * What may differ from one server to the next.
   *
   * @param fsync whether commits reach the disk before they are acknowledged; only a crash of the
   *     machine, not one of the server, can tell the difference
   * @param settings any of PostgreSQL's settings, over those of this class
   * @param startTimeout how long a start may take until connections are accepted
   */
  public record Options(boolean fsync, Map<String, String> settings, Duration startTimeout) {
    public Options {
      settings = Map.copyOf(settings);
    }

    /** No fsync, no further settings, 30 s to start. */
    public static Options defaults() {
      return new Options(false, Map.of(), Duration.ofSeconds(30));
    }

    public Options withFsync(boolean value) {
      return new Options(value, settings, startTimeout);
    }

    public Options withSetting(String name, String value) {
      Map<String, String> all = new LinkedHashMap<>(settings);
      all.put(name, value);
      return new Options(fsync, all, startTimeout);
    }

    public Options withStartTimeout(Duration value) {
      return new Options(fsync, settings, value);
    }
  }

  /** A new empty server on a free port that accepts connections when this returns. */
  public static EmbeddedPostgres start(Options options) {
    ServerFolder folder = ServerFolder.create();
    try {
      PostgresBinaries binaries = PostgresBinaries.in(folder.identity().cacheFolder());
      EmbeddedPostgres postgres = new EmbeddedPostgres(options, folder, binaries);
      postgres.initialise();
      postgres.startOnFreePort();
      return postgres;
    } catch (RuntimeException | Error e) {
      try {
        folder.remove();
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /**
   * A server that copies another one from now on, with its own port; it accepts connections that
   * only read when this returns.
   *
   * @param primary stopped, and to be started again afterwards
   */
  public static EmbeddedPostgres startStandby(EmbeddedPostgres primary, Options options) {
    if (primary.running()) {
      throw new IllegalStateException("a server is copied while it does not run");
    }
    ServerFolder folder = ServerFolder.create();
    try {
      PostgresBinaries binaries = PostgresBinaries.in(folder.identity().cacheFolder());
      String conninfo = "host=%s port=%d user=%s".formatted(HOST, primary.port(), USER);
      EmbeddedPostgres standby =
          new EmbeddedPostgres(options.withSetting("primary_conninfo", conninfo), folder, binaries);
      standby.prepare(
          "copied",
          List.of("cp", "-a", primary.folder.data().toString(), folder.data().toString()));
      standby.prepare(
          "marked", List.of("touch", folder.data().resolve("standby.signal").toString()));
      standby.startOnFreePort();
      return standby;
    } catch (RuntimeException | Error e) {
      try {
        folder.remove();
      } catch (RuntimeException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  public String host() {
    return HOST;
  }

  /** The same for the whole life of this object. */
  public int port() {
    return port;
  }

  /** A superuser, without a password. */
  public String user() {
    return USER;
  }

  public String database() {
    return DATABASE;
  }

  /** URL for a JDBC driver, user included. */
  public String jdbcUrl() {
    return "jdbc:postgresql://%s:%d/%s?user=%s".formatted(HOST, port, DATABASE, USER);
  }

  /** The temporary folder with data and log; gone after {@link #close}. */
  public Path folder() {
    return folder.path();
  }

  /** Whether the server's main process lives, paused or not. */
  public synchronized boolean running() {
    return server != null && server.alive();
  }

  /** The last lines of the server's log. */
  public String logTail() {
    return folder.logTail();
  }

  /** Starts the server again, on the same data and port, after {@link #stop}, a crash or a kill. */
  public synchronized void start() {
    if (closed) {
      throw new IllegalStateException("this PostgreSQL is closed and its data removed");
    }
    if (running()) {
      throw new IllegalStateException("PostgreSQL already runs on port " + port);
    }
    Process postmaster = folder.launch(serverCommand());
    server = new ServerProcesses(postmaster);
    awaitAccepting(postmaster);
  }

  /**
   * Stops the server in order (fast shutdown): clients are disconnected, replication clients are
   * sent what is still due. Does nothing when it does not run; a paused one is resumed first.
   */
  public synchronized void stop() {
    ServerProcesses running = server;
    if (running == null) {
      return;
    }
    running.thaw();
    try {
      if (!running.shutDown(STOP_TIMEOUT)) {
        throw failure("did not stop within " + STOP_TIMEOUT.toSeconds() + " s; kill() ends it");
      }
      forgetServer();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Ends all of the server's processes with SIGKILL, as a crash. Does nothing when none runs. */
  public synchronized void kill() {
    ServerProcesses running = server;
    if (running == null) {
      return;
    }
    try {
      if (!running.crash(CRASH_TIMEOUT)) {
        throw failure("has processes that survive SIGKILL");
      }
      forgetServer();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Holds all of the server's processes with SIGSTOP: connections stay open, new ones are accepted
   * by the operating system, and nothing is answered until {@link #resume}.
   */
  public synchronized void pause() {
    if (server == null || !server.alive()) {
      throw new IllegalStateException("PostgreSQL does not run, so it cannot be paused");
    }
    server.freeze();
  }

  /** Lets a paused server go on; does nothing when it is not paused. */
  public synchronized void resume() {
    if (server != null) {
      server.thaw();
    }
  }

  /** Ends the server at once, whatever its state, and removes its data. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    resume();
    folder.remove();
    server = null;
  }

  private void initialise() {
    prepare(
        "initialised",
        List.of(
            binaries.program("initdb"),
            "--pgdata=" + folder.data(),
            "--username=" + USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            "--no-instructions"));
  }

  /**
   * Runs a program to its end.
   *
   * @param what is to be done with the server, as in "initialised"
   */
  private void prepare(String what, List<String> command) {
    Process program = folder.launch(command);
    try {
      if (!program.waitFor(PREPARING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure("was not " + what + " within " + PREPARING_TIMEOUT.toSeconds() + " s");
      }
      if (program.exitValue() != 0) {
        throw failure(
            "could not be " + what + " (the program ended with " + program.exitValue() + ")");
      }
      folder.forgetProcess();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Between finding a port free and binding it somebody else may take it: then another one. */
  private void startOnFreePort() {
    for (int attempt = 1; ; attempt++) {
      port = FreePort.find();
      try {
        start();
        return;
      } catch (EmbeddedPostgresException e) {
        if (attempt == PORT_ATTEMPTS || running() || !logTail().contains("could not bind")) {
          throw e;
        }
      }
    }
  }

  private List<String> serverCommand() {
    List<String> command = new ArrayList<>();
    command.add(binaries.program("postgres"));
    command.addAll(List.of("-D", folder.data().toString()));
    ServerSettings.of(options, HOST, port)
        .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return command;
  }

  private void awaitAccepting(Process postmaster) {
    long deadline = System.nanoTime() + options.startTimeout().toNanos();
    try {
      while (!postmaster.waitFor(POLL_INTERVAL_MS, TimeUnit.MILLISECONDS)) {
        if (folder.accepting(postmaster.pid())) {
          return;
        }
        if (System.nanoTime() - deadline > 0) {
          throw failure(
              "accepted no connection within %s s".formatted(options.startTimeout().toSeconds()));
        }
      }
      forgetServer();
      throw failure("ended while it started, with " + postmaster.exitValue());
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private void forgetServer() {
    server = null;
    folder.forgetProcess();
  }

  private EmbeddedPostgresException failure(String what) {
    return new EmbeddedPostgresException(
        "The embedded PostgreSQL on port %d %s. Its log ends with:%n%s"
            .formatted(port, what, folder.logTail()));
  }

  private static EmbeddedPostgresException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new EmbeddedPostgresException("Interrupted while waiting for PostgreSQL", e);
  }
}
