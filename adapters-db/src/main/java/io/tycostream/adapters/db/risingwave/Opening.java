package io.tycostream.adapters.db.risingwave;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.Resumption;
import io.tycostream.domain.upstream.Resumption.Followed;
import io.tycostream.domain.upstream.Resumption.Held;
import io.tycostream.domain.upstream.Resumption.Retained;
import io.tycostream.domain.upstream.Resumption.Shown;
import io.tycostream.domain.upstream.StreamException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How a stream is opened.
 *
 * <p><b>Resumed</b> behind R: a cursor {@code SINCE R+1}, when everything later than R is in the
 * log.
 *
 * <p><b>Fresh</b>: all rows at the epoch S where a {@code FULL} cursor is pinned, then a cursor
 * {@code SINCE S+1}. For the first stream of a process the second cursor begins at an earlier L,
 * and the changes from L to S are undone on the rows at S, which gives the rows at L exactly; those
 * are told, and then every change. When that cannot be done it is S alone.
 *
 * <p>Rows and changes are held until {@link RisingWaveStream} tells them: nothing is told of a
 * stream that does not stand.
 */
final class Opening {

  private static final System.Logger LOG = System.getLogger(Opening.class.getName());

  /** Nothing but the subscription's log carries the changes, and its beginning is compared. */
  private static final String CARRIAGE = "log";

  /** This part of the log is not counted on. */
  private static final long MARGIN = 10;

  private final RisingWaveSession session;
  private final RisingWaveRelation wanted;
  private final Pace pace;
  private final ChangeSink sink;
  private final Catalogue catalogue;
  private final String epoch;
  private final Catalogue.Found found;
  private final Connection connection;
  private final LogDecoder decoder;

  private Optional<Duration> kept = Optional.empty();

  /**
   * Connects and looks.
   *
   * @throws StreamException when the relation cannot be followed
   */
  Opening(RisingWaveSession session, RisingWaveRelation wanted, Pace pace, ChangeSink sink)
      throws StreamException {
    this.session = session;
    this.wanted = wanted;
    this.pace = pace;
    this.sink = sink;
    this.connection = session.stream(wanted.schema());
    this.catalogue = new Catalogue(session);
    catalogue.version();
    this.epoch = catalogue.epoch();
    this.found = catalogue.relation(wanted);
    this.decoder = new LogDecoder(found.relation());
  }

  /** For how long the log is kept, as far as the subscription says so. */
  Optional<Duration> kept() {
    return kept;
  }

  /** A stream that goes on behind what the sink has. */
  RisingWaveStream resumed() throws StreamException {
    Subscription subscription = subscription();
    long present = present();
    Map<String, String> known =
        sink.relation(wanted.source())
            .map(relation -> Map.of(wanted.source(), relation.print()))
            .orElse(Map.of());
    Followed followed = new Followed(found.relation().print(), CARRIAGE);
    Held held = new Held(sink.complete(), known, Map.of(wanted.source(), followed));
    Shown shown = shown(present, new Retained.After(subscription.loggedAfter(present)), followed);
    Resumption resumption = Resumption.decide(held, shown);
    if (!(resumption instanceof Resumption.Resume(Checkpoint at))) {
      throw refusal(resumption);
    }
    SubscriptionCursor cursor = log(at.time());
    sink.resumed(at.time());
    LogReader.Progress progress =
        new LogReader.Progress(at.time(), OptionalLong.empty(), OptionalLong.of(present));
    return stream(cursor, subscription, Told.nothing(), progress);
  }

