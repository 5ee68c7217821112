package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.change.Batch;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Derivation;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.source.Delivery;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Parts: how rows are spread over messages. */
class RowFramesTest {

  /** The longest epoch and print that a position can have. */
  private static final Position EARLIER = new Position("e".repeat(100), -2, "f".repeat(40));

  private static final Position LATER = EARLIER.at(-1);
  private static final long LONGEST_NUMBER = Long.MAX_VALUE;

  @Property(tries = 300)
  void snapshots(
      @ForAll @Size(max = 40) List<@IntRange(max = 3_000) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 4_000) int maxMessage) {
    List<Row> rows =
        IntStream.range(0, sizes.size())
            .mapToObj(i -> Row.of(Integer.toString(i), "é".repeat(sizes.get(i))))
            .toList();
    RowFrames encoder = new RowFrames(Integer.MAX_VALUE, HandFed.SHAPE, false, maxMessage);
    List<String> notes = new ArrayList<>();
    int next = 0;
    int part = 0;
    boolean more = true;
    while (more) {
      RowFrames.Part encoded =
          encoder.snapshot(rows, HandFed.WHOLE, EARLIER, LONGEST_NUMBER, part, next);
      JsonNode json = Frames.json(encoded.frame());
      assertWithinLimit(encoded.frame(), json.get("rows").size(), maxMessage);
      assertEquals(part++, json.get("part").intValue());
      json.get("rows").forEach(row -> notes.add(row.get("note").textValue()));
      next = encoded.nextRow();
      more = json.get("more").booleanValue();
      assertEquals(!more, json.has("position") && json.has("seq"));
      assertTrue(more || json.get("position").textValue().equals(EARLIER.toString()));
      assertTrue(more || json.get("seq").longValue() == LONGEST_NUMBER);
    }
    assertEquals(rows.stream().map(row -> row.value(1)).toList(), notes);
  }

  /** What is shown is derived for the part that is being encoded, and for no other. */
  @Property(tries = 300)
  void aPartOfASnapshotOfAFilteredFeedLooksAtItsOwnRowsAlone(
      @ForAll @Size(max = 40) List<@IntRange(min = -1, max = 600) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 1_500) int maxMessage,
      @ForAll boolean idsOnly) {
    Counting rows =
        new Counting(
            IntStream.range(0, sizes.size())
                .mapToObj(i ->
                    Row.of(Integer.toString(i), sizes.get(i) < 0 ? null : "x".repeat(sizes.get(i))))
                .toList());
    Derivation derivation =
        Derivation.of(
            new Definition(
                new Filter.IsNull("note", false),
                idsOnly ? Optional.of(Set.of("id")) : Optional.empty(),
                false),
            HandFed.SHAPE);
    RowFrames encoder = new RowFrames(1, derivation.shape(), false, maxMessage);
    List<Integer> ids = new ArrayList<>();
    int next = 0;
    int part = 0;
    boolean more = true;
    while (more) {
      RowFrames.Part encoded = encoder.snapshot(rows, derivation, EARLIER, 1, part++, next);
      JsonNode json = Frames.json(encoded.frame());
      assertWithinLimit(encoded.frame(), json.get("rows").size(), maxMessage);
      assertTrue(part == 1 || !json.get("rows").isEmpty(), "a part without rows");
      json.get("rows").forEach(row -> ids.add(row.get("id").intValue()));
      json.get("rows").forEach(row -> assertEquals(!idsOnly, row.has("note")));
      next = encoded.nextRow();
      more = json.get("more").booleanValue();
      assertTrue(rows.seen <= next + 1, "rows of the next part were looked at");
    }
    assertEquals(
        IntStream.range(0, sizes.size()).filter(i -> sizes.get(i) >= 0).boxed().toList(), ids);
  }

  /** Rows that know how far somebody has looked. */
  private static final class Counting extends AbstractList<Row> {
    private final List<Row> rows;
    private int seen;

    Counting(List<Row> rows) {
      this.rows = rows;
    }

    @Override
    public Row get(int index) {
      seen = Math.max(seen, index + 1);
      return rows.get(index);
    }

    @Override
    public int size() {
      return rows.size();
    }
  }

  @Property(tries = 300)
  void batches(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 3_000) Integer> sizes,
      @ForAll @IntRange(min = 1, max = 4_000) int maxMessage,
      @ForAll boolean resync) {
    List<Change> changes =
        IntStream.range(0, sizes.size())
            .<Change>mapToObj(i -> change(i, "x".repeat(sizes.get(i))))
            .toList();
    Delivery.Next entry =
        Deliveries.next(LONGEST_NUMBER, new Batch(EARLIER, LATER, changes, resync));
    List<Frame> frames = new RowFrames(1, HandFed.SHAPE, false, maxMessage).batch(entry);
    List<Integer> ids = new ArrayList<>();
    for (int part = 0; part < frames.size(); part++) {
      JsonNode json = Frames.json(frames.get(part));
      assertWithinLimit(frames.get(part), json.get("changes").size(), maxMessage);
      assertEquals(LONGEST_NUMBER, json.get("seq").longValue());
      assertEquals(LATER.toString(), json.get("position").textValue());
      assertEquals(resync, json.path("resync").asBoolean(false));
      if (frames.size() == 1) {
        assertTrue(!json.has("part") && !json.has("more"));
      } else {
        assertEquals(part, json.get("part").intValue());
        assertEquals(part < frames.size() - 1, json.get("more").booleanValue());
      }
      json.get("changes").forEach(change -> ids.add(change.at("/row/id").intValue()));
    }
    assertEquals(IntStream.range(0, changes.size()).boxed().toList(), ids);
  }

  @Property(tries = 20)
  void partsAreNotSmallerThanNeedBe(@ForAll @IntRange(min = 100, max = 300) int count) {
    List<Row> rows =
        IntStream.range(0, count).mapToObj(i -> Row.of("" + i, "x".repeat(100))).toList();
    RowFrames encoder = new RowFrames(1, HandFed.SHAPE, false, 4_000);
    RowFrames.Part first = encoder.snapshot(rows, HandFed.WHOLE, EARLIER, 1, 0, 0);
    assertTrue(Frames.payloadBytes(first.frame()) > 4_000 - 600);
  }

  private static void assertWithinLimit(Frame frame, int elements, int maxMessage) {
    int bytes = Frames.payloadBytes(frame);
    assertTrue(
        bytes <= maxMessage || elements <= 1,
        bytes + " bytes with " + elements + " rows, limit " + maxMessage);
  }

  private static Change change(int id, String note) {
    Row row = Row.of(Integer.toString(id), note);
    return switch (id % 3) {
      case 0 -> new Change.Insert(row);
      case 1 -> new Change.Update(Row.of(Integer.toString(id), null), row);
      default -> new Change.Delete(row);
    };
  }
}
