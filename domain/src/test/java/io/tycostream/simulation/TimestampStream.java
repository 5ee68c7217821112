package io.tycostream.simulation;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.upstream.Checkpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Rows of one table with the times at which they came and went: the way of Materialize, which tells
 * in batches of several times and says after each how far it is, and of RisingWave, of which one
 * knows that a time is over when it has nothing more.
 */
final class TimestampStream extends DatabaseStream {

  private final boolean progress;

  /** The last time that was told and not closed. */
  private OptionalLong unclosed = OptionalLong.empty();

  /**
   * @param progress whether it says how far it is
   */
  TimestampStream(Ends ends, boolean progress) {
    super(ends);
    this.progress = progress;
  }

  private String table() {
    return tables().getFirst();
  }

  /**
   * As far back as the database and the gateway go where the gateway has nothing; Materialize goes
   * back to what the gateway has, where it has something of this history.
   */
  @Override
  int beginning(int newest) {
    Optional<Checkpoint> complete = sink().complete();
    if (!past().isKept() || !sink().wantsPast() || (complete.isPresent() && !progress)) {
      return newest;
    }
    int wanted =
        complete
            .filter(ours -> ours.epoch().equals(timeline().epoch()))
            .map(ours -> timeline().indexAt(ours.time()))
            .orElseGet(() -> timeline().indexAtMicros(world().now() - past().wantedMicros()));
    int made = newest;
    while (made > 0 && sameTable(timeline().moment(made - 1), timeline().moment(newest))) {
      made--;
    }
    int at = Math.min(newest, Math.max(wanted, Math.max(made, timeline().oldest())));
    if (at < newest && complete.isEmpty()) {
      world().rare(Rare.EARLIER_BEGINNING);
    }
    return at;
  }

  @Override
  void tellAll(int index) {
    Moment at = timeline().moment(index);
    TableState state = at.table(table());
    tellPart(sink -> sink.loading(table(), state.relation(), checkpoint(at.time())));
    for (Row row : shuffled(state.content().list())) {
      RowEvent event = progress ? new RowEvent.Counted(row, 1) : new RowEvent.Inserted(row);
      tellPart(sink -> sink.row(table(), at.time(), event));
    }
    tell(sink -> {
      sink.closed(at.time() + 1);
      loaded(table(), index, index);
    });
  }

  @Override
  void goOnBehind(int complete) {
    next(complete + 1);
    long asOf = timeline().moment(complete).time();
    if (progress) {
      tell(sink -> sink.resumed(asOf));
      tell(sink -> sink.closed(asOf));
    }
  }

  @Override
  void prepare() {
    int moments = progress ? 1 + world().below(4) : 1;
    while (moments > 0 && next() <= newest()) {
      Moment before = timeline().moment(next() - 1);
      Moment moment = timeline().moment(next());
      next(next() + 1);
      if (!sameTable(before, moment)) {
        closeTold();
        tell(sink -> lose("the table was made again"));
        return;
      }
      List<RowEvent> events = events(before.table(table()), moment.table(table()));
      events.forEach(event -> tellPart(sink -> sink.row(table(), moment.time(), event)));
      if (progress || !events.isEmpty()) {
        unclosed = OptionalLong.of(moment.time());
        moments--;
      }
    }
    if (progress || next() > newest()) {
      closeTold();
    }
  }

  private void closeTold() {
    if (unclosed.isPresent()) {
      long before = unclosed.getAsLong() + 1;
      unclosed = OptionalLong.empty();
      tell(sink -> sink.closed(before));
    }
  }

  @Override
  void keepAlive() {
    // A fetch that brings nothing proves what was committed when it began, which was asked for
    // before it: else one who has seen that time elsewhere would wait here until a row changes.
    if (progress || next() > newest()) {
      long before = timeline().moment(next() - 1).time() + 1;
      tell(sink -> sink.closed(before));
    }
  }

  @Override
  void readAgain(List<String> tables) {
    throw new IllegalStateException("a stream of one table does not outlive it");
  }

  private boolean sameTable(Moment before, Moment moment) {
    return before
        .table(table())
        .relation()
        .print()
        .equals(moment.table(table()).relation().print());
  }

  private List<RowEvent> events(TableState before, TableState after) {
    if (before.version() == after.version()) {
      return List.of();
    }
    Map<Row, Integer> difference = after.content().difference(before.content());
    List<RowEvent> events = new ArrayList<>();
    difference.forEach((row, count) -> {
      if (progress) {
        events.add(new RowEvent.Counted(row, count));
      } else if (after.relation().isKeyed()) {
        ofKey(before, after, row, count).ifPresent(events::add);
      } else {
        RowEvent one = count > 0 ? new RowEvent.Inserted(row) : new RowEvent.Deleted(new Key(row));
        events.addAll(Collections.nCopies(Math.abs(count), one));
      }
    });
    return progress ? shuffled(events) : events;
  }

  /** A row of a table with a key, as one of three things that can happen to it. */
  private static Optional<RowEvent> ofKey(TableState before, TableState after, Row row, int count) {
    Key key = after.relation().keyOf(row);
    if (count < 0) {
      return after.content().row(key).isPresent()
          ? Optional.empty()
          : Optional.of(new RowEvent.Deleted(key));
    }
    return Optional.of(
        before.content().row(key).isPresent()
            ? new RowEvent.Upserted(Optional.empty(), row)
            : new RowEvent.Inserted(row));
  }

  private <T> List<T> shuffled(List<T> all) {
    List<T> shuffled = new ArrayList<>(all);
    for (int i = shuffled.size() - 1; i > 0; i--) {
      int j = world().below(i + 1);
      T other = shuffled.get(i);
      shuffled.set(i, shuffled.get(j));
      shuffled.set(j, other);
    }
    return shuffled;
  }
}
