package io.tycostream.simulation;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Transactions in the order of their commits: PostgreSQL's way. A fresh one reads all tables at one
 * moment and goes on behind it. A resumed one begins at a transaction that was told before, and so
 * tells some again.
 */
final class TransactionStream extends DatabaseStream {

  /** Whether rows are being read beside the stream. */
  private boolean reading;

  TransactionStream(Ends ends) {
    super(ends);
  }

  @Override
  int beginning(int newest) {
    return newest;
  }

  /**
   * Before all rows, where the gateway has none yet, the keys that were touched since the slot was
   * read by the gateway as it was before it was started again.
   */
  @Override
  void tellAll(int index) {
    Moment at = timeline().moment(index);
    boolean has = tables().stream().anyMatch(name -> sink().relation(name).isPresent());
    OptionalInt kept = has || !past().isKept() ? OptionalInt.empty() : server().keptFrom(gateway());
    for (String name : tables()) {
      boolean last = name.equals(tables().getLast());
      int from = kept.orElse(index);
      Optional<Set<Key>> touched =
          from < index ? new Touched(timeline(), name).between(from, index) : Optional.empty();
      touched.ifPresent(keys -> {
        world().rare(Rare.PREHISTORY);
        Checkpoint before = checkpoint(timeline().moment(from).time());
        tellPart(sink -> sink.touched(name, before, keys));
      });
      boolean keyed = at.table(name).relation().isKeyed();
      boolean leads = touched.filter(keys -> keyed || keys.isEmpty()).isPresent();
      Telling table =
          sink -> {
            TableState state = at.table(name);
            sink.loaded(name, state.relation(), checkpoint(at.time()), state.content().list());
            loaded(name, leads ? from : index, index);
          };
      if (last) {
        tell(table);
      } else {
        tellPart(table);
      }
    }
  }

  @Override
  void goOnBehind(int complete) {
    int again = Math.max(timeline().oldest(), complete - world().below(4));
    if (again < complete) {
      world().rare(Rare.TOLD_AGAIN);
    }
    next(again + 1);
  }

  @Override
  void prepare() {
    while (next() <= newest()) {
      Moment moment = timeline().moment(next());
      next(next() + 1);
      if (moment.definition()) {
        tell(sink -> lose("a table was made again"));
        return;
      }
      if (!moment.told().isEmpty()) {
        moment.told().forEach(row -> tellPart(sink -> sink.row(row.table(), row.event())));
        tell(sink -> sink.commit(moment.time()));
        return;
      }
    }
  }

  @Override
  void keepAlive() {
    // What was told so far, and the quiet times behind it.
    long time = timeline().moment(next() - 1).time();
    tell(sink -> {
      sink.progress(time);
      keep(sink);
    });
  }

  @Override
  void readAgain(List<String> tables) {
    if (reading) {
      return;
    }
    reading = true;
    world().rare(Rare.READ_BESIDE);
    tables.forEach(sink()::joining);
    beside(() -> {
      int at = Math.max(newest(), next() - 1);
      Map<String, TableState> read = new LinkedHashMap<>();
      tables.forEach(table -> read.put(table, timeline().moment(at).table(table)));
      join(read, at);
    });
  }

  /** Tells the rows when the stream has come to where they stand. */
  private void join(Map<String, TableState> read, int at) {
    Checkpoint rows = checkpoint(timeline().moment(at).time());
    if (sink().complete().filter(ours -> ours.reaches(rows)).isEmpty()) {
      beside(() -> join(read, at));
      return;
    }
    reading = false;
    read.forEach((name, state) -> {
      if (world().chance(0.1)) {
        sink().failed(name, new Failure(FailureKind.NETWORK, "connection reset"));
      } else {
        sink().joined(name, state.relation(), rows, state.content().list());
        loaded(name, at, at);
      }
    });
  }

  /** The slot lets go of what the gateway does not need any more. */
  private void keep(ChangeSink sink) {
    sink.needed().ifPresent(needed -> letGo(needed, sink.complete()));
  }
}
