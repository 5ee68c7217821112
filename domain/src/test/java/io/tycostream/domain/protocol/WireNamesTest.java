package io.tycostream.domain.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The words of the protocol, written out: clients have them in their code. */
final class WireNamesTest {

  private static <E> List<String> words(E[] values, Function<E, String> wire) {
    return Arrays.stream(values).map(wire).toList();
  }

  @Test
  void errors() {
    assertEquals(
        List.of(
            "bad-request",
            "unknown-type",
            "unknown-source",
            "unknown-column",
            "unknown-feed",
            "bad-filter",
            "bad-position",
            "duplicate-ref",
            "duplicate-subscription",
            "policy-needs-events",
            "policy-needs-state",
            "limit-exceeded",
            "forbidden",
            "position-ahead",
            "source-not-ready",
            "source-failed",
            "rate-limited",
            "internal"),
        words(ErrorCode.values(), ErrorCode::wire));
  }

  @Test
  void onlyWhatPassesByItselfMayBeTriedAgain() {
    assertEquals(
        List.of(
            ErrorCode.POSITION_AHEAD,
            ErrorCode.SOURCE_NOT_READY,
            ErrorCode.SOURCE_FAILED,
            ErrorCode.RATE_LIMITED,
            ErrorCode.INTERNAL),
        Arrays.stream(ErrorCode.values()).filter(ErrorCode::retryable).toList());
  }

  @Test
  void reasonsForAGap() {
    assertEquals(
        List.of(
            "drop-oldest",
            "drop-newest",
            "conflate",
            "by-age",
            "by-priority",
            "sample",
            "history-expired",
            "definition-changed",
            "source-reset",
            "position-unknown"),
        words(GapReason.values(), GapReason::wire));
  }

  @Test
  void conditionsOfASource() {
    assertEquals(
        List.of(
            "connecting",
            "snapshotting",
            "live",
            "stalled",
            "reconnecting",
            "catching-up",
            "failed",
            "completed"),
        words(SourceCondition.values(), SourceCondition::wire));
  }

  @Test
  void howAFeedStartsAndWhatFollowsAGap() {
    assertEquals(
        List.of("snapshot", "replay", "live"),
        words(ServerMessage.Start.values(), ServerMessage.Start::wire));
    assertEquals(List.of("fold", "snapshot", "none"), words(Recovery.values(), Recovery::wire));
    assertEquals(
        List.of("snapshot", "continue"),
        words(ClientMessage.OnGap.values(), ClientMessage.OnGap::wire));
  }
}
