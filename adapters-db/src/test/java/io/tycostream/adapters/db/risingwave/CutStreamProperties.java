package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.ServerConnection;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A stream that is cut, at any byte of what it answers to FETCH, and opened anew: nothing is
 * missing and nothing comes twice.
 */
class CutStreamProperties {

  private static final String TABLE = "public.t";

  /** A change of one row, by its number. */
  record Edit(int id, Optional<String> value, boolean removed) {}

  /**
   * What happens.
   *
   * @param epochs the edits of each; one without any is committed all the same
   * @param fetchRows how many rows a FETCH brings at the most, so that it cuts updates and epochs
   */
  record Script(boolean keyed, List<List<Edit>> epochs, int fetchRows) {}

  @Provide
  Arbitrary<Script> scripts() {
    Arbitrary<Edit> edits =
        Combinators.combine(
                Arbitraries.integers().between(1, 4),
                Arbitraries.of("a", "b", "", "tab\tline\nback\\slash", "ünï ✓").optional(0.9),
                Arbitraries.of(true, false, false))
            .as(Edit::new);
    return Combinators.combine(
            Arbitraries.of(true, false),
            edits.list().ofMaxSize(6).list().ofMinSize(1).ofMaxSize(6),
            Arbitraries.integers().between(1, 4))
        .as(Script::new);
  }

  /** Puts the next epoch of a script into a database. */
  private static long commit(RisingWaveSimulator database, Script script, int epoch) {
    return database.commit(transaction -> {
      for (Edit edit : script.epochs.get(epoch)) {
        String[] row = {Integer.toString(edit.id), edit.value.orElse(null)};
        if (edit.removed) {
          transaction.remove(TABLE, row);
        } else {
          transaction.put(TABLE, row);
        }
      }
    });
  }

  /** A database in which a script is going to happen. */
  private record Stage(RisingWaveSimulator database, WireServer server) implements AutoCloseable {

    static Stage of(Script script) {
      RisingWaveSimulator database = new RisingWaveSimulator();
      database.second(Duration.ofMillis(1));
      SimulatedColumn id =
          script.keyed ? SimulatedColumn.key("id", "int4") : SimulatedColumn.of("id", "int4");
      database.create(TABLE, id, SimulatedColumn.of("v", "varchar"));
      database.subscribe("sub", TABLE, Duration.ofDays(1));
      database.commit(c -> c.put(TABLE, "1", "first").put(TABLE, "3", "first"));
      database.cutFetchesAt(script.fetchRows);
      return new Stage(database, WireServer.listening(database));
    }

    FollowedRelation follow() {
      return new FollowedRelation(
          server,
          database,
          FollowedRelation.relation(TABLE, Optional.empty(), Duration.ofMillis(1)));
    }

    @Override
    public void close() {
      server.close();
      assertEquals(List.of(), server.failures());
    }
  }

  /** Plays a script; what is done before each epoch decides where it is cut. */
  private static void play(Script script, Stage stage, Consumer<FollowedRelation> beforeEpoch) {
    try (FollowedRelation followed = stage.follow()) {
      followed.until(() -> followed.complete() >= 0);
      for (int i = 0; i < script.epochs.size(); i++) {
        beforeEpoch.accept(followed);
        long at = commit(stage.database, script, i);
        if (!stage.database.changes(TABLE, at - 1, at).isEmpty() && i % 2 == 1) {
          followed.until(at); // else several epochs are read together
        }
      }
      long last = stage.database.commit(c -> c.put(TABLE, "9", "last"));
      followed.until(last);
      followed.check();
      assertEquals(1, followed.freshOpens, "resumed, never read anew");
      assertEquals(0, followed.resyncs());
    }
  }

  @Property(tries = 60)
  void nothingIsMissingAndNothingComesTwiceWhereverItIsCut(
      @ForAll("scripts") Script script, @ForAll List<@IntRange(min = 0, max = 400) Integer> cuts) {
    try (Stage stage = Stage.of(script)) {
      List<Integer> left = new ArrayList<>(cuts);
      play(
          script,
          stage,
          followed -> {
            if (!left.isEmpty()) {
              stage.server.faults().cutStreamsAfter(left.removeFirst());
            }
          });
    }
  }

  @Property(tries = 40)
  void aRestartedGatewayTellsTheSameChanges(@ForAll("scripts") Script script) {
    try (Stage stage = Stage.of(script)) {
      for (int i = 0; i < script.epochs.size(); i++) {
        long unused = commit(stage.database, script, i);
      }
      long last = stage.database.commit(c -> c.put(TABLE, "9", "last"));
      RisingWaveRelation back =
          FollowedRelation.relation(TABLE, Optional.empty(), Duration.ofMinutes(1));
      try (FollowedRelation followed = new FollowedRelation(stage.server, stage.database, back)) {
        followed.until(last);
        followed.check();
        assertTrue(followed.firstTime() < RisingWaveSimulator.START + 2, "from the beginning");
      }
    }
  }

  /** Keyed and not: updates, an epoch of several rows, a row that goes, values to be escaped. */
  private static List<Script> recorded() {
    List<List<Edit>> epochs =
        List.of(
            List.of(new Edit(1, Optional.of("a"), false), new Edit(2, Optional.empty(), false)),
            List.of(new Edit(1, Optional.of("tab\t"), false), new Edit(3, Optional.empty(), true)),
            List.of(new Edit(2, Optional.of("b"), false), new Edit(1, Optional.of("a"), true)));
    return List.of(new Script(true, epochs, 2), new Script(false, epochs, 3));
  }

  @Test
  void nothingIsLostAtEveryTwentythByteOfRecordedScripts() {
    recorded().forEach(script -> cutAtEach(script, 20));
  }

  @Test
  @Tag("long")
  void nothingIsLostAtEveryByteOfRecordedScripts() {
    recorded().forEach(script -> cutAtEach(script, 1));
  }

  private static void cutAtEach(Script script, int step) {
    long length = cutAt(script, Long.MAX_VALUE >> 1);
    assertTrue(length > 500, "a script to be cut");
    for (long cut = 0; cut <= length; cut += step) {
      long unused = cutAt(script, cut);
    }
  }

  /**
   * All of the script is there when the stream is resumed, so that the same bytes come in each run.
   *
   * @param cut after so many bytes of the answers to its FETCHes and what is asked beside them
   * @return how many there were on the connection that was to be cut
   */
  private static long cutAt(Script script, long cut) {
    try (Stage stage = Stage.of(script);
        FollowedRelation followed = stage.follow()) {
      followed.until(() -> followed.complete() >= 0);
      followed.breakStream();
      for (int i = 0; i < script.epochs.size(); i++) {
        long unused = commit(stage.database, script, i);
      }
      long last = stage.database.commit(c -> c.put(TABLE, "9", "last"));
      int before = stage.server.accepted();
      followed.turn();
      ServerConnection stream =
          stage.server.connections().stream()
              .filter(connection -> connection.id() == before + 1)
              .findFirst()
              .orElseThrow();
      long sent = stream.sent();
      stream.cutAfter(cut);
      followed.until(last);
      followed.check();
      assertEquals(1, followed.freshOpens, "resumed, never read anew");
      return stream.sent() - sent;
    }
  }
}
