package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.Resumption;
import io.tycostream.domain.upstream.StreamException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A connection to a database, with the network between the two: it can be refused, be slow, fall
 * silent, and break between any two of the things it tells. What it tells is a matter of the {@link
 * Dialect}.
 */
abstract class DatabaseStream {

  private static final long KEEPALIVE = World.SECOND;
  private static final long CONNECT_TIMEOUT = 10 * World.SECOND;

  /** One thing that is told. */
  @FunctionalInterface
  interface Telling {
    void to(ChangeSink sink) throws StreamException;
  }

  /**
   * One thing that is told.
   *
   * @param inside whether more belongs to the same moment
   */
  private record Element(boolean inside, Telling telling) {}

  /** What a stream is between: a server, and a reader with its sink. */
  record Ends(
      World world,
      Network network,
      DatabaseServer server,
      Past past,
      String gateway,
      List<String> tables,
      Upstream reader,
      ChangeSink sink) {}

  private final Ends ends;
  private final Deque<Element> ready = new ArrayDeque<>();

  private Timeline timeline;
  private int next;
  private boolean open;

  /** Whether all was told that had happened when it was opened. */
  private boolean stands;

  /** The newest moment when it was opened. */
  private int present;

  private boolean inside;
  private boolean ended;
  private boolean pumping;
  private boolean silent;
  private long slowUntil;
  private long stillUntil;

  DatabaseStream(Ends ends) {
    this.ends = ends;
    this.timeline = ends.server.timeline();
  }

  /** A stream that tells in the database's way. */
  static DatabaseStream in(Dialect dialect, Ends ends) {
    return switch (dialect) {
      case TRANSACTIONS -> new TransactionStream(ends);
      case PROGRESS -> new TimestampStream(ends, true);
      case FETCHES -> new TimestampStream(ends, false);
    };
  }

  /** The moment at which a fresh stream tells all rows; the newest, or an earlier one. */
  abstract int beginning(int newest);

  /** All rows at this moment are going to be told, and then {@link #stand}. */
  abstract void tellAll(int at);

  /** What follows this moment is going to be told. */
  abstract void goOnBehind(int complete);

  /** Puts into the queue what is told next; nothing when there is nothing. */
  abstract void prepare();

  /** Nothing was told for a while. */
  abstract void keepAlive();

  /** All rows of these tables are going to be told beside what happens. */
  abstract void readAgain(List<String> tables);

  final World world() {
    return ends.world;
  }

  final List<String> tables() {
    return ends.tables;
  }

  final Timeline timeline() {
    return timeline;
  }

  final int newest() {
    return ends.server.newest();
  }

  /** The moment that is told next. */
  final int next() {
    return next;
  }

  final void next(int moment) {
    next = moment;
  }

  /** Tells something, behind what is told before it. */
  final void tell(Telling telling) {
    ready.add(new Element(false, telling));
  }

  /** Tells something that more belongs to. */
  final void tellPart(Telling telling) {
    ready.add(new Element(true, telling));
  }

  final Checkpoint checkpoint(long time) {
    return new Checkpoint(timeline.epoch(), time);
  }

  final DatabaseServer server() {
    return ends.server;
  }

  final String gateway() {
    return ends.gateway;
  }

  final Past past() {
    return ends.past;
  }

  final ChangeSink sink() {
    return ends.sink;
  }

  /** The slot lets go of what happened up to here. */
  final void letGo(Checkpoint needed, Optional<Checkpoint> complete) {
    ends.reader.letsGo(needed);
    ends.server.keepAfter(ends.gateway, needed, complete);
  }

  /** It takes a database a while to do something beside the stream. */
  final void beside(Runnable action) {
    later(world().around(World.SECOND / 2), action);
  }

  /**
   * All rows of a table were told.
   *
   * @param from the moment from which on it is known what happened, not after that of the rows
   */
  final void loaded(String table, int from, int at) {
    String print = timeline.moment(at).table(table).relation().print();
    Position rows = new Position(timeline.epoch(), timeline.moment(at).time(), print);
    ends.reader.loaded(
        table,
        new Beginning(
            rows.at(timeline.moment(from).time()), rows, rows.at(timeline.moment(present).time())));
  }

  /** Opens it; what becomes of that the reader is told later. */
  final void open(boolean fresh) {
    later(ends.network.delay(), () -> answered(fresh));
  }

  private void answered(boolean fresh) {
    switch (ends.server.answer()) {
      case REFUSED -> fail(FailureKind.NETWORK, "connection refused");
      case SILENCE -> later(CONNECT_TIMEOUT, () -> fail(FailureKind.NETWORK, "no answer in time"));
      case NO_RESOURCES -> fail(FailureKind.RESOURCES, "too many connections");
      case BAD_CREDENTIALS -> fail(FailureKind.CREDENTIALS, "password refused");
      case BAD_QUERY -> fail(FailureKind.QUERY, "permission denied");
      case NO_HISTORY -> lose("the slot was lost while it was being made");
      case WELCOME -> {
        ends.server.connected(this);
        timeline = ends.server.timeline();
        Optional<Checkpoint> complete = ends.sink.complete();
        Resumption.Shown shown = ends.server.shown(ends.gateway, ends.tables);
        if (fresh) {
          complete
              .flatMap(ours -> Resumption.backwards(ours, shown))
              .ifPresentOrElse(this::refuse, this::beginFresh);
        } else {
          Resumption resumption = Resumption.decide(ends.reader.held(), shown);
          if (resumption instanceof Resumption.Resume(Checkpoint at)) {
            resume(at);
          } else {
            refuse(resumption);
          }
        }
      }
    }
  }

