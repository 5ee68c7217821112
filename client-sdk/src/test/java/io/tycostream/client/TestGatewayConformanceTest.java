package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tycostream.client.testing.TestGateway;
import io.tycostream.client.testing.TestSource;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The gateway for tests keeps the contract of a real one: the conformance client, in JavaScript on
 * a WebSocket library that knows nothing of this project, finds nothing wrong with it.
 */
@Timeout(300)
final class TestGatewayConformanceTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path LIBRARY = ROOT.resolve("conformance/node_modules/ws/package.json");
  private static final String TOKEN = "conformance";
  private static final int CANNOT_RUN = 2;
  private static final int ROWS = 200;
  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

  @TempDir private Path folder;

  private final TestGateway gateway =
      TestGateway.builder().heartbeat(Duration.ofSeconds(1)).maxMessage(8 << 10).start();
  private final TestSource stock = source("stock").key("id").create();
  private final TestSource ticks = source("ticks").create();
  private final Thread changing = Thread.ofVirtual().unstarted(this::change);

  private TestSource.Builder source(String name) {
    return gateway
        .source(name)
        .column("id", "int8")
        .column("price", "numeric")
        .column("up", "bool")
        .column("note", "text")
        .column("tags", "_text")
        .column("at", "timestamptz");
  }

  private static Map<String, Object> row(long id, long round) {
    return Map.of(
        "id",
        id,
        "price",
        BigDecimal.valueOf(id * 7 + round % 50, 2),
        "up",
        round % 2 == 0,
        "note",
        "ü \"" + id,
        "tags",
        List.of("a", "b," + id),
        "at",
        "2026-11-26T12:00:0" + round % 10 + "Z");
  }

  @BeforeEach
  void begin() {
    assumeTrue(isOnPath("node"), "no node on the PATH");
    assumeTrue(Files.exists(LIBRARY) || isOnPath("npm"), "no npm on the PATH, nor ws");
    gateway.requireToken(TOKEN);
    for (long id = 0; id < ROWS; id++) {
      stock.put(row(id, id));
      ticks.put(row(id, 0));
    }
    changing.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    changing.interrupt();
    if (changing.getState() != Thread.State.NEW) {
      changing.join();
    }
    gateway.close();
  }

  /** Changes both tables all the time: some rows, now and then very many. */
  private void change() {
    for (long round = 1; !Thread.interrupted(); round++) {
      long at = round;
      long id = round * 31 % ROWS;
      stock.transaction(t -> {
        t.put(row(id, at)).put(row((id + 1) % ROWS, at + 1)).put(row(ROWS + at, at));
        if (at > 5) {
          t.delete(ROWS + at - 5);
        }
        for (long each = 0; at % 25 == 0 && each < ROWS; each++) {
          t.put(row(each, at + each));
        }
      });
      ticks.transaction(t -> {
        t.put(row(id, 0)).put(row(id, at));
        t.delete(row(id, 0));
        for (long each = 0; at % 25 == 0 && each < ROWS; each++) {
          t.put(row(each, at)).delete(row(each, at));
        }
      });
      if (at % 25 == 1) {
        stock.progress(); // which a real gateway tells about once a second
        ticks.progress();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  @Test
  void holdsForATableWithAKeyInSeveralMessages() throws Exception {
    String output = run("stock");
    assertTrue(
        Pattern.compile("# snapshots in up to [2-9][0-9]* parts, batches in up to [2-9]")
            .matcher(output)
            .find(),
        output);
  }

  @Test
  void holdsForATableWithoutAKey() throws Exception {
    run("ticks", "--filter", "{\"price\":{\"_gt\":2.25},\"up\":{\"_eq\":true}}");
  }

  private String run(String source, String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ROOT.resolve("bin/conformance").toString());
    command.add("ws://127.0.0.1:" + gateway.port() + "/v1/stream");
    command.add(source);
    command.addAll(List.of("--token", TOKEN));
    command.addAll(List.of(more));
    Path file = folder.resolve("conformance.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(file.toFile()).start();
    try {
      assertTrue(process.waitFor(4, TimeUnit.MINUTES), () -> "still running: " + text(file));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String output = text(file);
    assumeTrue(
        process.exitValue() != CANNOT_RUN || Files.exists(LIBRARY),
        () -> "npm cannot bring ws here: " + output);
    assertEquals(0, process.exitValue(), output);
    List<String> lines = output.lines().toList();
    long held = lines.stream().filter(line -> line.startsWith("ok ")).count();
    assertTrue(lines.contains("1.." + held) && held > 40, output);
    assertTrue(lines.stream().noneMatch(line -> line.contains("# SKIP")), output);
    return output;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Arrays.stream(path.split(Pattern.quote(File.pathSeparator)))
        .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
  }
}
