package io.tycostream.simulation;

import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Resumption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * One address of the database: the primary, or a replica that lags behind. It takes connections or
 * does not, cuts them all when it is restarted, and keeps a slot for each gateway, from which it
 * can resume.
 */
final class DatabaseServer {

  /** What a server answers to somebody who wants a stream. */
  enum Answer {
    WELCOME,
    REFUSED,
    SILENCE,
    NO_RESOURCES,
    BAD_CREDENTIALS,
    BAD_QUERY,
    /** What a stream needs is gone, also for one that would read all rows anew. */
    NO_HISTORY
  }

  private final World world;
  private final SimDatabase database;
  private final String name;
  private final boolean replica;
  private final List<DatabaseStream> streams = new ArrayList<>();
  private final Map<String, Boolean> slotsLost = new LinkedHashMap<>();

  /** What the slots keep of the past: what is later than this. */
  private final Map<String, Checkpoint> kept = new LinkedHashMap<>();

  private Answer answer = Answer.WELCOME;
  private long downUntil;
  private long answersBadlyUntil;
  private long lagMicros;

  DatabaseServer(World world, SimDatabase database, String name, boolean replica) {
    this.world = world;
    this.database = database;
    this.name = name;
    this.replica = replica;
    database.onChange(() -> List.copyOf(streams).forEach(DatabaseStream::wake));
  }

  String name() {
    return name;
  }

  /** The history that this server has now; when there is a new one, all have it at once. */
  Timeline timeline() {
    return database.present();
  }

  /** The newest moment that this server has. */
  int newest() {
    return Math.max(0, timeline().indexAtMicros(world.now() - lagMicros));
  }

  /** What it shows to somebody who wants to go on here. */
  Resumption.Shown shown(String gateway, List<String> tables) {
    Moment present = timeline().moment(newest());
    Map<String, Resumption.Followed> followed = new TreeMap<>();
    for (String table : tables) {
      followed.put(
          table, new Resumption.Followed(present.table(table).relation().print(), "all of it"));
    }
    Resumption.Retained retained =
        slotsLost.getOrDefault(gateway, false)
            ? new Resumption.Retained.Nothing("the slot is gone")
            : new Resumption.Retained.After(timeline().moment(oldest(gateway)).time());
    return new Resumption.Shown(timeline().epoch(), present.time(), replica, retained, followed);
  }

  /** What a probe finds; nothing when it cannot be followed now. */
  Optional<Checkpoint> probed() {
    return answer() == Answer.WELCOME
        ? Optional.of(new Checkpoint(timeline().epoch(), timeline().moment(newest()).time()))
        : Optional.empty();
  }

  Answer answer() {
    if (world.now() < downUntil) {
      return Answer.REFUSED;
    }
    return world.now() < answersBadlyUntil ? answer : Answer.WELCOME;
  }

  /** From now on it is so much behind; a primary that is was set back. */
  void lag(long micros) {
    lagMicros = micros;
    if (micros > 0) {
      world.fault(name, "is " + micros / 1_000 + " ms behind");
    } else {
      List.copyOf(streams).forEach(DatabaseStream::wake);
    }
  }

  boolean isReplica() {
    return replica;
  }

  void connected(DatabaseStream stream) {
    streams.add(stream);
  }

  void disconnected(DatabaseStream stream) {
    streams.remove(stream);
  }

  List<DatabaseStream> streams() {
    return streams;
  }

  /** A fresh stream makes a new slot. */
  void makeSlot(String gateway) {
    slotsLost.put(gateway, false);
  }

  void loseSlots() {
    world.fault(name, "all slots are lost");
    slotsLost.replaceAll((gateway, lost) -> true);
    kept.clear();
  }

  /**
   * From now on a slot keeps only what is later than this; never does it keep more than before.
   *
   * @throws Violation when it is told to let go of what the gateway does not have
   */
  void keepAfter(String gateway, Checkpoint needed, Optional<Checkpoint> complete) {
    if (complete.filter(ours -> ours.reaches(needed)).isEmpty()) {
      throw new Violation(gateway + " lets go of " + needed + ", and has " + complete);
    }
    Checkpoint before = keptAfter(gateway).orElse(needed);
    if (Long.compareUnsigned(before.time(), needed.time()) <= 0) {
      kept.put(gateway, needed);
    }
  }

  /** What a slot keeps is later than this; nothing when it keeps nothing of this history. */
  private Optional<Checkpoint> keptAfter(String gateway) {
    return Optional.ofNullable(kept.get(gateway))
        .filter(checkpoint -> checkpoint.epoch().equals(timeline().epoch()));
  }

  /** The first moment of which a slot kept all that followed; nothing when there is none. */
  OptionalInt keptFrom(String gateway) {
    return keptAfter(gateway).isPresent() ? OptionalInt.of(oldest(gateway)) : OptionalInt.empty();
  }

  private int oldest(String gateway) {
    int index = keptAfter(gateway).map(after -> timeline().indexAt(after.time())).orElse(0);
    return Math.max(timeline().oldest(), index);
  }

  /** Everything is forgotten but the newest moments. */
  void compact() {
    Timeline timeline = timeline();
    int kept = world.below(3);
    timeline.compact(newest() - kept);
    world.fault(name, "keeps only the last " + kept + " moments");
  }

  void restart(long downMicros) {
    world.fault(name, "is restarted, down for " + downMicros / 1_000 + " ms");
    downUntil = world.now() + downMicros;
    cutAll("the database was shut down");
  }

  void answerBadly(Answer bad, long micros) {
    world.fault(name, "answers " + bad + " for " + micros / 1_000 + " ms");
    answer = bad;
    answersBadlyUntil = world.now() + micros;
  }

  /** Another history is behind the name: every connection to the old one ends. */
  void cutAll(String reason) {
    List.copyOf(streams).forEach(stream -> stream.cut(reason));
  }

  /** Everything works from now on. */
  void heal() {
    downUntil = 0;
    answersBadlyUntil = 0;
    lag(0);
    List.copyOf(streams).forEach(DatabaseStream::heal);
  }
}
