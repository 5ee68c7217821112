package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Bell;
import io.tycostream.domain.log.ChangeLog;
import io.tycostream.domain.log.Lookup;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamState;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Trouble;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What all rows mean for a source, the first ones and those that come again. */
final class SourceLoadTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Relation AGAIN =
      new Relation("public.t", "2", RELATION.columns(), RELATION.key());
  private static final Relation WIDE =
      new Relation(
          "public.t",
          "3",
          List.of(new Column("id", "int4"), new Column("v", "text")),
          List.of("id"));

  private final Source source = new Source("t", SourceLimits.DEFAULT, NOW);

  @Test
  void theDefinitionIsTheOneToldLastAndTheGenerationIsOfAShape() {
    assertEquals(Optional.empty(), source.relation());
    load(RELATION, 100, "1");
    assertEquals(Optional.of(RELATION), source.relation());
    Generation first = source.generation().orElseThrow();
    load(AGAIN, 110, "1");
    assertEquals(Optional.of(AGAIN), source.relation());
    assertSame(first, source.generation().orElseThrow());
    load(WIDE, 120);
    assertEquals(Optional.of(WIDE), source.relation());
    assertNotSame(first, source.generation().orElseThrow());
  }

  @Test
  void withoutRowsItIsConnectingAndWithRowsReconnecting() {
    Endpoints endpoints = Endpoints.of(List.of("only"));
    Outage outage =
        new Outage(NOW, 1, false, false, false, new Trouble(NOW, Optional.empty()), endpoints);
    UpstreamState cut =
        new UpstreamState.Waiting(outage, new Failure(FailureKind.NETWORK, "cut"), NOW);
    source.upstream(cut);
    assertEquals(SourceCondition.CONNECTING, source.state().condition());
    load(RELATION, 100, "1");
    source.upstream(cut);
    assertEquals(SourceCondition.RECONNECTING, source.state().condition());
  }

  @Test
  void aDifferenceIsRungInTheFeedsThatItConcerns() {
    load(RELATION, 100, "1");
    Generation generation = source.generation().orElseThrow();
    Feed feed = source.follow(generation, Definition.WHOLE);
    int[] rung = new int[2];
    feed.bell().hangOn(new Bell.Rope(() -> rung[0]++));
    source.bell().hangOn(new Bell.Rope(() -> rung[1]++));
    load(RELATION, 110, "2");
    assertEquals(1, rung[0]);
    assertEquals(1, rung[1]);
    feed.bell().hangOn(new Bell.Rope(() -> rung[0]++));
    load(RELATION, 120, "2");
    assertEquals(1, rung[0], "nothing differs");
  }

  /** Whoever has the rows of either history has them of both. */
  @Test
  void rowsThatDoNotDifferLeadFromOneHistoryToAnother() {
    load(RELATION, 100, "1");
    Position before = source.generation().orElseThrow().progress().position();
    Position fork = new Position("f", 7, RELATION.print());
    source.load(RELATION, fork, List.of(Row.of("1")), NOW);
    ChangeLog log = source.generation().orElseThrow().log();
    assertEquals(0, log.head());
    assertEquals(new Lookup.Replay(1), log.find(before, fork));
    assertEquals(new Lookup.Replay(1), log.find(fork, fork));
    assertEquals(new Lookup.Expired(), log.find(fork.at(6), fork));
    source.load(RELATION, fork, List.of(Row.of("1")), NOW);
    assertEquals(new Lookup.Replay(1), log.find(fork, fork));
  }

  @Test
  void whatWasTouchedBeforeTheFirstRowsIsTheFirstBatch() {
    load(RELATION, 100, prehistory(40), "1");
    Generation generation = source.generation().orElseThrow();
    assertEquals(40, generation.log().oldest().time());
    assertEquals(100, generation.progress().position().time());
    Batch first = generation.log().entry(1).orElseThrow().batch();
    assertTrue(first.touched());
    assertEquals(1, generation.log().head());
  }

  @Test
  void whatWasTouchedIsOfNoUseWhereItDoesNotLeadToTheRows() {
    load(RELATION, 100, prehistory(100), "1");
    assertBeginsAt(100);
  }

  @Test
  void whatWasTouchedIsOfNoUseWhereThereWereRowsAlready() {
    load(RELATION, 100, "1");
    load(WIDE, 200, prehistory(40));
    assertBeginsAt(200);
    load(WIDE, 210, prehistory(205));
    assertBeginsAt(200);
  }

  private void assertBeginsAt(long time) {
    Generation generation = source.generation().orElseThrow();
    assertEquals(time, generation.log().oldest().time());
    assertEquals(0, generation.log().head());
  }

  private static Optional<Prehistory> prehistory(long from) {
    return Optional.of(new Prehistory(from, Set.of(new Key(Row.of("1")))));
  }

  private void load(Relation relation, long time, String... ids) {
    load(relation, time, Optional.empty(), ids);
  }

  private void load(Relation relation, long time, Optional<Prehistory> prehistory, String... ids) {
    List<Row> rows = Arrays.stream(ids).map(Row::of).toList();
    source.load(relation, new Position("e", time, relation.print()), rows, prehistory, NOW);
  }
}
