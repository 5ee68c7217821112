package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.Recovery;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Pressure;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ConversationTest {

  private static final long MAX_BYTES = 10_000;

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Relation RELATION =
      new Relation(
          "public.t",
          "1",
          List.of(new Column("id", "int4"), new Column("v", "text")),
          List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());
  private static final SourceLimits LIMITS =
      new SourceLimits(new HistoryLimits(10_000, Duration.ofDays(1), 1L << 40), 1L << 40, 1L << 40);
  private static final Filter RED =
      new Filter.Compared("v", Filter.Comparison.EQ, new Literal.Text("red"));
  private static final Filter RED_TOO =
      new Filter.OneOf("v", List.of(new Literal.Text("red")), false);

  private final Map<String, Source> sources = new LinkedHashMap<>();
  private final Map<Feed, Integer> numbers = new HashMap<>();
  private final Map<String, Long> times = new HashMap<>();
  private WaitingRoom room = new WaitingRoom(2);
  private int wakeUps;

  ConversationTest() {
    for (String name : List.of("a", "b", "c", "d")) {
      sources.put(name, new Source(name, LIMITS, NOW));
    }
  }

  @Test
  void eachFaultOfASubscribeHasItsCode() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    assertEquals(Optional.empty(), conversation.subscribe(new Subscribe("1", "a", none()), NOW));
    assertRefused(
        ErrorCode.DUPLICATE_REF, conversation.subscribe(new Subscribe("1", "b", none()), NOW));
    assertRefused(
        ErrorCode.UNKNOWN_SOURCE, conversation.subscribe(new Subscribe("2", "x", none()), NOW));
    assertRefused(
        ErrorCode.BAD_POSITION,
        conversation.subscribe(new Subscribe("2", "b", Optional.of("nonsense")), NOW));
    assertRefused(
        ErrorCode.DUPLICATE_SUBSCRIPTION,
        conversation.subscribe(new Subscribe("2", "a", none()), NOW));
    assertRefused(
        ErrorCode.POLICY_NEEDS_EVENTS,
        conversation.subscribe(wish("2", "b", DropPolicy.SAMPLE, OnGap.SNAPSHOT), NOW));
    assertRefused(
        ErrorCode.POLICY_NEEDS_STATE,
        conversation.subscribe(wish("2", "b", DropPolicy.CONFLATE, OnGap.CONTINUE), NOW));
    assertRefused(
        ErrorCode.BAD_REQUEST,
        conversation.subscribe(wish("2", "b", DropPolicy.BY_PRIORITY, OnGap.SNAPSHOT), NOW));
    assertEquals(1, conversation.subscriptions().size(), "what is refused leaves nothing");
    conversation.subscribe(new Subscribe("2", "b", none()), NOW);
    conversation.subscribe(new Subscribe("3", "c", none()), NOW);
    assertRefused(
        ErrorCode.LIMIT_EXCEEDED, conversation.subscribe(new Subscribe("4", "d", none()), NOW));
  }

  @Test
  void whatDoesNotGoWithTheColumnsIsRefusedWhenItsTurnComes() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(
        filtered("1", "a", new Filter.IsNull("nope", true), Optional.empty()), NOW);
    conversation.subscribe(
        filtered(
            "2",
            "a",
            new Filter.Compared("id", Filter.Comparison.EQ, new Literal.Text("x")),
            Optional.empty()),
        NOW);
    conversation.subscribe(filtered("3", "a", RED, Optional.of(Set.of("nope"))), NOW);
    List<String> codes = new ArrayList<>();
    conversation.begin(false, NOW);
    for (Subscription each : conversation.subscriptions()) {
      Delivery.Refused why =
          assertInstanceOf(Delivery.Refused.class, conversation.next(each, NOW), each.ref());
      codes.add(assertInstanceOf(Refused.class, conversation.refusal(each, why)).code());
    }
    assertEquals(List.of("unknown-column", "bad-filter", "unknown-column"), codes);
    assertEquals(List.of(), conversation.subscriptions());
    assertEquals(Optional.empty(), conversation.turn());
  }

  @Test
  void whoWaitsForASourceIsRefusedInTheEnd() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    Subscription waiting = conversation.subscriptions().getFirst();
    assertInstanceOf(Delivery.Status.class, conversation.next(waiting, NOW));
    assertInstanceOf(Delivery.Nothing.class, conversation.next(waiting, NOW));
    Instant giveUp = conversation.deadline().orElseThrow();
    assertEquals(NOW.plusSeconds(30), giveUp);
    assertEquals(
        ErrorCode.SOURCE_NOT_READY,
        assertInstanceOf(Delivery.Refused.class, conversation.next(waiting, giveUp)).code());
    assertEquals(Optional.empty(), conversation.deadline());
  }

  @Test
  void whoFindsNoPlaceToWaitIsRefusedAtOnce() {
    Conversation one = conversation(Buffer.DEFAULT);
    Conversation other = conversation(Buffer.DEFAULT);
    assertEquals(Optional.empty(), one.subscribe(new Subscribe("1", "a", none()), NOW));
    assertEquals(Optional.empty(), other.subscribe(new Subscribe("1", "b", none()), NOW));
    assertEquals(2, room.taken());

    Refused refused =
        assertInstanceOf(
            Refused.class, other.subscribe(new Subscribe("2", "a", none()), NOW).orElseThrow());
    assertEquals("source-not-ready", refused.code());
    assertTrue(refused.retryable());
    assertEquals(1, other.subscriptions().size());
    assertEquals(2, room.taken());
  }

  @Test
  void aPlaceToWaitIsFreeWhenItsSubscriptionBeginsOrEnds() {
    Conversation one = conversation(Buffer.DEFAULT);
    Conversation other = conversation(Buffer.DEFAULT);
    one.subscribe(new Subscribe("1", "a", none()), NOW);
    other.subscribe(new Subscribe("1", "b", none()), NOW);

    load("a");
    begun(one, "1");
    assertEquals(1, room.taken());
    one.close();
    assertEquals(1, room.taken(), "it is given back once");

    other.unsubscribe(new Unsubscribe(Optional.of("1"), OptionalInt.empty()));
    assertEquals(0, room.taken());
    other.subscribe(new Subscribe("2", "b", none()), NOW);
    assertEquals(1, room.taken());
    other.close();
    assertEquals(0, room.taken());
  }

  @Test
  void whoIsRefusedAfterTheWaitGivesThePlaceBack() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    Subscription waiting = conversation.subscriptions().getFirst();
    conversation.next(waiting, NOW);
    assertInstanceOf(
        Delivery.Refused.class, conversation.next(waiting, conversation.deadline().orElseThrow()));
    assertEquals(0, room.taken());
  }

  @Test
  void aSourceWithRowsNeedsNoPlace() {
    load("a");
    room = new WaitingRoom(0);
    Conversation conversation = conversation(Buffer.DEFAULT);
    assertEquals(Optional.empty(), conversation.subscribe(new Subscribe("1", "a", none()), NOW));
  }

  @Test
  void theSameInOtherWordsIsNoticedWhenItBegins() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(filtered("1", "a", RED, Optional.empty()), NOW);
    conversation.subscribe(filtered("2", "a", RED_TOO, Optional.empty()), NOW);
    Subscription first = conversation.subscriptions().get(0);
    Subscription second = conversation.subscriptions().get(1);
    assertInstanceOf(Delivery.Began.class, conversation.next(first, NOW));
    Delivery.Refused why = assertInstanceOf(Delivery.Refused.class, conversation.next(second, NOW));
    assertEquals(
        new Refused(
            Optional.of("2"),
            first.feedNumber(),
            "duplicate-subscription",
            "\"1\" follows the same",
            false),
        conversation.refusal(second, why));
    assertEquals(List.of(first), conversation.subscriptions());
    takeAll(conversation, first);
    assertEquals(Optional.empty(), conversation.ack(ack(first, START)), "the first one stands");
    // Of what was asked for in the same words it is known at once.
    assertRefused(
        ErrorCode.DUPLICATE_SUBSCRIPTION,
        conversation.subscribe(filtered("2", "a", RED, Optional.empty()), NOW));
  }

  @Test
  void unsubscribeNamesARefOrAFeed() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    conversation.subscribe(new Subscribe("2", "b", none()), NOW);
    OptionalInt feed = begun(conversation, "1").feedNumber();
    assertEquals(
        new Unsubscribed("1", feed, Optional.empty()),
        conversation.unsubscribe(new Unsubscribe(Optional.empty(), feed)));
    assertEquals(
        new Unsubscribed("2", OptionalInt.empty(), Optional.empty()),
        conversation.unsubscribe(new Unsubscribe(Optional.of("2"), OptionalInt.empty())));
    for (Unsubscribe again :
        List.of(
            new Unsubscribe(Optional.empty(), feed),
            new Unsubscribe(Optional.of("2"), OptionalInt.empty()))) {
      assertRefused(ErrorCode.UNKNOWN_FEED, Optional.of(conversation.unsubscribe(again)));
    }
    conversation.begin(false, NOW);
    assertEquals(Optional.empty(), conversation.turn());
  }

  @Test
  void acksAreOfWhatWasSent() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    Subscription subscription = begun(conversation, "1");
    takeAll(conversation, subscription);
    put("a", 3);
    assertRefused(ErrorCode.BAD_POSITION, conversation.ack(ack(subscription, START.at(103))));
    takeAll(conversation, subscription);
    assertEquals(3, subscription.acks().lag());
    assertEquals(Optional.empty(), conversation.ack(ack(subscription, START.at(102))));
    assertEquals(1, subscription.acks().lag());
    assertEquals(Optional.empty(), conversation.ack(ack(subscription, START.at(101))), "repeated");
    assertEquals(Optional.empty(), conversation.ack(ack(subscription, START.at(103))));
    assertEquals(0, subscription.acks().lag());
    assertRefused(ErrorCode.UNKNOWN_FEED, conversation.ack(new Ack(99, START.toString())));
    assertRefused(
        ErrorCode.BAD_POSITION,
        conversation.ack(new Ack(subscription.feedNumber().orElseThrow(), "nonsense")));
  }

  @Test
  void whoLostChangesMayAckThePlaceBehindThem() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(
        wish("1", "a", OptionalLong.of(4), DropPolicy.DROP_OLDEST, OnGap.CONTINUE, 5), NOW);
    Subscription subscription = begun(conversation, "1");
    takeAll(conversation, subscription);
    put("a", 20);
    Delivery.Lost lost =
        assertInstanceOf(Delivery.Lost.class, conversation.next(subscription, NOW));
    assertEquals(Recovery.NONE, lost.recovery());
    assertEquals(Optional.empty(), conversation.ack(ack(subscription, lost.upTo())));
  }

  @Test
  void theFullestGivesWayWhenTheConnectionHasTooMuch() {
    Conversation conversation = conversation(buffer(100, DropPolicy.DROP_OLDEST));
    List<Subscription> two = two(conversation, 1, 9);
    put("a", 80);
    put("b", 30);
    assertEquals(110, conversation.buffered());
    conversation.begin(false, NOW);
    // 60 too many for half of the buffer: of the fullest 20 may stay, and half of that does.
    Delivery.Lost lost = assertInstanceOf(Delivery.Lost.class, conversation.next(two.get(0), NOW));
    assertEquals(GapReason.DROP_OLDEST, lost.reason());
    assertEquals(70, lost.dropped());
    assertInstanceOf(Delivery.Merged.class, conversation.next(two.get(0), NOW));
    assertInstanceOf(Delivery.Next.class, conversation.next(two.get(0), NOW));
    assertInstanceOf(Delivery.Next.class, conversation.next(two.get(1), NOW));
    assertEquals(38, conversation.buffered());
  }

  @Test
  void byPriorityTheLowestGivesWayAlthoughItIsNotTheFullest() {
    Conversation conversation = conversation(buffer(100, DropPolicy.BY_PRIORITY));
    List<Subscription> two = two(conversation, 9, 1);
    put("a", 70);
    put("b", 60);
    conversation.begin(false, NOW);
    // 80 too many: all of the lowest, and 20 of the other.
    Delivery.Lost low = assertInstanceOf(Delivery.Lost.class, conversation.next(two.get(1), NOW));
    assertEquals(GapReason.BY_PRIORITY, low.reason());
    assertEquals(59, low.dropped(), "all but the newest");
    Delivery.Lost high = assertInstanceOf(Delivery.Lost.class, conversation.next(two.get(0), NOW));
    assertEquals(45, high.dropped(), "half of what may stay stays");
  }

  @Test
  void nobodyGivesWayUpToTheBuffer() {
    Conversation conversation = conversation(buffer(100, DropPolicy.BY_PRIORITY));
    List<Subscription> two = two(conversation, 9, 1);
    put("a", 50);
    put("b", 50);
    conversation.begin(false, NOW);
    for (Subscription each : two) {
      assertInstanceOf(Delivery.Next.class, conversation.next(each, NOW));
    }
    // And who had to once does not have to for ever.
    put("a", 30);
    conversation.begin(false, NOW);
    assertInstanceOf(Delivery.Lost.class, conversation.next(two.get(1), NOW));
    takeAll(conversation, two.get(1));
    put("b", 10);
    conversation.begin(false, NOW);
    assertInstanceOf(Delivery.Next.class, conversation.next(two.get(1), NOW));
  }

  @Test
  void turnsAreAsThePriorities() {
    Conversation conversation = conversation(buffer(Buffer.AUTO, DropPolicy.DROP_OLDEST));
    two(conversation, 2, 6);
    put("a", 1_000);
    put("b", 1_000);
    Map<String, Integer> batches = new HashMap<>();
    for (int round = 0; round < 40; round++) {
      conversation.begin(false, NOW);
      for (int turn = 0; turn < 10; turn++) {
        Subscription next = conversation.turn().orElseThrow();
        assertInstanceOf(Delivery.Next.class, conversation.next(next, NOW));
        conversation.spent(next, 100);
        batches.merge(next.ref(), 1, Integer::sum);
      }
    }
    assertEquals(Map.of("a", 100, "b", 300), batches);
  }

  @Test
  void aRoundEndsWhenNobodyHasAnything() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    two(conversation, 5, 5);
    put("a", 2);
    conversation.begin(false, NOW);
    int deliveries = 0;
    Optional<Subscription> turn = conversation.turn();
    while (turn.isPresent()) {
      deliveries += conversation.next(turn.get(), NOW) instanceof Delivery.Nothing ? 0 : 1;
      conversation.spent(turn.get(), 10);
      turn = conversation.turn();
    }
    assertEquals(2, deliveries, "two batches, which say how far it is");
  }

  @Test
  void pressureIsToldWhenItsLevelChanges() {
    Conversation conversation = conversation(buffer(100, DropPolicy.DROP_OLDEST));
    List<Subscription> two = two(conversation, 5, 5);
    int feed = two.get(1).feedNumber().orElseThrow();
    put("b", 79);
    assertEquals(Optional.empty(), conversation.begin(false, NOW).tell());
    put("b", 1);
    assertEquals(
        Optional.of(new Pressure(80, 100, "warn", feed)), conversation.begin(false, NOW).tell());
    assertEquals(Optional.empty(), conversation.begin(false, NOW).tell());
    put("a", 20);
    assertEquals(
        Optional.of(new Pressure(100, 100, "critical", feed)),
        conversation.begin(false, NOW).tell());
    two.forEach(each -> takeAll(conversation, each));
    assertEquals(
        Optional.of(new Pressure(0, 100, "normal", feed)), conversation.begin(false, NOW).tell());
    assertEquals(Optional.empty(), conversation.begin(false, NOW).tell());
  }

  @Test
  void withoutABoundTheHistoriesAreTheCapacity() {
    Conversation conversation = conversation(buffer(Buffer.AUTO, DropPolicy.DROP_OLDEST));
    two(conversation, 5, 5);
    put("a", 8_000);
    put("b", 8_000);
    Pressure told =
        assertInstanceOf(Pressure.class, conversation.begin(false, NOW).tell().orElseThrow());
    assertEquals(20_000, told.capacity());
    assertEquals(16_000, told.buffered());
  }

  @Test
  void whatIsSubscribedTakesBoundedMemory() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    assertEquals(0, conversation.bytes());
    assertEquals(Optional.empty(), conversation.subscribe(named("1", "a", 4_000), NOW));
    assertTrue(conversation.bytes() > 4_000);
    assertRefused(ErrorCode.LIMIT_EXCEEDED, conversation.subscribe(named("2", "b", 6_000), NOW));
    assertEquals(Optional.empty(), conversation.subscribe(named("2", "b", 1_000), NOW));
    conversation.unsubscribe(new Unsubscribe(Optional.of("1"), OptionalInt.empty()));
    assertEquals(Optional.empty(), conversation.subscribe(named("3", "c", 6_000), NOW));
    conversation.close();
    assertEquals(0, conversation.bytes());
  }

  /** With a filter of so many characters. */
  private static Subscribe named(String ref, String source, int characters) {
    return new Subscribe(
        ref,
        source,
        new Filter.Like("v", "x".repeat(characters), false),
        Optional.empty(),
        Optional.empty(),
        true,
        OnGap.SNAPSHOT,
        false,
        Optional.empty(),
        OptionalDouble.empty(),
        5);
  }

  @Test
  void whoSaysNoAcksIsNotSaidToLagInThemAndMayAckAllTheSame() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.expectAcks(false);
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    Subscription subscription = begun(conversation, "1");
    takeAll(conversation, subscription);
    put("a", 3);
    takeAll(conversation, subscription);
    assertEquals(3, subscription.acks().sent());
    assertEquals(0, subscription.acks().lag());
    assertEquals(Optional.empty(), subscription.acks().lagsSince());
    assertEquals(Optional.empty(), conversation.ack(ack(subscription, START.at(102))));
    assertRefused(ErrorCode.BAD_POSITION, conversation.ack(ack(subscription, START.at(104))));
  }

  @Test
  void aBufferThatIsRefusedChangesNothing() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    assertEquals(Optional.empty(), conversation.buffer(request(OptionalLong.of(50))));
    assertRefused(
        ErrorCode.LIMIT_EXCEEDED, conversation.buffer(request(OptionalLong.of(1_000_000))));
    assertEquals(Optional.empty(), conversation.buffer(Optional.empty()), "nothing is asked for");
    assertEquals(50, conversation.buffer().maxSize());
  }

  @Test
  void whoHangsOnIsWokenByANewShapeAndByWhatComesInIt() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    Subscription subscription = begun(conversation, "1");
    takeAll(conversation, subscription);
    sleep(conversation, subscription);
    put("a", 1);
    assertEquals(1, wakeUps);
    takeAll(conversation, subscription);

    sleep(conversation, subscription);
    Relation wider =
        new Relation(
            "public.t",
            "2",
            List.of(new Column("id", "int4"), new Column("v", "text"), new Column("w", "text")),
            List.of("id"));
    sources.get("a").load(wider, new Position("e", 500, wider.print()), List.of(), NOW);
    assertEquals(1, wakeUps);
    takeAll(conversation, subscription);

    sleep(conversation, subscription);
    sources
        .get("a")
        .apply(501, List.of(new RowEvent.Upserted(Optional.empty(), Row.of("1", "v", "w"))), NOW);
    assertEquals(1, wakeUps);
    assertInstanceOf(Delivery.Next.class, conversation.next(subscription, NOW));
  }

  @Test
  void whoIsClosedHasNothingMore() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    Subscription subscription = begun(conversation, "1");
    conversation.close();
    assertEquals(List.of(), conversation.subscriptions());
    assertInstanceOf(Delivery.Nothing.class, conversation.next(subscription, NOW));
    assertEquals(0, conversation.buffered());
  }

  @Test
  void nothingIsAllowedBeforeThereAreCredentials() {
    load("a");
    Conversation conversation =
        new Conversation(
            sources,
            new Conversation.Limits(
                3,
                MAX_BYTES,
                room,
                Duration.ofSeconds(30),
                new BufferTerms(Buffer.DEFAULT, 20_000, Duration.ofMinutes(1)),
                Duration.ofSeconds(5)),
            feed -> 1,
            () -> {},
            NOW);
    assertRefused(
        ErrorCode.UNKNOWN_SOURCE, conversation.subscribe(new Subscribe("1", "x", none()), NOW));
    assertRefused(
        ErrorCode.FORBIDDEN, conversation.subscribe(new Subscribe("1", "a", none()), NOW));
  }

  @Test
  void whoIsToldOfAnUnknownSourceHearsOnlyOfThoseItMaySee() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.permit(grant(Set.of("b"), Map.of()), each -> true, NOW);
    Refused refused =
        assertInstanceOf(
            Refused.class,
            conversation.subscribe(new Subscribe("1", "x", none()), NOW).orElseThrow());
    assertEquals("there is no source \"x\"; there are [b]", refused.message());
  }

  @Test
  void aClientNeverSeesMoreThanItsCredentialsAllow() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.permit(grant(Set.of("a"), Map.of("a", RED)), each -> true, NOW);
    assertRefused(
        ErrorCode.FORBIDDEN, conversation.subscribe(new Subscribe("1", "b", none()), NOW));
    Filter blue = new Filter.Compared("v", Filter.Comparison.EQ, new Literal.Text("blue"));
    Filter wide = new Filter.Or(List.of(Filter.EVERYTHING, blue));
    conversation.subscribe(filtered("1", "a", wide, Optional.empty()), NOW);
    assertEquals(
        new Filter.And(List.of(wide, RED)),
        conversation.subscriptions().getFirst().cursor().terms().definition().where());
  }

  @Test
  void otherCredentialsEndWhatTheyDoNotAllowAndBeginAnewWhatShowsOtherRows() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    Subscription a = two(conversation, 5, 5).getFirst();
    int feed = a.feedNumber().orElseThrow();
    String had = a.cursor().position().orElseThrow().toString();

    List<ServerMessage> told =
        conversation.permit(grant(Set.of("a"), Map.of("a", RED)), each -> true, NOW);

    Refused ended = assertInstanceOf(Refused.class, told.getFirst());
    assertEquals(Optional.of("b"), ended.ref());
    assertEquals(ErrorCode.FORBIDDEN.wire(), ended.code());
    assertEquals(List.of(a), conversation.subscriptions());
    conversation.begin(false, NOW);
    Delivery.Lost lost = assertInstanceOf(Delivery.Lost.class, conversation.next(a, NOW));
    assertEquals(Optional.of(had), lost.after());
    assertEquals(GapReason.DEFINITION_CHANGED, lost.reason());
    assertEquals(Recovery.SNAPSHOT, lost.recovery());
    assertInstanceOf(Delivery.Began.class, conversation.next(a, NOW));
    assertTrue(a.feedNumber().orElseThrow() != feed, "it is another feed");
    assertInstanceOf(Delivery.Everything.class, conversation.next(a, NOW));
  }

  @Test
  void credentialsThatShowTheSameRowsChangeNothing() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    Subscription a = two(conversation, 5, 5).getFirst();
    assertEquals(
        List.of(), conversation.permit(grant(Set.of("a", "b"), Map.of()), each -> true, NOW));
    conversation.begin(false, NOW);
    assertInstanceOf(Delivery.Nothing.class, conversation.next(a, NOW));
  }

  @Test
  void aRestoredSubscriptionIsReplacedOnceByOneThatTheClientAsksFor() {
    load("a");
    load("b");
    Conversation conversation = conversation(Buffer.DEFAULT);
    Session.Restored before = new Session.Restored(new Subscribe("1", "a", none()), false);
    assertEquals(Optional.empty(), conversation.restore(before, NOW));
    assertEquals(Optional.empty(), conversation.subscribe(new Subscribe("1", "b", none()), NOW));
    assertEquals(
        List.of("b"), conversation.subscriptions().stream().map(Subscription::source).toList());
    assertRefused(
        ErrorCode.DUPLICATE_REF, conversation.subscribe(new Subscribe("1", "a", none()), NOW));
  }

  @Test
  void oneThatWasEndedIsNotReplacedLater() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    conversation.restore(new Session.Restored(new Subscribe("1", "a", none()), false), NOW);
    conversation.unsubscribe(new Unsubscribe(Optional.of("1"), OptionalInt.empty()));
    conversation.subscribe(new Subscribe("1", "a", none()), NOW);
    assertRefused(
        ErrorCode.DUPLICATE_REF, conversation.subscribe(new Subscribe("1", "a", none()), NOW));
  }

  @Test
  void eventsThatNobodyCanCountAreSaidToBeLostWhenTheyGoOn() {
    load("a");
    Conversation conversation = conversation(Buffer.DEFAULT);
    Subscribe events =
        new Subscribe(
            "1",
            "a",
            Filter.EVERYTHING,
            Optional.empty(),
            Optional.empty(),
            false,
            OnGap.CONTINUE,
            false,
            Optional.empty(),
            OptionalDouble.empty(),
            5);
    conversation.restore(new Session.Restored(events, true), NOW);
    conversation.begin(false, NOW);
    Subscription subscription = conversation.subscriptions().getFirst();
    Delivery.Began began =
        assertInstanceOf(Delivery.Began.class, conversation.next(subscription, NOW));
    Delivery.Lost lost =
        assertInstanceOf(Delivery.Lost.class, conversation.next(subscription, NOW));
    assertEquals(-1, lost.dropped());
    assertEquals(began.position(), Optional.of(lost.upTo()));
    assertEquals(GapReason.POSITION_UNKNOWN, lost.reason());
    assertEquals(Recovery.NONE, lost.recovery());
  }

  @Test
  void whoRestsHasNoTurnUntilItsTimeHasCome() {
    Conversation conversation = conversation(Buffer.DEFAULT);
    List<Subscription> two = two(conversation, 5, 5);
    Instant until = NOW.plusSeconds(1);
    conversation.rest(two.getFirst(), until);
    conversation.begin(false, NOW);
    assertEquals(Optional.of(two.get(1)), conversation.turn());
    conversation.next(two.get(1), NOW);
    assertEquals(Optional.empty(), conversation.turn());
    assertEquals(Optional.of(until), conversation.deadline().filter(until::equals));
    conversation.begin(false, until);
    assertEquals(Optional.of(two.getFirst()), conversation.turn());
    conversation.next(two.getFirst(), until);
    assertTrue(conversation.deadline().filter(until::equals).isEmpty(), "it does not rest now");
  }

  @Test
  void aFullBufferBehindASlowSocketIsBorneForItsTime() {
    Conversation conversation = conversation(buffer(100, DropPolicy.DROP_OLDEST));
    two(conversation, 5, 5);
    put("a", 97);
    assertEquals(false, conversation.begin(false, NOW.minusSeconds(9)).tooSlow());
    assertEquals(false, conversation.begin(true, NOW).tooSlow());
    assertEquals(false, conversation.begin(true, NOW.plusMillis(4_999)).tooSlow());
    assertEquals(true, conversation.begin(true, NOW.plusSeconds(5)).tooSlow());
    assertEquals(false, conversation.begin(false, NOW.plusSeconds(6)).tooSlow());
  }

  private static Grant grant(Set<String> sources, Map<String, Filter> filters) {
    return new Grant("somebody", Optional.of(sources), filters, false, Optional.empty());
  }

  private void sleep(Conversation conversation, Subscription subscription) {
    conversation.hangOn();
    assertInstanceOf(Delivery.Nothing.class, conversation.next(subscription, NOW));
    wakeUps = 0;
  }

  private Conversation conversation(Buffer standard) {
    Conversation.Limits limits =
        new Conversation.Limits(
            3,
            MAX_BYTES,
            room,
            Duration.ofSeconds(30),
            new BufferTerms(standard, 20_000, Duration.ofMinutes(1)),
            Duration.ofSeconds(5));
    Conversation conversation =
        new Conversation(
            sources,
            limits,
            feed -> numbers.computeIfAbsent(feed, fresh -> numbers.size() + 1),
            () -> wakeUps++,
            NOW);
    conversation.permit(Grant.EVERYTHING, each -> true, NOW);
    return conversation;
  }

  private static Buffer buffer(long maxSize, DropPolicy policy) {
    return new Buffer(maxSize, policy, 0.8, 0.95, Duration.ofSeconds(10), 10);
  }

  /** Subscriptions of "a" and "b", caught up. */
  private List<Subscription> two(Conversation conversation, int priorityA, int priorityB) {
    load("a");
    load("b");
    conversation.subscribe(prioritised("a", priorityA), NOW);
    conversation.subscribe(prioritised("b", priorityB), NOW);
    conversation.subscriptions().forEach(each -> takeAll(conversation, each));
    return conversation.subscriptions();
  }

  private static Subscription begun(Conversation conversation, String ref) {
    Subscription subscription =
        conversation.subscriptions().stream()
            .filter(each -> each.ref().equals(ref))
            .findFirst()
            .orElseThrow();
    assertInstanceOf(Delivery.Began.class, conversation.next(subscription, NOW));
    return subscription;
  }

  private static void takeAll(Conversation conversation, Subscription subscription) {
    Delivery delivery = conversation.next(subscription, NOW);
    while (!(delivery instanceof Delivery.Nothing)) {
      delivery = conversation.next(subscription, NOW);
    }
  }

  private void load(String source) {
    times.put(source, START.time());
    sources.get(source).load(RELATION, START, List.of(Row.of("1", "red")), NOW);
  }

  /** Transactions of one change each, all of the same row. */
  private void put(String source, int transactions) {
    for (int i = 0; i < transactions; i++) {
      long time = times.merge(source, 1L, Long::sum);
      sources
          .get(source)
          .apply(
              time, List.of(new RowEvent.Upserted(Optional.empty(), Row.of("1", "v" + time))), NOW);
    }
  }

  private static Ack ack(Subscription subscription, Position position) {
    int feed = subscription.feedNumber().orElseThrow();
    return new Ack(feed, subscription.cursor().feed().orElseThrow().shown(position).toString());
  }

  private static Optional<String> none() {
    return Optional.empty();
  }

  private static Subscribe filtered(
      String ref, String source, Filter where, Optional<Set<String>> columns) {
    return new Subscribe(
        ref,
        source,
        where,
        columns,
        Optional.empty(),
        true,
        OnGap.SNAPSHOT,
        false,
        Optional.empty(),
        OptionalDouble.empty(),
        5);
  }

  private static Subscribe prioritised(String source, int priority) {
    return new Subscribe(
        source,
        source,
        Filter.EVERYTHING,
        Optional.empty(),
        Optional.empty(),
        true,
        OnGap.SNAPSHOT,
        false,
        Optional.empty(),
        OptionalDouble.empty(),
        priority);
  }

  private static Subscribe wish(String ref, String source, DropPolicy policy, OnGap onGap) {
    return wish(ref, source, OptionalLong.empty(), policy, onGap, 5);
  }

  private static Subscribe wish(
      String ref, String source, OptionalLong size, DropPolicy policy, OnGap onGap, int priority) {
    BufferRequest buffer =
        new BufferRequest(
            size,
            Optional.of(policy),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Optional.empty(),
            OptionalInt.empty());
    return new Subscribe(
        ref,
        source,
        Filter.EVERYTHING,
        Optional.empty(),
        Optional.empty(),
        true,
        onGap,
        false,
        Optional.of(buffer),
        OptionalDouble.empty(),
        priority);
  }

  private static Optional<BufferRequest> request(OptionalLong maxSize) {
    return Optional.of(
        new BufferRequest(
            maxSize,
            Optional.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Optional.empty(),
            OptionalInt.empty()));
  }

  private static void assertRefused(ErrorCode code, Optional<ServerMessage> answer) {
    Refused refused = assertInstanceOf(Refused.class, answer.orElseThrow());
    assertEquals(code.wire(), refused.code());
    assertTrue(!refused.message().isBlank());
  }
}
