package io.tycostream.adapters.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows of one subscription as a client that knows nothing but the protocol keeps them; what
 * breaks a promise of the protocol fails.
 */
final class FollowedTable {

  private final Map<Integer, String> rows = new TreeMap<>();
  private final List<JsonNode> staged = new ArrayList<>();
  private final List<JsonNode> gaps = new ArrayList<>();
  private int feed = -1;
  private long seq = -1;
  private String position = "";
  private boolean snapshotDue;
  private boolean foldDue;
  private int snapshotParts;
  private long batches;
  private long folded;

  /** Takes messages until the rows are those at a position, or later. */
  void follow(RawClient client, String upTo) {
    while (position.compareTo(upTo) < 0 || !staged.isEmpty()) {
      take(client.message());
    }
  }

  void take(JsonNode message) {
    switch (TestGateway.type(message)) {
      case "subscribed" -> {
        feed = message.get("feed").intValue();
        staged.clear();
        snapshotDue = message.get("start").textValue().equals("snapshot");
        foldDue = false;
        if (!snapshotDue) {
          seq = message.get("seq").longValue();
          position = message.get("position").textValue();
        }
      }
      case "gap" -> {
        gaps.add(message);
        assertEquals(position, message.get("after").asText(), "a gap begins where we are");
        staged.clear();
        snapshotDue = message.get("recovery").textValue().equals("snapshot");
        foldDue = message.get("recovery").textValue().equals("fold");
        assertTrue(snapshotDue || foldDue, "rows are left wrong: " + message);
      }
      case "snapshot" -> snapshot(message);
      case "batch" -> batch(message);
      case "progress" -> moveTo(message);
      case "source", "pressure" -> {}
      default -> throw new AssertionError("unexpected: " + message);
    }
  }

  private void snapshot(JsonNode part) {
    assertEquals(feed, part.get("feed").intValue());
    assertTrue(snapshotDue, "a snapshot that nobody announced");
    assertEquals(staged.size(), part.get("part").intValue(), "parts in order");
    staged.add(part);
    if (!part.get("more").booleanValue()) {
      rows.clear();
      staged.forEach(each -> each.get("rows").forEach(this::put));
      snapshotParts = staged.size();
      staged.clear();
      snapshotDue = false;
      foldDue = false;
      seq = part.get("seq").longValue();
      moveTo(part);
    }
  }

  private void batch(JsonNode part) {
    assertEquals(feed, part.get("feed").intValue());
    assertTrue(!snapshotDue, "a batch in place of a snapshot");
    long count = part.path("merged").asLong(1);
    assertTrue(count > 1 || !foldDue, "a plain batch in place of a fold");
    assertEquals(seq + count, part.get("seq").longValue(), "seq runs on");
    assertEquals(staged.size(), part.path("part").asInt(0), "parts in order");
    staged.add(part);
    if (!part.path("more").asBoolean(false)) {
      assertTrue(part.get("position").textValue().compareTo(position) > 0, "positions go forward");
      boolean exact = count == 1 && !part.has("resync");
      staged.forEach(each -> each.get("changes").forEach(change -> change(change, exact)));
      staged.clear();
      seq += count;
      batches++;
      folded += count == 1 ? 0 : count;
      foldDue = false;
      moveTo(part);
    }
  }

  private void moveTo(JsonNode message) {
    String to = message.get("position").textValue();
    assertTrue(to.compareTo(position) >= 0, "back from " + position + " to " + to);
    position = to;
  }

  private void change(JsonNode change, boolean exact) {
    JsonNode row = change.get("row");
    switch (change.get("op").textValue()) {
      case "insert" -> assertTrue(put(row) || !exact, "inserted twice: " + row);
      case "update" -> assertTrue(!put(row) || !exact, "never inserted: " + row);
      case "delete" -> {
        assertEquals(1, row.size(), "a deleted row is told by its key");
        boolean there = rows.remove(row.get("id").intValue()) != null;
        assertTrue(there || !exact, "never inserted: " + row);
      }
      default -> throw new AssertionError("unknown op: " + change);
    }
  }

  private boolean put(JsonNode row) {
    return rows.put(row.get("id").intValue(), row.get("note").textValue()) == null;
  }

  Map<Integer, String> rows() {
    return rows;
  }

  List<JsonNode> gaps() {
    return gaps;
  }

  int feed() {
    return feed;
  }

  String position() {
    return position;
  }

  /** Batches that were applied, merged ones too. */
  long batches() {
    return batches;
  }

  /** Batches that came folded into others. */
  long folded() {
    return folded;
  }

  /** In how many parts the last snapshot came. */
  int snapshotParts() {
    return snapshotParts;
  }
}
