package io.tycostream.adapters.db.materialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.db.connection.ConnectionSettings;
import io.tycostream.adapters.db.connection.DatabaseEndpoint;
import io.tycostream.adapters.db.simulator.materialize.MaterializeSimulator;
import io.tycostream.adapters.db.simulator.materialize.MzObject;
import io.tycostream.adapters.db.simulator.materialize.MzRow;
import io.tycostream.adapters.db.simulator.wire.WireServer;
import io.tycostream.domain.change.Change;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Intake;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.source.Terms;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows a relation of a simulated Materialize as a driver does, without its waits, through the
 * real frontier, view and log.
 *
 * <p>After every batch that a client would get, the rows that it would have then are compared with
 * what the relation was at exactly that time; and every row that is decoded is counted before
 * anything could hide that it came twice.
 */
final class Following implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final MaterializeSource changes;
  private final Source source;
  private final Intake intake;
  private final Decoded decoded;
  private MzObject object;
  private final List<Failure> failures = new ArrayList<>();
  private final List<Position> published = new ArrayList<>();
  private final Set<Long> told = new HashSet<>();
  private final List<Excuse> excuses = new ArrayList<>();
  private final TreeMap<MzRow, Long> rows = new TreeMap<>();
  private @Nullable ChangeStream stream;

  /** What happened between the two was told as one difference, the later of them included. */
  private record Excuse(long from, long to) {}

  private @Nullable Cursor cursor;
  private boolean fresh = true;
  private int endpoint;
  private int opened;
  private int freshOpened;
  private int resyncs;
  private int inARow;

  Following(MaterializeSimulator database, MzObject object, String... key) {
    this(
        new MaterializeSource(
            List.of(settings(database.server())), relation(object, Duration.ofSeconds(10), key)),
        object);
  }

  Following(MaterializeSource changes, MzObject object) {
    this(changes, object, SourceLimits.DEFAULT);
  }

  Following(MaterializeSource changes, MzObject object, SourceLimits limits) {
    this.changes = changes;
    this.object = object;
    this.source = new Source("t", limits, NOW);
    this.intake = new Intake(List.of(source), NOW);
    this.decoded = new Decoded(intake);
  }

  static MaterializeRelation relation(MzObject object, Duration history, String... key) {
    return new MaterializeRelation("t", "public." + object.name(), List.of(key), history);
  }

  static MaterializeSettings settings(WireServer server) {
    return settings(server, Duration.ofSeconds(1));
  }

  static MaterializeSettings settings(WireServer server, Duration heartbeat) {
    return settings(
        new DatabaseEndpoint("Materialize", server.host(), server.port(), "materialize", false, ""),
        heartbeat);
  }

  static MaterializeSettings settings(DatabaseEndpoint endpoint, Duration heartbeat) {
    return new MaterializeSettings(
        new ConnectionSettings(
            endpoint,
            "materialize",
            "",
            "disable",
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            heartbeat,
            Duration.ofSeconds(5),
            2,
            "tycostream-test"),
        Optional.of("quickstart"),
        "");
  }

  /** From now on another relation has the name. */
  void follow(MzObject other) {
    object = other;
  }

  /** From now on another endpoint is opened, at which the relation is this one. */
  void endpoint(int next, MzObject there) {
    closeStream();
    endpoint = next;
    object = there;
  }

  /** The next stream reads all rows anew. */
  void loseHistory() {
    closeStream();
    fresh = true;
  }

  Source source() {
    return source;
  }

  /** All failures so far. */
  List<Failure> failures() {
    return failures;
  }

  /** Streams that were opened, also those that broke while they were. */
  int opened() {
    return opened;
  }

  int freshOpened() {
    return freshOpened;
  }

  /** Differences that were published. */
  int resyncs() {
    return resyncs;
  }

  int repeated() {
    return decoded.repeated();
  }

  /** What clients would have now. */
  Map<MzRow, Long> rows() {
    return rows;
  }

  /** The position of each batch that was published. */
  List<Position> published() {
    return published;
  }

  Optional<Checkpoint> complete() {
    return intake.complete();
  }

  boolean stands() {
    ChangeStream open = stream;
    return open != null && open.stands();
  }

  boolean isHeldUp() {
    ChangeStream open = stream;
    return open != null && open.isHeldUp();
  }

  /** Follows until everything before the relation's frontier is complete. */
  void untilCaughtUp() throws StreamException {
    until(() ->
        complete().filter(at -> at.time() + 1 == object.upper()).isPresent() && stream != null);
    assertEquals(object.state(object.upper() - 1), rows, "the rows at the end");
    assertEquals(0, repeated(), "rows that were told again");
  }

  /**
   * Each time at which something changed behind the first position is the position of a batch,
   * unless all rows had to be read anew and their difference passed over it.
   */
  void assertEachMomentPublished() {
    assertEquals(List.of(), lost(), "times at which nothing was told");
  }

  /**
   * The times at which something changed and nothing was told, up to what is complete. A loss that
   * a later batch makes good is one, too.
   */
  List<Long> lost() {
    long first = published.getFirst().time();
    return object.changes(first + 1, published.getLast().time() + 1).stream()
        .map(update -> update.time())
        .distinct()
        .filter(time -> !told.contains(time))
        .filter(time -> excuses.stream().noneMatch(each -> each.from() < time && time <= each.to()))
        .toList();
  }

  /** Times at which something changed and was told by itself. */
  int told() {
    return told.size();
  }

  /** Follows, over failures that pass by themselves, until something holds. */
  void until(BooleanSupplier condition) throws StreamException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(
          System.nanoTime() < deadline,
          () -> "not in time, at " + complete() + "; failures: " + failures);
      try {
        step();
      } catch (StreamException e) {
        failed(e);
      }
    }
  }

  /** Opens or polls once. */
  boolean step() throws StreamException {
    ChangeStream open = stream;
    boolean heard = true;
    if (open == null) {
      opened++;
      freshOpened += fresh ? 1 : 0;
      intake.beginStream(fresh);
      decoded.beginStream(fresh ? Optional.empty() : intake.complete());
      boolean anew = fresh && !published.isEmpty();
      stream = changes.open(endpoint, fresh, decoded);
      if (anew) {
        long from = published.getLast().time();
        decoded.loading().ifPresent(at -> excuses.add(new Excuse(from, at.time())));
      }
      fresh = false;
    } else {
      heard = open.poll(decoded);
      inARow = heard ? 0 : inARow;
    }
    check();
    return heard;
  }

  /** What a driver does when a stream breaks. */
  private void failed(StreamException e) throws StreamException {
    failures.add(e.failure());
    assertTrue(++inARow < 50, () -> "over and over: " + e.getMessage());
    closeStream();
    FailureKind kind = e.failure().kind();
    if (kind == FailureKind.QUERY || kind == FailureKind.CREDENTIALS) {
      throw e;
    }
    fresh = kind == FailureKind.HISTORY_LOST || intake.complete().isEmpty();
  }

  /** Lets the stream go, as a gateway that is started again does, or whose connection breaks. */
  void closeStream() {
    ChangeStream open = stream;
    stream = null;
    if (open != null) {
      open.close();
    }
  }

  private void check() {
    Cursor reading = cursor;
    if (reading == null) {
      if (source.generation().isEmpty()) {
        return;
      }
      Buffer all =
          new Buffer(Buffer.AUTO, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofDays(1), 1);
      Terms terms = new Terms(Definition.WHOLE, Optional.empty(), true, OnGap.SNAPSHOT, all);
      reading = new Cursor(source, terms, NOW, PATIENCE, () -> {});
      cursor = reading;
    }

    for (Delivery next = reading.next(NOW);
        !(next instanceof Delivery.Nothing);
        next = reading.next(NOW)) {
      switch (next) {
        case Delivery.Everything all -> {
          rows.clear();
          all.snapshot().rows().forEach(row -> add(row, 1));
          compare(all.position());
        }
        case Delivery.Next batch -> {
          resyncs += batch.batch().entry().batch().resync() ? 1 : 0;
          batch.changes().forEach(this::apply);
          compare(batch.position());
          told.add(batch.position().time());
        }
        case Delivery.Reached reached -> compare(reached.position());
        case Delivery.Began began -> {}
        case Delivery.Status status -> {}
        default -> throw new AssertionError("not expected here: " + next);
      }
    }
  }

  private void compare(Position at) {
    if (!published.isEmpty()) {
      Position before = published.getLast();
      assertTrue(
          !before.epoch().equals(at.epoch()) || !before.isAheadOf(at),
          () -> "from " + before + " to " + at);
    }
    published.add(at);
    assertEquals(object.state(at.time()), rows, () -> "the rows at " + at);
  }

  private void apply(Change change) {
    switch (change) {
      case Change.Insert insert -> add(insert.row(), 1);
      case Change.Update update -> {
        add(update.before(), -1);
        add(update.row(), 1);
      }
      case Change.Delete delete -> add(delete.before(), -1);
    }
  }

  private void add(Row row, long diff) {
    List<@Nullable String> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      values.add(row.value(i));
    }
    rows.merge(MzRow.of(values), diff, (a, b) -> a + b == 0 ? null : a + b);
  }

  @Override
  public void close() {
    closeStream();
  }
}
