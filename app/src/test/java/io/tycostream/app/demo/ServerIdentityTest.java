package io.tycostream.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.security.auth.module.UnixSystem;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What root does where some of the programs to give up root do not work. */
@Timeout(120)
class ServerIdentityTest {
  @TempDir Path folder;

  @BeforeEach
  void onlyAsRoot() throws Exception {
    assumeTrue(new UnixSystem().getUid() == 0, "only root has to become somebody else");
    // Nobody has to reach the programs that are unpacked into it.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void shouldBecomeNobodyWithoutUserNamespaces() throws Exception {
    assertRunsAsNobody("unshare");
  }

  @Test
  void shouldBecomeNobodyWithoutSetpriv() throws Exception {
    assertRunsAsNobody("unshare", "setpriv");
  }

  @Test
  void shouldSayWhatToDoWhenNothingWorks() throws Exception {
    Process jvm = ChildJvm.start(without("unshare", "setpriv", "chroot"));
    try (BufferedReader out = jvm.inputReader()) {
      String error = out.readLine();
      assertTrue(error.contains("Start tycostream as a normal user"), error);
      assertTrue(jvm.waitFor(10, TimeUnit.SECONDS));
      assertEquals(1, jvm.exitValue());
    } finally {
      jvm.destroyForcibly();
    }
  }

  private void assertRunsAsNobody(String... missing) throws Exception {
    Process jvm = ChildJvm.start(without(missing));
    try (BufferedReader out = jvm.inputReader()) {
      Path server = Path.of(out.readLine());
      assertEquals(65534, Files.getAttribute(server.resolve("data/postmaster.pid"), "unix:uid"));

      jvm.destroyForcibly();

      Await.until("folder removed", Duration.ofSeconds(20), () -> Files.notExists(server));
    } finally {
      jvm.destroyForcibly();
    }
  }

  /**
   * An environment in which these programs fail, and with a cache that the user nobody can read.
   */
  private Map<String, String> without(String... programs) throws Exception {
    for (String program : programs) {
      Path broken = Files.writeString(folder.resolve(program), "#!/bin/sh\nexit 1\n");
      Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return Map.of(
        "PATH", folder + ":" + System.getenv("PATH"), "XDG_CACHE_HOME", folder.toString());
  }
}
