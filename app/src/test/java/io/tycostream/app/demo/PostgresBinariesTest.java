package io.tycostream.app.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresBinariesTest {
  @Test
  void shouldUnpackOnceForSeveralAtTheSameTime(@TempDir Path cache) throws Exception {
    // What a JVM that was killed while it unpacked has left behind.
    Path probe = cache.resolve("probe");
    String home = homeOf(PostgresBinaries.in(probe)).getFileName().toString();
    Files.createDirectories(cache.resolve(home + ".part").resolve("bin"));
    Files.writeString(cache.resolve(home + ".part").resolve("bin").resolve("postgres"), "half");

    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<PostgresBinaries>> all =
          IntStream.range(0, 3)
              .mapToObj(i -> threads.submit(() -> PostgresBinaries.in(cache)))
              .toList();
      Set<String> programs =
          all.stream().map(PostgresBinariesTest::programOf).collect(Collectors.toSet());
      assertEquals(1, programs.size());
    }

    Path postgres = cache.resolve(home).resolve("bin").resolve("postgres");
    assertTrue(Files.isExecutable(postgres));
    assertTrue(Files.size(postgres) > 1_000_000);
    assertTrue(Files.notExists(cache.resolve(home + ".part")));
  }

  @ParameterizedTest
  @CsvSource({
    "Linux,amd64,postgres-linux-x86_64",
    "Linux,aarch64,postgres-linux-arm_64",
    "Mac OS X,x86_64,postgres-darwin-x86_64",
    "Mac OS X,aarch64,postgres-darwin-arm_64",
  })
  void shouldNameTheArchiveOfEachPlatform(String os, String processor, String archive) {
    assertEquals(archive, PostgresBinaries.archiveName(os, processor));
  }

  private static Path homeOf(PostgresBinaries binaries) {
    return Path.of(binaries.program("postgres")).getParent().getParent();
  }

  private static String programOf(Future<PostgresBinaries> future) {
    try {
      return future.get().program("postgres");
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }
}
