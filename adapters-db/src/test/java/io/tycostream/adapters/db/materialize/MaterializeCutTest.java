package io.tycostream.adapters.db.materialize;

import static io.tycostream.adapters.db.materialize.Script.advance;
import static io.tycostream.adapters.db.materialize.Script.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Streams that are cut after each of their bytes. Whatever was told until then, the next stream
 * goes on so that every moment is published once, and after each the rows are what they were then.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MaterializeCutTest {

  /** Each by itself is what the protocol's arithmetic turns on. */
  private static final List<Script> SCRIPTS =
      List.of(
          new Script(
              "several times in one batch",
              List.of("id"),
              List.of(
                  write(0, 1, 1, "a"),
                  advance(1),
                  write(3, 1, 2, "b"),
                  write(5, -1, 1, "a"),
                  write(5, 1, 1, "c"),
                  write(6, -1, 2, "b"),
                  advance(10),
                  write(10, 1, 3, "at the frontier"),
                  advance(11))),
          new Script(
              "two rows of one time, the new one before the old one",
              List.of("id"),
              List.of(
                  write(0, 1, 1, "z"),
                  write(0, 1, 2, "y"),
                  advance(1),
                  write(2, -1, 1, "z"),
                  write(2, 1, 1, "a"),
                  write(2, -1, 2, "y"),
                  write(2, 1, 2, "b"),
                  advance(3))),
          new Script(
              "copies",
              List.of(),
              List.of(
                  write(0, 3, 1, "a"),
                  advance(1),
                  write(1, -2, 1, "a"),
                  write(1, 2, 2, null),
                  advance(2),
                  write(4, 1_000, 3, ""),
                  write(5, -999, 3, ""),
                  advance(6))),
          new Script(
              "escapes",
              List.of("id"),
              List.of(
                  write(0, 1, 1, "\\N"),
                  write(0, 1, 2, null),
                  write(0, 1, 3, ""),
                  advance(1),
                  write(1, -1, 1, "\\N"),
                  write(1, 1, 1, "tab\t, line\n, return\r, back\\slash, ü€😀"),
                  write(2, -1, 2, null),
                  write(2, 1, 2, "\\"),
                  advance(4))));

  private final MaterializeSimulator database = MaterializeSimulator.start();

  @BeforeAll
  void begin() {
    database.clock(1_700_000_000_000L);
    database.historyInOneBatch(false);
  }

  @AfterAll
  void stop() {
    database.close();
    assertEquals(List.of(), database.failures());
  }

  static Stream<Script> scripts() {
    return SCRIPTS.stream();
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void everyMomentIsPublishedOnceWhereverTheStreamIsCut(Script script) throws Exception {
    MzObject object = script.perform(database, "t" + SCRIPTS.indexOf(script));
    int bytes = bytesOfOneStream(script, object);
    // Two of the scripts are cut after every fifth byte here, and after each in the long tests.
    int stride = SCRIPTS.indexOf(script) < 2 ? 1 : 5;
    for (int cut = 1; cut < bytes; cut += stride) {
      follow(script, object, cut);
    }
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("scripts")
  void everyMomentIsPublishedOnceWhereverTwoStreamsAreCut(Script script) throws Exception {
    MzObject object = script.perform(database, "two" + SCRIPTS.indexOf(script));
    int bytes = bytesOfOneStream(script, object);
    for (int cut = 1; cut < bytes; cut++) {
      follow(script, object, cut, 1 + (cut * 31L) % bytes);
    }
  }

  private int bytesOfOneStream(Script script, MzObject object) throws StreamException {
    long before = database.server().streamedBytes();
    follow(script, object);
    return Math.toIntExact(database.server().streamedBytes() - before);
  }

  private void follow(Script script, MzObject object, long... cuts) throws StreamException {
    database.faults().cutStreamsAfter(cuts);
    MaterializeSource changes =
        new MaterializeSource(
            List.of(Following.settings(database.server())),
            Following.relation(object, Duration.ofHours(1), script.key().toArray(String[]::new)));
    try (Following following = new Following(changes, object)) {
      following.untilCaughtUp();
      following.assertEachMomentPublished();
      assertEquals(0, following.resyncs());
      assertTrue(following.opened() <= cuts.length + 1, () -> following.failures().toString());
    } finally {
      database.faults().clear();
    }
  }
}
