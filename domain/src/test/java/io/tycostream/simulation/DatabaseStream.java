package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.util.List;
import java.util.Optional;

/**
 * A connection to a database that tells transactions in the order of their commits, with the
 * network between the two: PostgreSQL's way.
 *
 * <p>A fresh one reads all tables at one moment and goes on behind it. A resumed one begins at a
 * transaction that was told before, and so tells some again. Now and then it says how far it is
 * although nothing happened. It can be refused, be slow, fall silent, and break between any two of
 * the things it tells.
 */
final class DatabaseStream {

  private static final long KEEPALIVE = World.SECOND;
  private static final long CONNECT_TIMEOUT = 10 * World.SECOND;

  private final World world;
  private final DatabaseServer server;
  private final String gateway;
  private final List<String> tables;
  private final Upstream reader;
  private final ChangeSink sink;
  private final Network network;

  private Timeline timeline;
  private int moment;
  private int told;
  private int loaded;
  private boolean open;
  private boolean ended;
  private boolean pumping;
  private boolean silent;
  private long slowUntil;

  DatabaseStream(
      World world,
      DatabaseServer server,
      String gateway,
      List<String> tables,
      Upstream reader,
      ChangeSink sink,
      Network network) {
    this.world = world;
    this.server = server;
    this.gateway = gateway;
    this.tables = tables;
    this.reader = reader;
    this.sink = sink;
    this.network = network;
    this.timeline = server.timeline();
  }

  /** Opens it; what becomes of that the reader is told later. */
  void open(boolean fresh) {
    later(network.delay(), () -> answered(fresh));
  }

  private void answered(boolean fresh) {
    switch (server.answer()) {
      case REFUSED -> fail(FailureKind.NETWORK, "connection refused");
      case SILENCE -> later(CONNECT_TIMEOUT, () -> fail(FailureKind.NETWORK, "no answer in time"));
      case NO_RESOURCES -> fail(FailureKind.RESOURCES, "too many connections");
      case BAD_CREDENTIALS -> fail(FailureKind.CREDENTIALS, "password refused");
      case BAD_QUERY -> fail(FailureKind.QUERY, "permission denied");
      case WELCOME -> {
        server.connected(this);
        timeline = server.timeline();
        if (fresh) {
          server.makeSlot(gateway);
          moment = server.newest();
          sink.snapshotStarted();
          later(network.delay(), this::load);
        } else {
          resume(sink.complete().orElseThrow());
        }
      }
    }
  }

  /** Hands over one table, and then the next. */
  private void load() {
    if (loaded == tables.size()) {
      moment++;
      stand();
      return;
    }
    Moment at = timeline.moment(moment);
    String name = tables.get(loaded++);
    TableState table = at.table(name);
    reader.loaded(name, new Position(timeline.epoch(), at.time(), table.relation().print()));
    sink.loaded(
        name, table.relation(), new Checkpoint(timeline.epoch(), at.time()), table.rowList());
    later(network.delay(), this::load);
  }

  private void resume(Checkpoint from) {
    Optional<String> lost = whyNotResumable(from);
    if (lost.isPresent()) {
      world.rare(Rare.HISTORY_LOST);
      fail(FailureKind.HISTORY_LOST, lost.get());
      return;
    }
    int complete = timeline.indexAt(from.time());
    if (complete > server.newest()) {
      fail(FailureKind.NETWORK, "this server is not as far yet");
      return;
    }
    int again = Math.max(timeline.oldest(), complete - world.below(4));
    if (again < complete) {
      world.rare(Rare.TOLD_AGAIN);
    }
    moment = again + 1;
    stand();
  }

  private Optional<String> whyNotResumable(Checkpoint from) {
    if (!timeline.epoch().equals(from.epoch())) {
      return Optional.of("another epoch: " + timeline.epoch());
    }
    if (server.hasLostSlot(gateway)) {
      return Optional.of("the slot is gone");
    }
    if (timeline.indexAt(from.time()) < timeline.oldest()) {
      return Optional.of("the log does not reach back to " + SimDatabase.hex(from.time()));
    }
    Moment newest = timeline.moment(server.newest());
    for (String name : tables) {
      Optional<String> known = sink.relation(name).map(Relation::print);
      if (known.isPresent() && !known.get().equals(newest.table(name).relation().print())) {
        return Optional.of(name + " was made again");
      }
    }
    return Optional.empty();
  }

  private void stand() {
    open = true;
    reader.opened(this);
    later(KEEPALIVE, this::keepAlive);
    wake();
  }

  /** There may be something new. */
  void wake() {
    if (open && !pumping && !ended && hasMore()) {
      pumping = true;
      long wait = world.now() < slowUntil ? world.around(World.SECOND) : network.delay();
      later(wait, this::pump);
    }
  }

  private boolean hasMore() {
    return moment <= server.newest();
  }

  private void pump() {
    pumping = false;
    if (silent) {
      return;
    }
    for (int left = 1 + world.below(6); left > 0 && !ended && hasMore(); left--) {
      tell(timeline.moment(moment));
    }
    if (!ended) {
      reader.heard();
      wake();
    }
  }

  private void tell(Moment current) {
    if (current.definition()) {
      world.rare(Rare.HISTORY_LOST);
      fail(FailureKind.HISTORY_LOST, "a table was made again");
    } else if (told < current.told().size()) {
      Moment.Told row = current.told().get(told++);
      sink.row(row.table(), row.event());
    } else {
      if (told > 0) {
        commit(current.time());
      }
      told = 0;
      moment++;
    }
  }

  private void commit(long time) {
    try {
      sink.commit(time);
    } catch (StreamException e) {
      fail(e.failure().kind(), e.failure().message());
    }
  }

  private void keepAlive() {
    if (!silent) {
      if (told == 0 && moment > 0) {
        // What was told so far, and the quiet times behind it.
        sink.progress(timeline.moment(moment - 1).time());
      }
      reader.heard();
      wake();
    }
    later(KEEPALIVE, this::keepAlive);
  }

  /** The connection breaks here and now. */
  void cut(String reason) {
    if (ended) {
      return;
    }
    if (told > 0) {
      world.rare(Rare.CUT_INSIDE_TRANSACTION);
    } else if (!open && loaded > 0 && loaded < tables.size()) {
      world.rare(Rare.CUT_INSIDE_SNAPSHOT);
    }
    if (silent) {
      return; // nobody hears of it
    }
    fail(FailureKind.NETWORK, reason);
  }

  /** Nothing is heard any more, and nobody says so. */
  void fallSilent() {
    silent = true;
  }

  void slowDown(long micros) {
    slowUntil = world.now() + micros;
  }

  void heal() {
    slowUntil = 0;
  }

  /** The reader gives it up. */
  void close() {
    if (!ended && silent) {
      world.rare(Rare.SILENT_STREAM);
    }
    end();
  }

  private void fail(FailureKind kind, String message) {
    end();
    reader.failed(this, new Failure(kind, message));
  }

  private void end() {
    ended = true;
    server.disconnected(this);
  }

  private void later(long micros, Runnable action) {
    world.after(
        micros,
        () -> {
          if (!ended) {
            action.run();
          }
        });
  }
}
