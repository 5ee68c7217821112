package io.tycostream.app.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The postmaster and the processes that it has forked, as the operating system sees them. */
final class ServerProcesses {
  private static final int POLL_INTERVAL_MS = 5;

  private final Process postmaster;

  /** What {@link #freeze} has stopped; the postmaster first. */
  private final Set<ProcessHandle> frozen = new LinkedHashSet<>();

  ServerProcesses(Process postmaster) {
    this.postmaster = postmaster;
  }

  boolean alive() {
    return postmaster.isAlive();
  }

  /** SIGSTOP to all. The postmaster first: from then on there are no new children to miss. */
  void freeze() {
    freeze(Set.of(postmaster.toHandle()));
    freeze(children());
  }

  /** SIGCONT to all that {@link #freeze} has stopped. */
  void thaw() {
    signal("CONT", frozen);
    frozen.clear();
  }

  /** SIGINT: disconnects clients, writes a checkpoint, ends. False when it takes longer. */
  boolean shutDown(Duration timeout) throws InterruptedException {
    signal("INT", Set.of(postmaster.toHandle()));
    return postmaster.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** SIGKILL to all, as if the machine had crashed; returns when all are gone, or false. */
  boolean crash(Duration timeout) throws InterruptedException {
    // Stopped first, or the postmaster would see a child die and begin to recover.
    freeze();
    List<ProcessHandle> all = List.copyOf(frozen);
    all.forEach(ProcessHandle::destroyForcibly);
    frozen.clear();
    long deadline = System.nanoTime() + timeout.toNanos();
    // Not onExit(): for processes that are not our own children it looks ever less often.
    while (all.stream().anyMatch(ServerProcesses::runs)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MS);
    }
    // Our own child must be reaped too: its lock file counts as long as its number is taken.
    return postmaster.waitFor(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  /**
   * Not for a zombie: orphans wait for init, which may take its time, but hold nothing any more.
   */
  private static boolean runs(ProcessHandle process) {
    if (!process.isAlive()) {
      return false;
    }
    try {
      String state = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return !state.contains(") Z ");
    } catch (IOException noProcOnThisSystem) {
      return process.isAlive();
    }
  }

  private void freeze(Set<ProcessHandle> processes) {
    signal("STOP", processes);
    frozen.addAll(processes);
  }

  private Set<ProcessHandle> children() {
    return postmaster.toHandle().children().collect(Collectors.toSet());
  }

  /** A process that has ended meanwhile is no error: the signal's purpose is gone with it. */
  private static void signal(String name, Set<ProcessHandle> processes) {
    if (processes.isEmpty()) {
      return;
    }
    List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" \"$@\"", name));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    try {
      new ProcessBuilder(command)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new EmbeddedPostgresException("Cannot run sh to signal PostgreSQL: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
