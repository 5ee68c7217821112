package io.tycostream.adapters.db.risingwave;

import io.tycostream.adapters.db.ChangeCount;
import io.tycostream.adapters.db.Observed;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.util.List;

/** Looks for a while how much changes in a relation: through a cursor that begins now. */
public final class RisingWaveRate {

  private RisingWaveRate() {}

  /** What is seen in about so much time; blocks as long, and a little more. */
  public static Observed observe(
      RisingWaveSettings settings, RisingWaveRelation relation, Duration during) {
    RisingWaveSession session = new RisingWaveSession(settings);
    try {
      return observe(session, relation, during, Pace.USUAL);
    } catch (StreamException e) {
      return new Observed.NotKnown(e.failure().message());
    } finally {
      session.abort();
    }
  }

  private static Observed observe(
      RisingWaveSession session, RisingWaveRelation relation, Duration during, Pace pace)
      throws StreamException {
    Catalogue catalogue = new Catalogue(session);
    Catalogue.Found found = catalogue.relation(relation);
    if (catalogue.subscription(relation, found.id()).isEmpty()) {
      return new Observed.NotKnown("there is no subscription yet to see changes in");
    }
    long began = catalogue.now();
    SubscriptionCursor cursor =
        SubscriptionCursor.after(
            session,
            session.stream(relation.schema()),
            new LogDecoder(found.relation()),
            relation.subscription(),
            began - 1,
            pace);
    ChangeCount count = new ChangeCount(found.relation());
    long end = System.nanoTime() + during.toNanos();
    while (System.nanoTime() < end) {
      count(cursor.fetch(pace.rows(), pace.fetchSeconds()), began, Long.MAX_VALUE, count);
    }
    // And what is still to come of the time that has passed, so that both fit.
    long until = catalogue.now();
    List<LoggedRow> rest = cursor.fetch(pace.rows());
    while (!rest.isEmpty() && count(rest, began, until, count)) {
      rest = cursor.fetch(pace.rows());
    }
    return until > began
        ? count.during(Duration.ofMillis(until - began))
        : new Observed.NotKnown("the database did not get on in " + during.toMillis() + " ms");
  }

  /**
   * Counts what is later than one time and not later than another.
   *
   * @return whether none of the rows is later than that
   */
  private static boolean count(List<LoggedRow> rows, long after, long until, ChangeCount count) {
    for (LoggedRow row : rows) {
      if (!row.isSnapshot() && row.time() > after && row.time() <= until) {
        count.row(row.time(), row.row(), row.diff());
      }
    }
    return rows.isEmpty() || rows.getLast().time() <= until;
  }
}
