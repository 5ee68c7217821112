package io.tycostream.domain.replica;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A naive gateway with one feed, driven by choices: it remembers the whole state at every position
 * and says it in every way that the protocol allows.
 */
final class ScriptedFeed {

  /** What the rows are like. */
  enum Kind {
    KEYED,
    /** Keyed, and updates tell what changed. */
    DELTA,
    KEYLESS
  }

  private static final int KEYS = 8;

  private final Choices choices;
  private final Kind kind;

  /** Of each row how many copies, at each position. */
  private final TreeMap<String, Map<Row, Integer>> truth = new TreeMap<>();

  /** What a feed has sent at each seq. */
  private final List<String> positionOfSeq = new ArrayList<>();

  private Map<Row, Integer> now = new HashMap<>();
  private int tick;

  /** The seq up to which the client of the present connection has been told. */
  private int told;

  private String ref = "r";
  private int feed = 7;

  ScriptedFeed(Choices choices, Kind kind) {
    this.choices = choices;
    this.kind = kind;
    for (int i = 0; i < 3; i++) {
      now.put(row(i), 1);
    }
    remember();
  }

  /** What it is called from now on. */
  void named(String otherRef, int otherFeed) {
    ref = otherRef;
    feed = otherFeed;
  }

  Kind kind() {
    return kind;
  }

  Map<Row, Integer> rowsAt(String position) {
    Map<Row, Integer> rows = truth.get(position);
    if (rows == null) {
      throw new IllegalArgumentException("never said: " + position);
    }
    return rows;
  }

  Map<Row, Integer> rowsNow() {
    return now;
  }

  /** The beginning of a connection for a client that has {@code after}. */
  List<ServerMessage> subscribe(Optional<String> after, boolean expired) {
    work(choices.below(4));
    List<ServerMessage> script = new ArrayList<>();
    if (after.isPresent() && !expired) {
      told = seqAt(after.get());
      Start start = told == head() ? Start.LIVE : Start.REPLAY;
      script.add(subscribed(start, Optional.of(positionOfSeq.get(told)), told));
      while (told < head()) {
        script.addAll(batch(1, false));
      }
      return script;
    }
    script.add(subscribed(Start.SNAPSHOT, Optional.empty(), -1));
    if (after.isPresent()) {
      script.add(gap(after.get(), "snapshot"));
    }
    script.addAll(snapshot());
    return script;
  }

  /** What the feed says next. */
  List<ServerMessage> next() {
    work(1 + choices.below(4));
    List<ServerMessage> script = new ArrayList<>();
    int behind = head() - told;
    switch (choices.below(8)) {
      case 1 -> script.addAll(batch(behind, false));
      case 2 -> script.addAll(kind == Kind.KEYLESS ? snapshot() : batch(behind, true));
      case 3 -> {
        script.add(gap(positionOfSeq.get(told), "fold"));
        script.addAll(batch(behind, false));
      }
      case 4 -> {
        if (choices.oneIn(2)) {
          script.add(gap(positionOfSeq.get(told), "snapshot"));
        }
        script.addAll(snapshot());
      }
      default -> script.addAll(plain());
    }
    return script;
  }

  /** All that has happened, batch by batch. */
  List<ServerMessage> plain() {
    List<ServerMessage> script = new ArrayList<>();
    while (told < head()) {
      script.addAll(batch(1, false));
    }
    return script;
  }

  /** That nothing else has changed; all that has is told. */
  ServerMessage progress() {
    if (told < head()) {
      throw new IllegalStateException("there is more to tell");
    }
    tick++;
    truth.put(position(), now);
    return new Progress(feed, position());
  }

  /** Something that certainly changes. */
  void change() {
    now = new HashMap<>(now);
    Row fresh = Row.of("k" + KEYS, "v" + tick, null);
    now.keySet().removeIf(row -> Objects.equals(row.value(0), "k" + KEYS));
    now.put(fresh, 1);
    remember();
  }

  List<ServerMessage> gapAndSnapshot() {
    List<ServerMessage> script = new ArrayList<>();
    script.add(gap(positionOfSeq.get(told), "snapshot"));
    script.addAll(snapshot());
    return script;
  }

  private int head() {
    return positionOfSeq.size() - 1;
  }

  /** The last seq at or before a position. */
  private int seqAt(String position) {
    int seq = head();
    while (positionOfSeq.get(seq).compareTo(position) > 0) {
      seq--;
    }
    return seq;
  }

  private void work(int batches) {
    for (int i = 0; i < batches; i++) {
      Map<Row, Integer> next = new HashMap<>(now);
      int changes = 1 + choices.below(4);
      for (int j = 0; j < changes; j++) {
        int key = choices.below(KEYS);
        boolean goes = choices.oneIn(3);
        if (kind == Kind.KEYLESS) {
          next.merge(row(key), goes ? -1 : 1, Integer::sum);
          next.values().removeIf(count -> count <= 0);
        } else {
          next.keySet().removeIf(row -> Objects.equals(row.value(0), "k" + key));
          if (!goes) {
            next.put(row(key), 1);
          }
        }
      }
      if (!next.equals(now)) {
        now = next;
        remember();
      }
    }
  }