  private void refuse(Resumption resumption) {
    switch (resumption) {
      case Resumption.HistoryLost(String reason) -> lose(reason);
      case Resumption.Behind behind -> {
        world().rare(Rare.REPLICA_BEHIND);
        fail(FailureKind.BEHIND, "this replica is not as far yet");
      }
      case Resumption.SetBack back -> {
        world().rare(Rare.SET_BACK);
        fail(FailureKind.QUERY, "the database was set back");
      }
      case Resumption.Resume resume -> throw new IllegalArgumentException("no refusal");
    }
  }

  private void beginFresh() {
    ends.server.makeSlot(ends.gateway);
    present = newest();
    int at = beginning(present);
    next = at + 1;
    ends.reader.snapshotStarted();
    ends.sink.snapshotStarted();
    tellAll(at);
    tell(sink -> stand());
    plan();
  }

  private void resume(Checkpoint from) {
    goOnBehind(timeline.indexAt(from.time()));
    present = newest();
    begin();
    standIfCaughtUp();
    wake();
  }

  private void stand() {
    begin();
    standIfCaughtUp();
  }

  private void begin() {
    open = true;
    ends.reader.opened(this, ends.server.shown(ends.gateway, ends.tables).followed());
    later(KEEPALIVE, this::beat);
  }

  private void standIfCaughtUp() {
    if (!ended && open && !stands && next > present && ready.isEmpty()) {
      stands = true;
      ends.reader.stands(this);
    }
  }

  /** There may be something new. */
  final void wake() {
    if (open) {
      plan();
    }
  }

  private void plan() {
    if (pumping || ended || silent || isStill()) {
      return;
    }
    if (ends.server.timeline() != timeline) {
      cut("the server has another history now");
      return;
    }
    if (ready.isEmpty() && open) {
      prepare();
    }
    if (!ready.isEmpty()) {
      pumping = true;
      later(
          world().now() < slowUntil ? world().around(World.SECOND) : ends.network.delay(),
          this::pump);
    }
  }

  private void pump() {
    pumping = false;
    if (silent) {
      return;
    }
    ends.reader.polls();
    for (int left = 1 + world().below(6); left > 0 && !ended; left--) {
      if (ready.isEmpty() && open) {
        prepare();
      }
      Element element = ready.poll();
      if (element == null) {
        break;
      }
      inside = element.inside;
      hand(element.telling);
    }
    if (!ended) {
      standIfCaughtUp();
      ends.reader.heard(stands);
      plan();
    }
  }

  private void hand(Telling telling) {
    try {
      telling.to(ends.sink);
    } catch (StreamException e) {
      throw new Violation(ends.gateway + " cannot take what a database tells as it should", e);
    }
    if (!ended) {
      ends.reader.uselessness().ifPresent(why -> fail(why.kind(), why.message()));
      ends.reader.looksAfterSources(this);
    }
  }

  private void beat() {
    if (!silent) {
      ends.reader.polls();
      if (ready.isEmpty() && !isStill()) {
        hand(sink -> keepAlive());
        pumpNothing();
        standIfCaughtUp();
      }
      if (isStill()) {
        ends.reader.stoodStill(stands);
      } else {
        ends.reader.heard(stands);
      }
      wake();
    }
    later(KEEPALIVE, this::beat);
  }

  private void pumpNothing() {
    while (!ready.isEmpty() && !ended) {
      hand(ready.remove().telling);
    }
  }

  /** What we would need is not there any more. */
  final void lose(String why) {
    world().rare(Rare.HISTORY_LOST);
    fail(FailureKind.HISTORY_LOST, why);
  }

  /** The connection breaks here and now. */
  final void cut(String reason) {
    if (ended || silent) {
      return; // of a silent one nobody hears that it broke
    }
    if (inside) {
      world().rare(open ? Rare.CUT_INSIDE_MOMENT : Rare.CUT_INSIDE_SNAPSHOT);
    }
    if (open && !stands) {
      world().rare(Rare.CUT_WHILE_CATCHING_UP);
    }
    fail(FailureKind.NETWORK, reason);
  }

  /** Nothing is heard any more, and nobody says so. */
  final void fallSilent() {
    silent = true;
    if (!open) {
      later(CONNECT_TIMEOUT, () -> fail(FailureKind.NETWORK, "no rows in time"));
    }
  }

  final void slowDown(long micros) {
    slowUntil = world().now() + micros;
  }

  /** It lives, and the database's time does not move on. */
  final void standStill(long micros) {
    stillUntil = world().now() + micros;
    later(micros, this::wake);
  }

  private boolean isStill() {
    return open && world().now() < stillUntil;
  }

  final void heal() {
    slowUntil = 0;
    stillUntil = 0;
    wake();
  }

  /** The reader gives it up. */
  final void close() {
    if (!ended && silent) {
      world().rare(Rare.SILENT_STREAM);
    }
    end();
  }

  private void fail(FailureKind kind, String message) {
    end();
    ends.reader.failed(this, new Failure(kind, message));
  }

  private void end() {
    ended = true;
    ends.server.disconnected(this);
  }

  private void later(long micros, Runnable action) {
    world()
        .after(
            micros,
            () -> {
              if (!ended) {
                action.run();
              }
            });
  }
}
