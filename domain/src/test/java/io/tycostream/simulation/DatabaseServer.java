package io.tycostream.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    BAD_QUERY
  }

  private final World world;
  private final SimDatabase database;
  private final String name;
  private final List<DatabaseStream> streams = new ArrayList<>();
  private final Map<String, Boolean> slotsLost = new LinkedHashMap<>();
  private Answer answer = Answer.WELCOME;
  private long downUntil;
  private long answersBadlyUntil;
  private long lagMicros;

  DatabaseServer(World world, SimDatabase database, String name) {
    this.world = world;
    this.database = database;
    this.name = name;
    database.onChange(() -> List.copyOf(streams).forEach(DatabaseStream::wake));
  }

  String name() {
    return name;
  }

  /** The history that this server has now. */
  Timeline timeline() {
    return database.presentAt(world.now() - lagMicros);
  }

  /** The newest moment that this server has. */
  int newest() {
    return Math.max(0, timeline().indexAtMicros(world.now() - lagMicros));
  }

  Answer answer() {
    if (world.now() < downUntil) {
      return Answer.REFUSED;
    }
    return world.now() < answersBadlyUntil ? answer : Answer.WELCOME;
  }

  /** From now on it is so much behind the primary. */
  void lag(long micros) {
    lagMicros = micros;
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

  /** Whether what a gateway would resume from is gone. */
  boolean hasLostSlot(String gateway) {
    return slotsLost.getOrDefault(gateway, false);
  }

  /** A fresh stream makes a new slot. */
  void makeSlot(String gateway) {
    slotsLost.put(gateway, false);
  }

  void loseSlots() {
    world.fault(name, "all slots are lost");
    slotsLost.replaceAll((gateway, lost) -> true);
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
    lagMicros = 0;
    List.copyOf(streams).forEach(DatabaseStream::heal);
  }
}