  private void remember() {
    tick++;
    truth.put(position(), now);
    positionOfSeq.add(position());
  }

  private String position() {
    return new Position("e", tick, "p").toString();
  }

  private Row row(int key) {
    int values = kind == Kind.KEYLESS ? 2 : 6;
    return Row.of(
        "k" + key,
        Integer.toString(choices.below(values)),
        choices.oneIn(2) ? null : Integer.toString(choices.below(2)));
  }

  private List<ServerMessage> batch(int seqs, boolean resync) {
    if (seqs == 0) {
      return List.of();
    }
    boolean loose = seqs > 1 || resync;
    Map<Row, Integer> before = truthOfSeq(told);
    told += seqs;
    String position = positionOfSeq.get(told);
    Map<Row, Integer> after = truthOfSeq(told);
    List<RowChange> changes =
        kind == Kind.KEYLESS ? counts(before, after) : byKey(before, after, loose);
    List<ServerMessage> parts = new ArrayList<>();
    int from = 0;
    do {
      int to = Math.min(changes.size(), from + 1 + choices.below(8));
      boolean more = to < changes.size();
      parts.add(
          new BatchPart(
              feed, told, position, changes.subList(from, to), seqs, resync, parts.size(), more));
      from = to;
    } while (from < changes.size());
    return parts;
  }

  private Map<Row, Integer> truthOfSeq(int seq) {
    Map<Row, Integer> rows = truth.get(positionOfSeq.get(seq));
    return rows == null ? Map.of() : rows;
  }

  private List<RowChange> counts(Map<Row, Integer> before, Map<Row, Integer> after) {
    Map<Row, Integer> net = new HashMap<>(after);
    before.forEach((row, count) -> net.merge(row, -count, Integer::sum));
    List<RowChange> changes = new ArrayList<>();
    net.forEach((row, count) -> {
      for (int i = 0; i < Math.abs(count); i++) {
        changes.add(count > 0 ? new RowChange.Insert(row) : new RowChange.Delete(new Key(row)));
      }
    });
    return changes;
  }

  private List<RowChange> byKey(Map<Row, Integer> before, Map<Row, Integer> after, boolean loose) {
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i <= KEYS; i++) {
      change("k" + i, find("k" + i, before), find("k" + i, after), loose).ifPresent(changes::add);
    }
    return changes;
  }

  private static @Nullable Row find(String key, Map<Row, Integer> rows) {
    return rows.keySet().stream().filter(r -> key.equals(r.value(0))).findAny().orElse(null);
  }

  private Optional<RowChange> change(
      String key, @Nullable Row before, @Nullable Row after, boolean loose) {
    if (after == null) {
      boolean named = before != null || (loose && choices.oneIn(2));
      return named ? Optional.of(new RowChange.Delete(new Key(Row.of(key)))) : Optional.empty();
    }
    if (after.equals(before)) {
      return loose && choices.oneIn(3)
          ? Optional.of(new RowChange.Update(after))
          : Optional.empty();
    }
    if (kind == Kind.DELTA && !loose && before != null) {
      return Optional.of(new RowChange.Patch(changed(before, after)));
    }
    boolean insert = loose ? choices.oneIn(2) : before == null;
    return Optional.of(insert ? new RowChange.Insert(after) : new RowChange.Update(after));
  }

  private static Row changed(Row before, Row after) {
    @Nullable String[] values = new @Nullable String[after.size()];
    for (int i = 0; i < values.length; i++) {
      boolean same = i > 0 && Objects.equals(before.value(i), after.value(i));
      values[i] = same ? Row.UNCHANGED : after.value(i);
    }
    return Row.of(values);
  }

  private List<ServerMessage> snapshot() {
    told = head();
    List<Row> rows = new ArrayList<>();
    now.forEach((row, count) -> {
      for (int i = 0; i < count; i++) {
        rows.add(row);
      }
    });
    List<ServerMessage> parts = new ArrayList<>();
    int from = 0;
    boolean more;
    do {
      int to = Math.min(rows.size(), from + choices.below(4) + (parts.size() > 20 ? 9 : 0));
      more = to < rows.size();
      parts.add(
          new SnapshotPart(
              feed,
              parts.size(),
              rows.subList(from, to),
              more,
              more ? Optional.empty() : Optional.of(truth.lastKey()),
              more ? OptionalLong.empty() : OptionalLong.of(told)));
      from = to;
    } while (more);
    return parts;
  }

  private Subscribed subscribed(Start start, Optional<String> position, int seq) {
    return new Subscribed(
        ref,
        feed,
        "trades",
        kind == Kind.KEYLESS ? List.of() : List.of("id"),
        List.of(new Column("id", "text"), new Column("qty", "int4"), new Column("n", "int4")),
        start,
        position,
        seq < 0 ? OptionalLong.empty() : OptionalLong.of(seq));
  }

  private Gap gap(String after, String recovery) {
    return new Gap(feed, Optional.of(after), truth.lastKey(), -1, "drop-oldest", recovery);
  }
}
