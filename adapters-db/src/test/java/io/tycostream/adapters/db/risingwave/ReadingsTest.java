package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.simulator.risingwave.Dialect;
import io.tycostream.adapters.db.simulator.risingwave.RisingWaveSimulator;
import io.tycostream.adapters.db.simulator.risingwave.SimulatedColumn;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.source.SourceLimits;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What RisingWave says in words, and rows in the forms of its generations. */
class ReadingsTest {

  @ParameterizedTest
  @CsvSource({
    "'CREATE SUBSCRIPTION s FROM t WITH (retention = ''1D'')', 86400",
    "'create subscription s from t with (retention=''1 day'')', 86400",
    "'CREATE SUBSCRIPTION s FROM t WITH (retention = ''86400 seconds'')', 86400",
    "'CREATE SUBSCRIPTION s FROM t WITH (RETENTION = ''1 hour 30 minutes'')', 5400",
    "'CREATE SUBSCRIPTION s FROM t WITH (retention = ''02:00:01'')', 7201",
    "'CREATE SUBSCRIPTION s FROM t WITH (retention = ''1 day 02:00:01'')', 93601",
    "'CREATE SUBSCRIPTION retention FROM t WITH (retention = ''3600s'', other = ''1'')', 3600",
    "'CREATE SUBSCRIPTION s FROM t WITH (retention = 3600)', 3600",
    "'CREATE SUBSCRIPTION s FROM t WITH (retention = ''2 weeks'')', 1209600",
  })
  void shouldKnowHowLongALogIsKept(String definition, long seconds) {
    assertEquals(Optional.of(Duration.ofSeconds(seconds)), Retention.of(definition));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE SUBSCRIPTION s FROM t",
        "CREATE SUBSCRIPTION s FROM t WITH (retention = '')",
        "CREATE SUBSCRIPTION s FROM t WITH (retention = '1 fortnight')",
        "CREATE SUBSCRIPTION s FROM t WITH (retention = 'P1D')",
        "CREATE SUBSCRIPTION s FROM t WITH (retention = '0s')"
      })
  void shouldNotGuessHowLongALogIsKept(String definition) {
    assertEquals(Optional.empty(), Retention.of(definition));
  }

  @Test
  void shouldKnowFromWhereOnALogIsThere() {
    assertEquals(
        400, new Subscription(1, 100, Optional.of(Duration.ofMillis(600))).loggedAfter(1_000));
    assertEquals(
        500, new Subscription(1, 500, Optional.of(Duration.ofMillis(600))).loggedAfter(1_000));
    assertEquals(100, new Subscription(1, 100, Optional.empty()).loggedAfter(1_000));
  }

  @Test
  void shouldFindTheEpochOfASnapshot() {
    assertEquals(
        OptionalLong.of(7_000_000_000_000L),
        PinnedEpoch.of(
            "Fetch { from_snapshot: true, rw_timestamp: 7000000000000, expected_timestamp: None,"
                + " cached rows: 0, query init at 1ms before }"));
    assertEquals(
        OptionalLong.of(7_000_000_000_000L),
        PinnedEpoch.of(
            "Fetch { from_snapshot: true, rw_timestamp: 7000000000000, expected_timestamp: None,"
                + " query init at 1ms before }"));
    assertEquals(
        OptionalLong.of(7_000_000_000_000L),
        PinnedEpoch.of(
            "InitLogStoreQuery { seek_timestamp: 7000000000001, expected_timestamp: None }"));
    for (String other :
        List.of(
            "Fetch { from_snapshot: false, rw_timestamp: 7, expected_timestamp: None }",
            "InitLogStoreQuery { seek_timestamp: 7, expected_timestamp: Some(7) }",
            "InitSnapshotQuery",
            "Invalid",
            "null")) {
      assertEquals(OptionalLong.empty(), PinnedEpoch.of(other), other);
    }
  }

  @Test
  void shouldCountEpochsFromTheirBeginning() {
    assertEquals(1_617_235_200_000L, EpochTime.millis(0));
    assertEquals(1_617_235_200_001L, EpochTime.millis(1 << 16));
    assertEquals(1_617_235_200_001L, EpochTime.millis((1 << 16) + 65_535));
  }

  @Test
  void shouldKnowVersionsThatCanBeFollowed() {
    assertTrue(version("PostgreSQL 13.14.0-RisingWave-2.5.0 (a1b2)").isEnough());
    assertTrue(version("PostgreSQL 13.14.0-RisingWave-2.10.0-alpha (unknown)").isEnough());
    assertTrue(version("PostgreSQL 13.14.0-RisingWave-v3.0.0 (a1b2)").isEnough());
    assertTrue(version("PostgreSQL 13.14.0-RisingWave-2.1.0 (a1b2)").isEnough());
    assertFalse(version("PostgreSQL 13.14.0-RisingWave-2.0.4 (a1b2)").isEnough());
    assertFalse(version("PostgreSQL 9.5-RisingWave-1.10.2 (a1b2)").isEnough());
    assertTrue(Version.parse("PostgreSQL 17.2 on x86_64-pc-linux-gnu").isEmpty());
  }

  private static Version version(String text) {
    return Version.parse(text).orElseThrow();
  }

  @Test
  void shouldUndoChanges() {
    Row a = Row.of("a");
    Row b = Row.of("b");
    assertEquals(
        Optional.of(List.of(a, a)),
        Rewind.before(List.of(a, b), List.of(new LoggedRow(1, a, -1), new LoggedRow(1, b, 1))));
    assertEquals(Optional.empty(), Rewind.before(List.of(a), List.of(new LoggedRow(1, b, 1))));
  }

  @ParameterizedTest
  @EnumSource
  void shouldReadRowsOfEachGeneration(Dialect dialect) throws Exception {
    RisingWaveSimulator database = new RisingWaveSimulator(dialect);
    database.create(
        "public.t", SimulatedColumn.key("id", "int4"), SimulatedColumn.of("op", "varchar"));
    database.subscribe("sub", "public.t", Duration.ofDays(1));
    database.commit(c -> c.put("public.t", "1", "x"));
    LogDecoder decoder =
        new LogDecoder(
            new Relation(
                "public.t",
                "1",
                List.of(new Column("id", "int4"), new Column("op", "varchar")),
                List.of("id")));
    try (WireServer server = WireServer.listening(database);
        Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://"
                    + server.host()
                    + ":"
                    + server.port()
                    + "/dev?user=root&preferQueryMode=simple");
        Statement statement = connection.createStatement()) {
      statement.execute("DECLARE c SUBSCRIPTION CURSOR FOR sub FULL");
      assertEquals(
          List.of(new LoggedRow(LoggedRow.SNAPSHOT, Row.of("1", "x"), 1)),
          rows(decoder, statement, 5));
      long at = database.commit(c -> c.put("public.t", "1", null).put("public.t", "2", "y"));
      assertEquals(
          List.of(
              new LoggedRow(at, Row.of("1", "x"), -1),
              new LoggedRow(at, Row.of("1", null), 1),
              new LoggedRow(at, Row.of("2", "y"), 1)),
          rows(decoder, statement, 5));
      at = database.commit(c -> c.remove("public.t", "2"));
      assertEquals(List.of(new LoggedRow(at, Row.of("2", "y"), -1)), rows(decoder, statement, 5));
      database.addColumn("public.t", SimulatedColumn.of("more", "int4"));
      database.commit(c -> c.put("public.t", "3", "z", "7"));
      if (dialect == Dialect.CURRENT || dialect == Dialect.LAZY_SNAPSHOT) {
        assertThrows(LogDecoder.Altered.class, () -> rows(decoder, statement, 5));
      } else { // comes back early, and has other columns the next time
        assertEquals(List.of(), rows(decoder, statement, 5));
      }
      assertThrows(LogDecoder.Altered.class, () -> rows(decoder, statement, 5));
      assertEquals(List.of(), server.failures());
    }
  }

  private static List<LoggedRow> rows(LogDecoder decoder, Statement statement, int count)
      throws Exception {
    try (ResultSet answer = statement.executeQuery("FETCH " + count + " FROM c")) {
      return decoder.rows(answer);
    }
  }

  @Test
  void shouldRefuseARelationThatCannotBeMeant() {
    Duration day = Duration.ofDays(1);
    assertThrows(IllegalArgumentException.class, () -> relation("t", Optional.empty(), "sub", day));
    assertThrows(
        IllegalArgumentException.class,
        () -> relation("s.t", Optional.of(List.of("a", "a")), "sub", day));
    assertThrows(IllegalArgumentException.class, () -> relation("s.t", Optional.empty(), "", day));
    assertThrows(
        IllegalArgumentException.class,
        () -> relation("s.t", Optional.empty(), "sub", Duration.ofMillis(999)));
  }

  private static RisingWaveRelation relation(
      String name, Optional<List<String>> key, String subscription, Duration retention) {
    return new RisingWaveRelation(
        "s", name, key, subscription, true, retention, SourceLimits.DEFAULT);
  }
}
