package io.tycostream.domain.source;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.source.CursorProperties.Deed.Commit;
import io.tycostream.domain.source.CursorProperties.Deed.Follow;
import io.tycostream.domain.source.CursorProperties.Deed.Fork;
import io.tycostream.domain.source.CursorProperties.Deed.Idle;
import io.tycostream.domain.source.CursorProperties.Deed.Join;
import io.tycostream.domain.source.CursorProperties.Deed.Leave;
import io.tycostream.domain.source.CursorProperties.Deed.Pass;
import io.tycostream.domain.source.CursorProperties.Deed.Read;
import io.tycostream.domain.source.CursorProperties.Deed.Reconnect;
import io.tycostream.domain.source.CursorProperties.Deed.Recreate;
import io.tycostream.domain.source.CursorProperties.Deed.Resync;
import io.tycostream.domain.source.CursorProperties.Deed.Say;
import io.tycostream.domain.upstream.Endpoints;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.UpstreamState;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Trouble;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * A database, a source that follows it as a gateway does, and clients that come, go, read slowly
 * and bring positions from other gateways, in any order. What must hold is in {@link NaiveClient}.
 */
final class CursorProperties {

  /** What happens next. */
  sealed interface Deed {
    record Commit(int later, Map<Integer, Optional<String>> writes) implements Deed {}

    record Idle(int later) implements Deed {}

    record Recreate(boolean otherShape) implements Deed {}

    record Fork(boolean sameRows) implements Deed {}

    record Follow(int moments) implements Deed {}

    record Resync() implements Deed {}

    record Pass(int seconds) implements Deed {}

    record Say(boolean live) implements Deed {}

    /** A client comes, with nothing, or with what the database had that share of its life ago. */
    record Join(Optional<Double> share, Wanted wanted, Way way) implements Deed {}

    record Read(int client, int deliveries) implements Deed {}

    record Reconnect(int client) implements Deed {}

    record Leave(int client) implements Deed {}
  }

  /** How a client follows. */
  record Way(DropPolicy policy, long maxSize, boolean forEvents, boolean snapshot) {

    Buffer buffer() {
      return new Buffer(maxSize, policy, 0.8, 0.95, Duration.ofSeconds(3), 3);
    }

    OnGap onGap() {
      return forEvents ? OnGap.CONTINUE : OnGap.SNAPSHOT;
    }
  }

  @Property(tries = 2_000, edgeCases = EdgeCasesMode.NONE)
  void whoeverDoesWhatIsSaidHasTheRowsOfTheDatabase(
      @ForAll("stories") List<Deed> story,
      @ForAll("limits") HistoryLimits limits,
      @ForAll("marks") long maxMarkBytes) {
    Stage stage = new Stage(limits, maxMarkBytes);
    story.forEach(stage::act);
    stage.settle();
  }

  /** Everything that takes part. */
  private static final class Stage {
    private final ToldDatabase database = new ToldDatabase();
    private final HistoryLimits limits;
    private final long maxMarkBytes;
    private final Source source;
    private final List<NaiveClient> clients = new ArrayList<>();
    private final Followed followed = new Followed();
    private Instant now = Instant.EPOCH;
    private int reached = -1;

    Stage(HistoryLimits limits, long maxMarkBytes) {
      this.limits = limits;
      this.maxMarkBytes = maxMarkBytes;
      source = new Source("t", new SourceLimits(limits, 1_000, 1 << 20, maxMarkBytes), now);
    }

    void act(Deed deed) {
      now = now.plusMillis(10);
      switch (deed) {
        case Commit commit -> database.commit(commit.later, commit.writes);
        case Idle idle -> database.idle(idle.later);
        case Recreate recreate -> database.recreate(recreate.otherShape);
        case Fork fork -> database.fork(fork.sameRows);
        case Follow follow -> follow(follow.moments);
        case Resync resync -> load();
        case Pass pass -> {
          now = now.plusSeconds(pass.seconds);
          source.tick(now);
        }
        case Say say -> source.upstream(upstream(say.live));
        case Join join ->
            clients.add(
                new NaiveClient(
                    source,
                    database,
                    followed,
                    join.wanted,
                    join.way.buffer(),
                    join.way.onGap(),
                    !join.way.forEvents || join.way.snapshot,
                    join.share.map(this::moment),
                    now));
        case Read read -> pick(read.client).ifPresent(client -> read(client, read.deliveries));
        case Reconnect again -> pick(again.client).ifPresent(client -> client.reconnect(now));
        case Leave leave ->
            pick(leave.client)
                .ifPresent(client -> {
                  client.leave();
                  clients.remove(client);
                });
      }
    }

    private ToldDatabase.Moment moment(double share) {
      return database.moments().get((int) (share * database.moments().size()));
    }

    private Optional<NaiveClient> pick(int client) {
      return clients.isEmpty()
          ? Optional.empty()
          : Optional.of(clients.get(client % clients.size()));
    }

    private void read(NaiveClient client, int deliveries) {
      int left = deliveries;
      while (left > 0 && client.read(now)) {
        left--;
        checkHands();
      }
    }

