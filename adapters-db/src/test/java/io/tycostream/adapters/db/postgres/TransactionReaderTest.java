package io.tycostream.adapters.db.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.postgres.PgOutputMessage.Attribute;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Begin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Commit;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Delete;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Insert;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Origin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.RelationDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Truncate;
import io.tycostream.adapters.db.postgres.PgOutputMessage.TypeDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Update;
import io.tycostream.adapters.db.postgres.TableDefinition.ColumnDefinition;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.change.RowEvent.Counted;
import io.tycostream.domain.change.RowEvent.Deleted;
import io.tycostream.domain.change.RowEvent.Inserted;
import io.tycostream.domain.change.RowEvent.Truncated;
import io.tycostream.domain.change.RowEvent.Upserted;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransactionReaderTest {

  private static final int OID = 16384;
  private static final RelationDescribed DESCRIBED = described('d', true, false);

  private final List<String> told = new ArrayList<>();
  private final ChangeSink sink = new TellingSink();

  private static RelationDescribed described(char identity, boolean id, boolean note) {
    return new RelationDescribed(
        OID,
        "public",
        "trades",
        identity,
        List.of(new Attribute(id, "id", 25, -1), new Attribute(note, "note", 25, -1)));
  }

  private static TableDefinition table(String source, char identity, String key) {
    return new TableDefinition(
        new PostgresTable(source, "public.trades", Optional.of(List.of(key))),
        OID,
        List.of(new ColumnDefinition("id", 25, -1), new ColumnDefinition("note", 25, -1)),
        identity,
        identity == 'f' ? Set.of("id", "note") : Set.of(key),
        false,
        "once",
        new Relation(
            "public.trades",
            "1." + OID,
            List.of(new Column("id", "text"), new Column("note", "text")),
            List.of(key)));
  }

  private static TransactionReader reader() {
    return new TransactionReader("db", List.of(table("trades", 'd', "id")));
  }

  private void read(TransactionReader reader, PgOutputMessage... messages) throws StreamException {
    for (PgOutputMessage message : messages) {
      reader.read(message, sink);
    }
  }

  private static RowEvent upserted(Row row) {
    return new Upserted(Optional.empty(), row);
  }

  private static RowEvent moved(String former, Row row) {
    return new Upserted(Optional.of(new Key(Row.of(former))), row);
  }

  @Test
  void shouldTellWholeTransactions() throws StreamException {
    TransactionReader reader = reader();
    assertFalse(reader.inTransaction());
    read(
        reader,
        new Begin(10, 0, 1),
        new Origin(3, "elsewhere"),
        new TypeDescribed(99, "public", "mood"),
        DESCRIBED,
        new Insert(OID, Row.of("1", "a")),
        new Update(OID, Optional.empty(), Row.of("1", "b")),
        new Delete(OID, Row.of("1", null)),
        new Truncate(List.of(5, OID)));
    assertTrue(reader.inTransaction());
    read(reader, new Commit(10, 11, 0));
    assertFalse(reader.inTransaction());
    assertEquals(
        List.of(
            "trades " + new Inserted(Row.of("1", "a")),
            "trades " + upserted(Row.of("1", "b")),
            "trades " + new Deleted(new Key(Row.of("1"))),
            "trades " + new Truncated(),
            "commit 11"),
        told);
  }

  @Test
  void shouldTellTheFormerKeyOnlyWhenItDiffers() throws StreamException {
    read(
        reader(),
        new Begin(10, 0, 1),
        DESCRIBED,
        new Update(OID, Optional.of(Row.of("1", null)), Row.of("2", Row.UNCHANGED)),
        new Update(OID, Optional.of(Row.of("2", null)), Row.of("2", "c")));
    assertEquals(
        List.of(
            "trades " + moved("1", Row.of("2", Row.UNCHANGED)),
            "trades " + upserted(Row.of("2", "c"))),
        told);
  }

  @Test
  void shouldTakeALongUnchangedKeyFromTheFormerIdentityAndNothingElse() throws StreamException {
    read(
        reader(),
        new Begin(10, 0, 1),
        DESCRIBED,
        new Update(OID, Optional.of(Row.of("1", null)), Row.of(Row.UNCHANGED, Row.UNCHANGED)));
    assertEquals(List.of("trades " + upserted(Row.of("1", Row.UNCHANGED))), told);
  }

  @Test
  void shouldTakeUnchangedValuesFromAWholeFormerRow() throws StreamException {
    read(
        new TransactionReader("db", List.of(table("trades", 'f', "id"))),
        new Begin(10, 0, 1),
        described('f', true, true),
        new Update(OID, Optional.of(Row.of("1", "long")), Row.of("2", Row.UNCHANGED)),
        new Update(OID, Optional.of(Row.of("2", "long")), Row.of("2", Row.UNCHANGED)),
        new Delete(OID, Row.of("2", "long")));
    assertEquals(
        List.of(
            "trades " + new Counted(Row.of("1", "long"), -1),
            "trades " + new Counted(Row.of("2", "long"), 1),
            "trades " + upserted(Row.of("2", "long")),
            "trades " + new Deleted(new Key(Row.of("2")))),
        told);
  }

  @Test
  void shouldCountRowsWithoutAKey() throws StreamException {
    TableDefinition keyless =
        new TableDefinition(
            new PostgresTable("trades", "public.trades", Optional.of(List.of())),
            OID,
            List.of(new ColumnDefinition("id", 25, -1), new ColumnDefinition("note", 25, -1)),
            'f',
            Set.of("id", "note"),
            false,
            "once",
            new Relation(
                "public.trades",
                "1." + OID,
                List.of(new Column("id", "text"), new Column("note", "text")),
                List.of()));
    read(
        new TransactionReader("db", List.of(keyless)),
        new Begin(10, 0, 1),
        described('f', true, true),
        new Insert(OID, Row.of("1", "a")),
        new Update(OID, Optional.of(Row.of("1", "a")), Row.of("2", Row.UNCHANGED)),
        new Update(OID, Optional.of(Row.of("2", "a")), Row.of("2", "a")),
        new Delete(OID, Row.of("2", "a")),
        new Truncate(List.of(OID)));
    assertEquals(
        List.of(
            "trades " + new Counted(Row.of("1", "a"), 1),
            "trades " + new Counted(Row.of("1", "a"), -1),
            "trades " + new Counted(Row.of("2", "a"), 1),
            "trades " + new Counted(Row.of("2", "a"), -1),
            "trades " + new Counted(Row.of("2", "a"), 1),
            "trades " + new Counted(Row.of("2", "a"), -1),
            "trades " + new Truncated()),
        told);
  }

  @Test
  void shouldRefuseAnUpdateUnderFullIdentityWithoutTheFormerRow() {
    StreamException e =
        assertThrows(
            StreamException.class,
            () ->
                read(
                    new TransactionReader("db", List.of(table("trades", 'f', "id"))),
                    new Begin(10, 0, 1),
                    described('f', true, true),
                    new Update(OID, Optional.empty(), Row.of("1", "a"))));
    assertTrue(e.getMessage().contains("former row"), e.getMessage());
  }

  @Test
  void shouldTellEachSourceByItsOwnKey() throws StreamException {
    read(
        new TransactionReader(
            "db", List.of(table("by-id", 'f', "id"), table("by-note", 'f', "note"))),
        new Begin(10, 0, 1),
        described('f', true, true),
        new Delete(OID, Row.of("1", "a")));
    assertEquals(
        List.of(
            "by-id " + new Deleted(new Key(Row.of("1"))),
            "by-note " + new Deleted(new Key(Row.of("a")))),
        told);
  }

  @Test
  void shouldPassOverOtherTables() throws StreamException {
    read(
        reader(),
        new RelationDescribed(7, "public", "other", 'd', List.of()),
        new Begin(10, 0, 1),
        new Insert(7, Row.of("1")),
        new Commit(10, 11, 0));
    assertEquals(List.of("commit 11"), told);
  }

  static List<RelationDescribed> otherDefinitions() {
    Attribute id = new Attribute(true, "id", 25, -1);
    Attribute note = new Attribute(false, "note", 25, -1);
    return List.of(
        new RelationDescribed(OID, "public", "trades", 'd', List.of(id)),
        new RelationDescribed(OID, "public", "trades", 'd', List.of(note, id)),
        new RelationDescribed(
            OID, "public", "trades", 'd', List.of(id, new Attribute(false, "text", 25, -1))),
        new RelationDescribed(
            OID, "public", "trades", 'd', List.of(id, new Attribute(false, "note", 20, -1))),
        new RelationDescribed(
            OID, "public", "trades", 'd', List.of(id, new Attribute(false, "note", 25, 14))),
        new RelationDescribed(OID, "public", "renamed", 'd', List.of(id, note)),
        new RelationDescribed(OID + 1, "public", "trades", 'd', List.of(id, note)),
        new RelationDescribed(OID, "moved", "trades", 'd', List.of(id, note)),
        described('f', true, true),
        described('i', true, false),
        described('d', false, false),
        described('d', true, true));
  }

  @ParameterizedTest
  @MethodSource("otherDefinitions")
  void shouldLoseTheHistoryOfATableThatIsNotWhatItWas(RelationDescribed other) {
    StreamException e = assertThrows(StreamException.class, () -> read(reader(), other));
    assertEquals(FailureKind.HISTORY_LOST, e.failure().kind());
    assertTrue(e.getMessage().contains("public.trades"), e.getMessage());
  }

  @Test
  void shouldRefuseWhatMakesNoSense() {
    Begin begin = new Begin(10, 0, 1);
    refuse(begin, begin);
    refuse(new Commit(10, 11, 0));
    refuse(DESCRIBED, new Insert(OID, Row.of("1", "a")));
    refuse(begin, new Insert(OID, Row.of("1", "a")));
    refuse(begin, DESCRIBED, new Insert(OID, Row.of("1")));
    refuse(begin, DESCRIBED, new Delete(OID, Row.of("1")));
    refuse(begin, DESCRIBED, new Insert(OID, Row.of(Row.UNCHANGED, "a")));
    refuse(begin, DESCRIBED, new Insert(OID, Row.of("1", Row.UNCHANGED)));
    refuse(begin, DESCRIBED, new Update(OID, Optional.empty(), Row.of(Row.UNCHANGED, "a")));
  }

  private void refuse(PgOutputMessage... messages) {
    StreamException e = assertThrows(StreamException.class, () -> read(reader(), messages));
    assertEquals(FailureKind.NETWORK, e.failure().kind());
  }

  /** Writes down what it is told. */
  private final class TellingSink implements ChangeSink {

    @Override
    public Optional<Checkpoint> complete() {
      return Optional.empty();
    }

    @Override
    public Optional<Relation> relation(String source) {
      return Optional.empty();
    }

    @Override
    public void snapshotProgressed() {}

    @Override
    public void snapshotStarted() {
      told.add("snapshot");
    }

    @Override
    public void loaded(String source, Relation relation, Checkpoint at, List<Row> rows) {
      told.add("loaded " + source);
    }

    @Override
    public void failed(String source, Failure failure) {
      told.add("failed " + source);
    }

    @Override
    public void row(String source, RowEvent event) {
      told.add(source + " " + event);
    }

    @Override
    public void loading(String source, Relation relation, Checkpoint at) {
      told.add("loading " + source);
    }

    @Override
    public void resumed(long behind) {
      told.add("resumed " + behind);
    }

    @Override
    public void row(String source, long time, RowEvent event) {
      told.add(source + " " + event + " at " + time);
    }

    @Override
    public void closed(long before) {
      told.add("closed " + before);
    }

    @Override
    public void completed() {
      told.add("completed");
    }

    @Override
    public void commit(long time) {
      told.add("commit " + time);
    }

    @Override
    public void progress(long time) {
      told.add("progress " + time);
    }
  }
}
