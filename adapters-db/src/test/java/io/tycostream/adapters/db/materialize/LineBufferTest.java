package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.copy.CopyOut;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LineBufferTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What is read, one after the other; the last is the end. */
  private final LinkedBlockingQueue<Callable<byte @Nullable []>> answers =
      new LinkedBlockingQueue<>();

  private LineBuffer reading() {
    CopyOut copy =
        (CopyOut)
            Proxy.newProxyInstance(
                CopyOut.class.getClassLoader(),
                new Class<?>[] {CopyOut.class},
                (proxy, method, arguments) -> answers.take().call());
    return LineBuffer.reading(copy, "t");
  }

  private static byte[] line(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<byte[]> all(LineBuffer lines) {
    List<byte[]> all = new ArrayList<>();
    while (!lines.isAtEnd()) {
      all.addAll(lines.take(PATIENCE));
    }
    return all;
  }

  private static Optional<StreamException> failure(LineBuffer lines) {
    Connections connections =
        MaterializeSource.connections(
            Following.settings(
                new DatabaseEndpoint("Materialize", "nowhere", 1, "materialize", false, ""),
                Duration.ofSeconds(1)));
    return lines.failure(connections);
  }

  @Test
  void endsAsTheServerEndsIt() {
    LineBuffer lines = reading();
    answers.add(() -> line("a"));
    answers.add(() -> line("b"));
    answers.add(() -> null);
    List<byte[]> all = all(lines);
    assertEquals(2, all.size());
    assertArrayEquals(line("b"), all.getLast());
    assertEquals(Optional.empty(), failure(lines));
  }

  static Stream<Callable<byte @Nullable []>> ends() {
    return Stream.of(
        () -> {
          throw new PSQLException("An I/O error occurred", PSQLState.CONNECTION_FAILURE);
        },
        () -> {
          throw new SQLException("no state");
        },
        () -> {
          throw new IllegalStateException("a bug of the driver");
        },
        () -> {
          throw new OutOfMemoryError("a line of two gigabytes");
        },
        () -> {
          throw new StackOverflowError();
        });
  }

  /** Whatever ends the reading but the server itself: the stream has not told everything. */
  @ParameterizedTest
  @MethodSource("ends")
  void takesNothingButTheServersEndForTheEnd(Callable<byte @Nullable []> end) {
    LineBuffer lines = reading();
    answers.add(() -> line("a"));
    answers.add(end);
    assertEquals(1, all(lines).size());
    StreamException failure = failure(lines).orElseThrow();
    assertEquals(FailureKind.NETWORK, failure.failure().kind(), failure.getMessage());
    assertTrue(failure.getMessage().contains("the stream"), failure.getMessage());
  }
}