  /**
   * A stream that begins with all rows.
   *
   * @param toldBefore whether the sink had all rows before; set when it has
   */
  RisingWaveStream fresh(AtomicBoolean toldBefore) throws StreamException {
    Subscription subscription = subscription();
    long present = present();
    if (sink.complete().isPresent()) {
      Followed followed = new Followed(found.relation().print(), CARRIAGE);
      Optional<Resumption> backwards =
          Resumption.backwards(
              sink.complete().get(), shown(present, new Retained.After(0), followed));
      if (backwards.isPresent()) {
        throw refusal(backwards.get());
      }
    }
    sink.snapshotStarted();
    SubscriptionCursor rows =
        SubscriptionCursor.full(session, connection, decoder, wanted.subscription());
    RowsRead read = rows(rows);
    sink.snapshotProgressed();
    long at = read.at;
    if (sink.complete()
        .filter(complete ->
            complete.epoch().equals(epoch) && Long.compareUnsigned(at, complete.time()) < 0)
        .isPresent()) {
      throw session.failure(FailureKind.BEHIND, "the frontend is not yet where we are");
    }
    if (at < subscription.createdAt()) {
      // What happened between the two would be neither among the rows nor in the log.
      throw session.failure(
          FailureKind.NETWORK, "the subscription is younger than the rows; they are read again");
    }
    // Never behind what was told: not even if it did not fit.
    boolean begins = !toldBefore.get() && sink.complete().isEmpty() && sink.wantsPast();
    OptionalLong back = begins ? back(subscription, present, at) : OptionalLong.empty();
    if (back.isPresent()) {
      Optional<RisingWaveStream> rewound =
          rewound(subscription, back.getAsLong(), read, toldBefore);
      if (rewound.isPresent()) {
        return rewound.get();
      }
    }
    SubscriptionCursor cursor = log(at);
    requireSame(subscription);
    return stream(
        cursor,
        subscription,
        new Told(loading(at), read.rows, List.of(), at, toldBefore),
        new LogReader.Progress(at, OptionalLong.empty(), OptionalLong.empty()));
  }

  /** The rows of a snapshot, and the time that they are of. */
  private record RowsRead(long at, List<Row> rows) {}

  private RowsRead rows(SubscriptionCursor cursor) throws StreamException {
    List<Row> rows = new ArrayList<>();
    OptionalLong pinned = cursor.pinned();
    List<LoggedRow> fetched = cursor.fetch(pinned.isPresent() ? pace.rows() : 1);
    if (pinned.isEmpty()) {
      pinned = cursor.pinned(); // known only now, where the snapshot is taken at the first FETCH
    }
    if (pinned.isEmpty()) {
      throw session.failure(
          FailureKind.QUERY,
          "this RisingWave does not tell in SHOW SUBSCRIPTION CURSORS at which epoch a cursor's"
              + " snapshot is; without it no change can be told apart from the rows");
    }
    long bytes = 0;
    boolean more = true;
    while (more) {
      for (LoggedRow row : fetched) {
        if (row.isSnapshot()) {
          rows.add(row.row());
          bytes += row.row().bytes();
        }
      }
      if (rows.size() > wanted.limits().maxRows() || bytes > wanted.limits().maxBytes()) {
        throw session.failure(
            FailureKind.QUERY,
            "source %s is too large, the limits are %,d rows and %,d bytes (cache.max-rows and cache.max-bytes)"
                .formatted(wanted.source(), wanted.limits().maxRows(), wanted.limits().maxBytes()));
      }
      sink.snapshotProgressed();
      // The snapshot is over when nothing comes, or something that happened after it.
      more = !fetched.isEmpty() && fetched.getLast().isSnapshot();
      if (more) {
        fetched = cursor.fetch(pace.rows());
      }
    }
    cursor.close();
    return new RowsRead(EpochTime.millis(pinned.getAsLong()), rows);
  }

  /** From where on changes are read for clients that come back; nothing when it is not earlier. */
  private OptionalLong back(Subscription subscription, long present, long at) {
    if (subscription.retention().isEmpty()) {
      return OptionalLong.empty(); // who knows what of it is there
    }
    // A part of what is kept leaves while it is being read.
    long margin = subscription.retention().get().toMillis() / MARGIN;
    long back =
        Math.max(
            present - wanted.limits().history().maxAge().toMillis(),
            subscription.loggedAfter(present + margin));
    return back < at ? OptionalLong.of(back) : OptionalLong.empty();
  }

