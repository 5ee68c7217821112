package io.tycostream.archfixture.domain.good;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

sealed interface WellBehavedState {
  record Idle(Instant since, String digest) implements WellBehavedState {}

  record Busy(@Nullable String with, List<Integer> counts, Map<String, String[]> names)
      implements WellBehavedState {}

  enum Fault implements WellBehavedState {
    PEER,
    WORLD
  }

  /** What an expression, a lambda, a switch over patterns and an exception compile to. */
  static String show(WellBehavedState state, Instant now) {
    try {
      MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
    return switch (state) {
      case Idle idle when idle.digest().isEmpty() -> "idle";
      case Idle(Instant since, String digest) ->
          Duration.between(since, now) + " " + digest.getBytes(UTF_8).length;
      case Busy busy ->
          busy.names().entrySet().stream()
              .filter(entry -> Pattern.matches("[a-z]+", entry.getKey()))
              .map(entry -> entry.getKey() + busy.counts().size())
              .collect(Collectors.joining(","));
      case Fault fault -> fault.name() + BigDecimal.ONE.add(BigDecimal.TEN);
    };
  }

  static int[] copy(int[] from) {
    int[] to = new int[from.length];
    System.arraycopy(from, 0, to, 0, from.length);
    return to;
  }
}
