package io.tycostream.app.demo;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** As whom the server runs. PostgreSQL refuses to run as root, so root has to become somebody. */
enum ServerIdentity {
  /** A normal user: as the user itself. */
  CALLER,

  /**
   * Root in a user namespace without a mapping: the server sees itself as nobody, files still
   * belong to root.
   */
  USER_NAMESPACE("unshare", "-U"),

  /** Root where user namespaces are forbidden, as in many containers: really nobody. */
  NOBODY("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),

  /** As {@link #NOBODY} where {@code setpriv} is missing; with {@code /} nothing is hidden. */
  NOBODY_BY_CHROOT("chroot", "--userspec=65534:65534", "--groups=", "/");

  private static final int NOBODY_ID = 65534;

  private final List<String> prefix;

  ServerIdentity(String... prefix) {
    this.prefix = List.of(prefix);
  }

  /** The first identity that works here for the user who runs this JVM. */
  static ServerIdentity choose() {
    if (new UnixSystem().getUid() != 0) {
      return CALLER;
    }
    for (ServerIdentity candidate : List.of(USER_NAMESPACE, NOBODY, NOBODY_BY_CHROOT)) {
      if (candidate.works()) {
        return candidate;
      }
    }
    throw new EmbeddedPostgresException(
        "PostgreSQL does not run as root, and none of these ways to give up root works here:"
            + " unshare -U, setpriv, chroot --userspec. Start tycostream as a normal user, or"
            + " install util-linux.");
  }

  /** {@code command}, run as this identity. Every prefix replaces itself: the process id stays. */
  List<String> command(List<String> command) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    return all;
  }

  /** Gives {@code folder}, which this process has just created, to this identity. */
  void own(Path folder) throws IOException {
    if (isNobody()) {
      Files.setAttribute(folder, "unix:uid", NOBODY_ID);
      Files.setAttribute(folder, "unix:gid", NOBODY_ID);
    }
  }

  /** Where programs are kept that this identity can run: nobody may not look into root's home. */
  Path cacheFolder() {
    String configured = System.getenv("XDG_CACHE_HOME");
    Path base;
    if (configured != null && !configured.isBlank()) {
      base = Path.of(configured);
    } else if (isNobody()) {
      base = Path.of("/var/cache");
    } else {
      base = Path.of(System.getProperty("user.home"), ".cache");
    }
    return base.resolve("tycostream");
  }

  private boolean isNobody() {
    return this == NOBODY || this == NOBODY_BY_CHROOT;
  }

  private boolean works() {
    try {
      Process trial =
          new ProcessBuilder(command(List.of("true")))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (trial.waitFor(5, TimeUnit.SECONDS)) {
        return trial.exitValue() == 0;
      }
      trial.destroyForcibly();
      return false;
    } catch (IOException programIsMissing) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
