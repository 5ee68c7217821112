package io.tycostream.simulation;

/**
 * Transactions in the order of their commits: PostgreSQL's way. A fresh one reads all tables at one
 * moment and goes on behind it. A resumed one begins at a transaction that was told before, and so
 * tells some again.
 */
final class TransactionStream extends DatabaseStream {

  TransactionStream(Ends ends) {
    super(ends);
  }

  @Override
  void tellAll(Moment at) {
    for (String name : tables()) {
      boolean last = name.equals(tables().getLast());
      Telling table =
          sink -> {
            TableState state = at.table(name);
            sink.loaded(name, state.relation(), checkpoint(at.time()), state.content().list());
            loaded(name, at);
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
    tell(sink -> sink.progress(time));
  }
}