    /**
     * What was merged for clients alone is bounded, but for the first of them; and so are the marks
     * of their feeds.
     */
    private void checkHands() {
      source.generation().ifPresent(g -> assertTrue(g.markBytes() <= maxMarkBytes));
      List<Long> inHand =
          clients.stream().map(NaiveClient::mergedInHand).filter(bytes -> bytes > 0).toList();
      long sum = inHand.stream().mapToLong(Long::longValue).sum();
      assertTrue(
          inHand.size() <= 1 || sum <= limits.maxBytes(),
          () -> sum + " bytes of merged batches are in hand: " + inHand);
    }

    private void follow(int count) {
      for (int i = 0; i < count && reached < database.moments().size() - 1; i++) {
        ToldDatabase.Moment next = database.moments().get(reached + 1);
        if (reached < 0 || next.events().isEmpty()) {
          load();
          return;
        }
        long time = next.position().time();
        if (next.events().get().isEmpty()) {
          source.progress(time, now);
        } else {
          source.apply(time, next.events().get(), now);
        }
        reached++;
        remember();
        checkHands();
      }
    }

    /** A snapshot of the database as it is now, whatever was not followed till then. */
    private void load() {
      ToldDatabase.Moment present = database.present();
      source.load(
          present.relation(), present.position(), List.copyOf(present.rows().values()), now);
      reached = database.moments().size() - 1;
      remember();
      checkHands();
    }

    private void remember() {
      followed.remember(source);
    }

    private UpstreamState upstream(boolean live) {
      Endpoints endpoints = Endpoints.of(List.of("only"));
      Outage outage =
          new Outage(now, 1, false, false, false, new Trouble(now, Optional.empty()), endpoints);
      return live
          ? new UpstreamState.Live(
              now, now, now, now, false, 0, Optional.empty(), endpoints, Optional.empty())
          : new UpstreamState.Waiting(outage, new Failure(FailureKind.NETWORK, "cut"), now);
    }

    void settle() {
      int turns = 0;
      boolean more = true;
      while (more) { // who finds no room has more once the others are done
        more = false;
        for (NaiveClient client : clients) {
          while (client.read(now)) {
            assertTrue(++turns < 6_000, "never comes to an end");
            checkHands();
            more = true;
          }
        }
      }
      now = now.plusSeconds(1);
      for (NaiveClient client : clients) { // all have been told by then how far the source is
        read(client, 2);
        client.assertSettled(now);
      }
      clients.forEach(NaiveClient::leave);
      for (int tick = 0; tick <= 30; tick++) {
        source.tick(now);
      }
      source
          .generation()
          .ifPresent(g -> assertTrue(g.feeds().feeds().isEmpty(), "a feed that nobody follows"));
    }
  }

  @Provide
  Arbitrary<List<Deed>> stories() {
    Arbitrary<Integer> later = Arbitraries.integers().between(1, 3);
    Arbitrary<Integer> client = Arbitraries.integers().between(0, 5);
    Arbitrary<Optional<String>> value = Arbitraries.of("a", "b", "c").optional(0.7);
    Arbitrary<Map<Integer, Optional<String>>> writes =
        Arbitraries.maps(Arbitraries.integers().between(0, 4), value).ofMinSize(1).ofMaxSize(4);
    Arbitrary<Boolean> either = Arbitraries.of(true, false);
    Arbitrary<Optional<Double>> share =
        Arbitraries.doubles().between(0, true, 1, false).optional(0.7);
    Arbitrary<Deed> read =
        Combinators.combine(client, Arbitraries.of(1, 2, 4, 1_000)).as(Read::new);
    return Arbitraries.frequencyOf(
            Tuple.of(14, Combinators.combine(later, writes).as(Commit::new)),
            Tuple.of(3, later.map(Idle::new)),
            Tuple.of(1, either.map(Recreate::new)),
            Tuple.of(1, either.map(Fork::new)),
            Tuple.of(12, Arbitraries.of(1, 2, 100).map(Follow::new)),
            Tuple.of(2, Arbitraries.just(new Resync())),
            Tuple.of(3, Arbitraries.of(1, 6, 11, 40).map(Pass::new)),
            Tuple.of(2, either.map(Say::new)),
            Tuple.of(
                8, Combinators.combine(share, Arbitraries.of(Wanted.class), ways()).as(Join::new)),
            Tuple.of(14, read),
            Tuple.of(3, client.map(Reconnect::new)),
            Tuple.of(1, client.map(Leave::new)))
        .list()
        .ofMinSize(5)
        .ofMaxSize(60);
  }

  private static Arbitrary<Way> ways() {
    Arbitrary<Way> ways =
        Combinators.combine(
                Arbitraries.of(DropPolicy.class),
                Arbitraries.of(1L, 2L, 4L, 16_600L, Buffer.AUTO),
                Arbitraries.of(true, false),
                Arbitraries.of(true, false))
            .as(Way::new);
    return ways.filter(way -> way.forEvents ? way.policy.forEvents() : way.policy.forState());
  }

  @Provide
  Arbitrary<Long> marks() {
    return Arbitraries.of(0L, 100L, 1L << 30);
  }

  @Provide
  Arbitrary<HistoryLimits> limits() {
    return Combinators.combine(
            Arbitraries.of(0L, 2L, 5L, 1_000L),
            Arbitraries.of(5L, 3_600L).map(Duration::ofSeconds),
            Arbitraries.of(1_000L, 1L << 30))
        .as(HistoryLimits::new);
  }
}
