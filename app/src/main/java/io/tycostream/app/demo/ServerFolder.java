package io.tycostream.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The temporary folder of one server (data, log, process id) and the guardian that removes it.
 *
 * <p>The guardian is a shell that reads from a pipe whose other end only this JVM holds. The
 * operating system closes that end when the JVM is gone, also after SIGKILL, where no shutdown hook
 * runs. The guardian then ends whatever program is noted in the folder and removes the folder.
 */
final class ServerFolder {
  private static final int LOG_TAIL_LINES = 20;

  /**
   * SIGQUIT makes the server's postmaster end its children first. Paused children do not listen;
   * the postmaster kills them after five seconds, hence ten. A killed postmaster leaves its System
   * V memory segment behind, named in the seventh line of its lock file.
   */
  private static final String GUARDIAN =
      """
      trap '' HUP INT TERM
      while read -r _; do :; done
      folder=$1
      if pid=$(cat "$folder/server.pid" 2>/dev/null) && [ -n "$pid" ]; then
        kill -CONT "$pid" 2>/dev/null
        kill -QUIT "$pid" 2>/dev/null
        tries=200
        while kill -0 "$pid" 2>/dev/null && [ "$tries" -gt 0 ]; do
          sleep 0.05
          tries=$((tries - 1))
        done
        kill -KILL "$pid" 2>/dev/null
      fi
      segment=$(sed -n 's/^ *[0-9][0-9]*  *\\([0-9][0-9]*\\) *$/\\1/p;7q' \\
        "$folder/data/postmaster.pid" 2>/dev/null)
      [ -n "$segment" ] && ipcrm -m "$segment" 2>/dev/null
      for try in 1 2 3; do
        rm -rf "$folder" && exit 0
        sleep 1
      done
      exit 1
      """;

  /**
   * Notes the process id and becomes the program, in a session of its own: Ctrl-C in the terminal
   * is meant for the gateway and must not reach the server. macOS has no setsid program.
   */
  private static final String LAUNCHER =
      """
      echo $$ > "$1/server.pid" || exit 1
      shift
      command -v setsid >/dev/null && exec setsid "$@"
      command -v perl >/dev/null &&
        exec perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV or die "$ARGV[0]: $!\\n"' "$@"
      exec "$@"
      """;

  private final Path path;
  private final ServerIdentity identity;
  private final Process guardian;

  private ServerFolder(Path path, ServerIdentity identity, Process guardian) {
    this.path = path;
    this.identity = identity;
    this.guardian = guardian;
  }

  /** A new folder, guarded from here on. */
  static ServerFolder create() {
    ServerIdentity identity = ServerIdentity.choose();
    try {
      Path path = Files.createTempDirectory("tycostream-postgres-");
      identity.own(path);
      Process guardian =
          new ProcessBuilder("sh", "-c", GUARDIAN, "tycostream-guardian", path.toString())
              .directory(Path.of("/").toFile())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new ServerFolder(path, identity, guardian);
    } catch (IOException e) {
      throw new EmbeddedPostgresException("Cannot create PostgreSQL's data folder: " + e, e);
    }
  }

  Path path() {
    return path;
  }

  Path data() {
    return path.resolve("data");
  }

  ServerIdentity identity() {
    return identity;
  }

  /** Starts {@code command} as a child of this JVM; its output goes to the log. */
  Process launch(List<String> command) {
    List<String> all =
        new ArrayList<>(List.of("sh", "-c", LAUNCHER, "tycostream-launcher", path.toString()));
    all.addAll(identity.command(command));
    ProcessBuilder builder =
        new ProcessBuilder(all)
            .directory(path.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new EmbeddedPostgresException("Cannot run sh to start PostgreSQL: " + e, e);
    }
  }

  /**
   * Whether the server with this process id accepts connections: it keeps its own state in the
   * eighth line of its lock file. Asking the port could reach a server of somebody else.
   */
  boolean accepting(long postmasterPid) {
    try {
      List<String> lines = Files.readAllLines(data().resolve("postmaster.pid"));
      return lines.size() >= 8
          && lines.get(0).equals(Long.toString(postmasterPid))
          && lines.get(7).strip().equals("ready");
    } catch (IOException notWrittenYet) {
      return false;
    }
  }

  /** To be called when the launched program has ended: its process id may soon be another's. */
  void forgetProcess() {
    try {
      Files.deleteIfExists(path.resolve("server.pid"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last lines of the server's log, or a remark that there are none. */
  String logTail() {
    try {
      // Decoded leniently: the log may hold bytes of any client.
      String log = new String(Files.readAllBytes(log()), StandardCharsets.UTF_8);
      List<String> lines = log.lines().toList();
      List<String> tail = lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size());
      return tail.isEmpty() ? "(the log is empty)" : String.join("\n", tail);
    } catch (IOException e) {
      return "(no log: " + e + ")";
    }
  }

  /** Ends the program that runs in the folder and removes the folder; returns when that is done. */
  void remove() {
    try {
      guardian.getOutputStream().close();
      if (!guardian.waitFor(20, TimeUnit.SECONDS) || guardian.exitValue() != 0) {
        throw new EmbeddedPostgresException(
            "The folder of the embedded PostgreSQL could not be removed; remove it by hand: "
                + path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      // The pipe is closed, so the guardian goes on by itself.
      Thread.currentThread().interrupt();
    }
  }

  private Path log() {
    return path.resolve("log");
  }
}