  private Optional<RisingWaveStream> rewound(
      Subscription subscription, long back, RowsRead read, AtomicBoolean toldBefore)
      throws StreamException {
    SubscriptionCursor cursor;
    try {
      cursor = log(back);
    } catch (StreamException e) {
      if (e.failure().kind() != FailureKind.HISTORY_LOST) {
        throw e;
      }
      return without(e.failure().message());
    }
    HistoryLimits limits = wanted.limits().history();
    List<LoggedRow> changes = new ArrayList<>();
    long bytes = 0;
    boolean more = true;
    while (more) {
      List<LoggedRow> fetched = cursor.fetch(pace.rows());
      if (fetched.isEmpty()) {
        // Once more: one that comes upon other columns brings nothing although there is more.
        fetched = cursor.fetch(pace.rows());
      }
      for (LoggedRow change : fetched) {
        changes.add(change);
        bytes += change.event().bytes();
      }
      if (changes.size() > limits.maxEvents() || bytes > limits.maxBytes()) {
        cursor.close();
        return without("it holds more changes than the history may");
      }
      sink.snapshotProgressed();
      more = !fetched.isEmpty() && fetched.getLast().time() <= read.at;
    }
    Subscription still = requireSame(subscription);
    if (still.loggedAfter(catalogue.now()) > back) {
      cursor.close();
      return without("its beginning left the log meanwhile");
    }
    List<LoggedRow> undone = changes.stream().filter(change -> change.time() <= read.at).toList();
    Optional<List<Row>> before = Rewind.before(read.rows, undone);
    if (before.isEmpty()) {
      cursor.close();
      return without("it does not fit the rows");
    }
    boolean cut = !changes.isEmpty() && changes.getLast().time() > read.at;
    return Optional.of(
        stream(
            cursor,
            subscription,
            new Told(loading(back), before.get(), changes, read.at, toldBefore),
            new LogReader.Progress(
                cut ? changes.getLast().time() : read.at,
                cut ? OptionalLong.of(changes.getLast().time()) : OptionalLong.empty(),
                OptionalLong.empty())));
  }

  private Optional<RisingWaveStream> without(String why) {
    LOG.log(
        System.Logger.Level.WARNING,
        "{0}: source {1}: the log is not used to fill the history: {2}",
        session.where(),
        wanted.source(),
        why);
    return Optional.empty();
  }

  private Told.Loading loading(long at) {
    return new Told.Loading(found.relation(), new Checkpoint(epoch, at));
  }

  private RisingWaveStream stream(
      SubscriptionCursor cursor, Subscription subscription, Told told, LogReader.Progress progress)
      throws StreamException {
    cursor.limitSilence(Duration.ofSeconds(pace.fetchSeconds()));
    LogReader reader =
        new LogReader(
            session, connection, cursor, wanted, found.id(), subscription, pace, progress);
    boolean caughtUp = progress.behind().isEmpty();
    return new RisingWaveStream(session, wanted.source(), told, caughtUp, reader);
  }

  private SubscriptionCursor log(long after) throws StreamException {
    return SubscriptionCursor.after(
        session, connection, decoder, wanted.subscription(), after, pace);
  }

  private Subscription subscription() throws StreamException {
    Optional<Subscription> there = catalogue.subscription(wanted, found.id());
    if (there.isEmpty() && wanted.create()) {
      catalogue.create(wanted);
      there = catalogue.subscription(wanted, found.id());
    }
    kept = there.flatMap(Subscription::retention);
    return there.orElseThrow(() ->
        session.failure(
            FailureKind.QUERY,
            "the subscription "
                + wanted.subscription()
                + " is missing; make it with "
                + Catalogue.creation(wanted)
                + ", or set create: true for the source"));
  }

  /** What was read is whole only when the subscription was there all the time. */
  private Subscription requireSame(Subscription subscription) throws StreamException {
    return catalogue
        .subscription(wanted, found.id())
        .filter(still -> still.id() == subscription.id())
        .orElseThrow(() ->
            session.failure(
                FailureKind.NETWORK, "the subscription was made anew while its rows were read"));
  }

  /** How far the database is; a frontend that lags behind us for a moment is waited for. */
  private long present() throws StreamException {
    long ours =
        sink.complete()
            .filter(complete -> complete.epoch().equals(epoch))
            .map(Checkpoint::time)
            .orElse(0L);
    Patience patience = new Patience(pace);
    long now = catalogue.now();
    while (Long.compareUnsigned(now, ours) < 0 && patience.rest()) {
      now = catalogue.now();
    }
    return now;
  }

  private Shown shown(long present, Retained retained, Followed followed) {
    boolean replica = session.settings().connection().endpoint().replica();
    return new Shown(epoch, present, replica, retained, Map.of(wanted.source(), followed));
  }

  private StreamException refusal(Resumption resumption) {
    return switch (resumption) {
      case Resumption.HistoryLost(String reason) ->
          session.failure(FailureKind.HISTORY_LOST, reason + "; all rows are read anew");
      case Resumption.Behind(long lag) ->
          session.failure(FailureKind.BEHIND, "the server lags behind us by " + lag + " ms");
      case Resumption.SetBack(Checkpoint ours, long present) ->
          session.failure(
              FailureKind.QUERY,
              "the database was set back: it is at "
                  + present
                  + ", we were at "
                  + ours.time()
                  + "; set a new history-id and start the gateway again");
      case Resumption.Resume resume -> throw new IllegalArgumentException("no refusal: " + resume);
    };
  }
}
