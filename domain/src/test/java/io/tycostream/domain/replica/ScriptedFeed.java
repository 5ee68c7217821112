package io.tycostream.domain.replica;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A naive gateway with one feed, driven by a seed: it remembers the whole state at every position
 * and says it in every way that the protocol allows.
 */
final class ScriptedFeed {

  private static final int FEED = 7;
  private static final int KEYS = 12;

  private final Random random;

  /** Rows by key, at each position. */
  private final TreeMap<String, Map<String, Row>> truth = new TreeMap<>();

  /** What a feed has sent at each seq. */
  private final List<String> positionOfSeq = new ArrayList<>();

  private Map<String, Row> now = new HashMap<>();
  private int tick;

  /** The seq up to which the client of the present connection has been told. */
  private int told;

  ScriptedFeed(long seed) {
    random = new Random(seed);
    for (int i = 0; i < 5; i++) {
      now.put("k" + i, row("k" + i));
    }
    remember();
  }

  Set<Row> rowsAt(String position) {
    Map<String, Row> rows = truth.get(position);
    if (rows == null) {
      throw new IllegalArgumentException("never said: " + position);
    }
    return new HashSet<>(rows.values());
  }

  /** The beginning of a connection for a client that has {@code after}. */
  List<ServerMessage> subscribe(Optional<String> after) {
    work(random.nextInt(4));
    List<ServerMessage> script = new ArrayList<>();
    if (after.isPresent() && random.nextInt(4) > 0) {
      told = seqAt(after.get());
      script.add(subscribed(Start.REPLAY, Optional.of(positionOfSeq.get(told)), told));
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
    work(1 + random.nextInt(4));
    List<ServerMessage> script = new ArrayList<>();
    int behind = head() - told;
    switch (random.nextInt(8)) {
      case 0 -> script.addAll(batch(behind, false));
      case 1 -> script.addAll(batch(behind, true));
      case 2 -> {
        script.add(gap(positionOfSeq.get(told), "fold"));
        script.addAll(batch(behind, false));
      }
      case 3 -> {
        if (random.nextBoolean()) {
          script.add(gap(positionOfSeq.get(told), "snapshot"));
        }
        script.addAll(snapshot());
      }
      default -> {
        while (told < head()) {
          script.addAll(batch(1, false));
        }
        tick++;
        truth.put(position(), now);
        script.add(new Progress(FEED, position()));
      }
    }
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
      Map<String, Row> next = new HashMap<>(now);
      int changes = 1 + random.nextInt(5);
      for (int j = 0; j < changes; j++) {
        String key = "k" + random.nextInt(KEYS);
        if (random.nextInt(3) == 0) {
          next.remove(key);
        } else {
          next.put(key, row(key));
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
    return String.format("e-%08d", tick);
  }

  private Row row(String key) {
    return Row.of(key, random.nextInt(5) == 0 ? null : Integer.toString(random.nextInt(100)));
  }

  private List<ServerMessage> batch(int seqs, boolean resync) {
    if (seqs == 0) {
      return List.of();
    }
    boolean loose = seqs > 1 || resync;
    Map<String, Row> before = truthOfSeq(told);
    told += seqs;
    String position = positionOfSeq.get(told);
    Map<String, Row> after = truthOfSeq(told);
    List<RowChange> changes = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      String key = "k" + i;
      change(key, before.get(key), after.get(key), loose).ifPresent(changes::add);
    }
    List<ServerMessage> parts = new ArrayList<>();
    int from = 0;
    do {
      int to = Math.min(changes.size(), from + 1 + random.nextInt(8));
      parts.add(
          new BatchPart(
              FEED,
              told,
              position,
              changes.subList(from, to),
              seqs,
              resync,
              parts.size(),
              to < changes.size()));
      from = to;
    } while (from < changes.size());
    return parts;
  }

  private Map<String, Row> truthOfSeq(int seq) {
    Map<String, Row> rows = truth.get(positionOfSeq.get(seq));
    return rows == null ? Map.of() : rows;
  }

  private Optional<RowChange> change(
      String key, @Nullable Row before, @Nullable Row after, boolean loose) {
    if (after == null) {
      boolean named = before != null || (loose && random.nextBoolean());
      return named ? Optional.of(new RowChange.Delete(new Key(Row.of(key)))) : Optional.empty();
    }
    if (after.equals(before)) {
      return loose && random.nextInt(3) == 0
          ? Optional.of(new RowChange.Update(after))
          : Optional.empty();
    }
    boolean insert = loose ? random.nextBoolean() : before == null;
    return Optional.of(insert ? new RowChange.Insert(after) : new RowChange.Update(after));
  }

  private List<ServerMessage> snapshot() {
    told = head();
    List<Row> rows = List.copyOf(now.values());
    List<ServerMessage> parts = new ArrayList<>();
    int from = 0;
    boolean more;
    do {
      int to = Math.min(rows.size(), from + random.nextInt(4));
      more = to < rows.size();
      parts.add(
          new SnapshotPart(
              FEED,
              parts.size(),
              rows.subList(from, to),
              more,
              more ? Optional.empty() : Optional.of(positionOfSeq.get(told)),
              more ? OptionalLong.empty() : OptionalLong.of(told)));
      from = to;
    } while (more);
    return parts;
  }

  private static Subscribed subscribed(Start start, Optional<String> position, int seq) {
    return new Subscribed(
        "r",
        FEED,
        "trades",
        List.of("id"),
        List.of(new Column("id", "text"), new Column("qty", "int4")),
        start,
        position,
        seq < 0 ? OptionalLong.empty() : OptionalLong.of(seq));
  }

  private Gap gap(String after, String recovery) {
    return new Gap(
        FEED, Optional.of(after), positionOfSeq.get(head()), -1, "drop-oldest", recovery);
  }
}
