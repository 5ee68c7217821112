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
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.session.Acks.Outcome;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two sources with a row each, one that never becomes ready, and a buffer for eight changes. */
final class ConversationTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Buffer EIGHT =
      new Buffer(8, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofSeconds(10), 10);
  private static final Conversation.Limits LIMITS =
      new Conversation.Limits(3, PATIENCE, new BufferTerms(EIGHT, 20, Duration.ofSeconds(60)));
  private static final Relation RELATION =
      new Relation(
          "public.t",
          "1",
          List.of(new Column("id", "int4"), new Column("v", "text")),
          List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());
  private static final List<String> BEGINNING = List.of("began", "rows", "status", "reached");

  private final Source tea = new Source("tea", SourceLimits.DEFAULT, NOW);
  private final Source rum = new Source("rum", SourceLimits.DEFAULT, NOW);
  private final Source late = new Source("late", SourceLimits.DEFAULT, NOW);
  private final Map<Feed, Integer> numbers = new HashMap<>();
  private int wakes;
  private final Conversation conversation =
      new Conversation(
          Map.of("tea", tea, "rum", rum, "late", late), LIMITS, this::number, () -> wakes++);

  @BeforeEach
  void load() {
    tea.load(RELATION, START, List.of(Row.of("1", "x")), NOW);
    rum.load(RELATION, START, List.of(Row.of("1", "x")), NOW);
  }

  @Test
  void aSubscriptionBeginsWithItsRowsAndGoesOnWithEachBatch() {
    granted(wanted("a", "tea"));
    assertEquals(Optional.empty(), conversation.turn(), "no round has begun");
    assertEquals(Map.of("a", BEGINNING), round(NOW));
    assertEquals(Map.of(), round(NOW));
    commit(tea, 2);
    assertEquals(Map.of("a", List.of("batch 1", "batch 2")), round(NOW));
    assertEquals(List.of("a"), refs());
    assertEquals("tea", conversation.subscriptions().getFirst().source());
  }

  @Test
  void whatIsRefusedSaysWhyAndChangesNothing() {
    granted(wanted("a", "tea"));
    round(NOW);
    Refused same = refused(wanted("a", "rum"), ErrorCode.DUPLICATE_REF);
    assertTrue(same.message().contains("\"a\""), same.message());
    Refused nowhere = refused(wanted("b", "gin"), ErrorCode.UNKNOWN_SOURCE);
    assertTrue(nowhere.message().contains("\"gin\""), nowhere.message());
    assertTrue(nowhere.message().contains("rum"), nowhere.message());
    refused(wanted("b", "rum").from(Optional.of("no position")), ErrorCode.BAD_POSITION);
    refused(buffered("b", DropPolicy.SAMPLE), ErrorCode.POLICY_NEEDS_EVENTS);
    Refused twin = refused(wanted("b", "tea"), ErrorCode.DUPLICATE_SUBSCRIPTION);
    assertEquals(OptionalInt.of(11), twin.feed());
    assertTrue(twin.message().contains("\"a\""), twin.message());
    assertEquals(List.of("a"), refs());
    assertEquals(Map.of(), round(NOW));
  }

  @Test
  void aConnectionHasSoManySubscriptionsAndNotOneMore() {
    granted(wanted("a", "tea"));
    granted(wanted("b", "rum"));
    granted(keys("c", "tea"));
    Refused fourth = refused(keys("d", "rum"), ErrorCode.LIMIT_EXCEEDED);
    assertTrue(fourth.message().contains("3"), fourth.message());
    conversation.unsubscribe(named("b"));
    granted(keys("d", "rum"));
    assertEquals(List.of("a", "c", "d"), refs());
  }

  /** Only when it begins it is known what its words mean. */
  @Test
  void theSameInOtherWordsIsRefusedWhenItsTurnComes() {
    granted(wanted("a", "tea"));
    round(NOW);
    granted(columns("b", "tea", Set.of("id", "v")));
    granted(columns("c", "rum", Set.of("id", "v")));
    assertEquals(
        Map.of("b", List.of("refused DUPLICATE_SUBSCRIPTION"), "c", BEGINNING), round(NOW));
    assertEquals(List.of("a", "c"), refs());
    commit(tea, 1);
    assertEquals(Map.of("a", List.of("batch 1")), round(NOW));
  }

  @Test
  void aSubscriptionIsEndedByItsRefOrByItsFeed() {
    granted(wanted("a", "tea"));
    granted(wanted("b", "rum"));
    granted(wanted("w", "late"));
    round(NOW);
    int feed = feed("b");
    int other = feed("a");
    assertEquals(
        new Unsubscribed("b", OptionalInt.of(feed), Optional.empty()),
        conversation.unsubscribe(new Unsubscribe(Optional.empty(), OptionalInt.of(feed))));
    assertEquals(
        new Unsubscribed("a", OptionalInt.of(other), Optional.empty()),
        conversation.unsubscribe(named("a")));
    assertEquals(
        new Unsubscribed("w", OptionalInt.empty(), Optional.empty()),
        conversation.unsubscribe(named("w")));
    commit(tea, 1);
    assertEquals(Map.of(), round(NOW));
    Unsubscribe again = new Unsubscribe(Optional.empty(), OptionalInt.of(feed));
    Refused gone = assertInstanceOf(Refused.class, conversation.unsubscribe(again));
    assertEquals(ErrorCode.UNKNOWN_FEED.wire(), gone.code());
    assertEquals(OptionalInt.of(feed), gone.feed());
    Refused never = assertInstanceOf(Refused.class, conversation.unsubscribe(named("a")));
    assertEquals(Optional.of("a"), never.ref());
    granted(wanted("a", "tea"));
    // The rows that the first one got are still good for another.
    assertEquals(Map.of("a", List.of("began", "rows", "status", "batch 1", "reached")), round(NOW));
  }

  @Test
  void anAckCountsUpToWhatWasSent() {
    granted(wanted("a", "tea"));
    round(NOW);
    commit(tea, 2);
    round(NOW);
    Acks acks = conversation.subscriptions().getFirst().acks();
    assertEquals(2, acks.lag());
    assertEquals(Optional.empty(), conversation.ack(new Ack(11, START.at(101).toString())));
    assertEquals(1, acks.lag());
    assertEquals(Optional.empty(), conversation.ack(new Ack(11, START.at(101).toString())));
    for (String unsent : List.of(START.at(103).toString(), "no position")) {
      Refused bad = assertInstanceOf(Refused.class, conversation.ack(new Ack(11, unsent)).get());
      assertEquals(ErrorCode.BAD_POSITION.wire(), bad.code());
      assertEquals(OptionalInt.of(11), bad.feed());
    }
    String sent = START.at(102).toString();
    Refused other = assertInstanceOf(Refused.class, conversation.ack(new Ack(12, sent)).get());
    assertEquals(ErrorCode.UNKNOWN_FEED.wire(), other.code());
    assertEquals(OptionalInt.of(12), other.feed());
    assertEquals(1, acks.lag());
  }

  /** Whatever told the client where it is: rows, a merged batch, progress. */
  @Test
  void eachPositionThatWasHandedOutCanBeAcknowledged() {
    granted(wanted("a", "tea"));
    Subscription a = conversation.subscriptions().getFirst();
    conversation.begin();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 13; i++) {
      Delivery delivery = conversation.next(a, NOW);
      seen.add(word(delivery).replaceAll(" .*", ""));
      if (i == 4) {
        tea.progress(101, NOW);
      } else if (i == 6) {
        commit(tea, 10);
      }
      a.cursor()
          .position()
          .filter(at -> !(delivery instanceof Delivery.Nothing))
          .ifPresent(at -> assertTrue(a.acked(at.toString()) != Outcome.UNKNOWN, at::toString));
    }
    assertEquals(
        Set.of("began", "rows", "status", "reached", "nothing", "lost", "merged", "batch"), seen);
    assertEquals(0, a.acks().lag());
    assertEquals(10, a.acks().sent());
  }

  @Test
  void aReplayBeginsAtAPositionThatCanBeAcknowledged() {
    commit(tea, 1);
    granted(wanted("a", "tea").from(Optional.of(START.toString())));
    conversation.begin();
    Subscription a = conversation.turn().orElseThrow();
    assertEquals("began", word(conversation.next(a, NOW)));
    assertEquals(Outcome.ADVANCED, a.acked(START.toString()));
    assertEquals("status", word(conversation.next(a, NOW)));
    assertEquals("batch 1", word(conversation.next(a, NOW)));
  }

  @Test
  void whoSentMuchWaitsUntilTheOthersHadAsMuch() {
    granted(wanted("a", "tea"));
    granted(wanted("b", "rum"));
    conversation.begin();
    Subscription first = conversation.turn().orElseThrow();
    assertEquals("a", first.ref());
    conversation.spent(first, 1_000);
    Subscription second = conversation.turn().orElseThrow();
    assertEquals("b", second.ref());
    conversation.spent(second, 1_001);
    assertEquals("a", conversation.turn().orElseThrow().ref());
  }

  @Test
  void aHigherPriorityHasMoreTurns() {
    granted(prioritized("a", "tea", 9));
    granted(prioritized("b", "rum", 3));
    conversation.begin();
    Map<String, Integer> turns = new HashMap<>();
    for (int i = 0; i < 400; i++) {
      Subscription next = conversation.turn().orElseThrow();
      turns.merge(next.ref(), 1, Integer::sum);
      conversation.spent(next, 100);
    }
    assertEquals(Map.of("a", 300, "b", 100), turns);
  }

  @Test
  void patienceEndsForEachSourceThatIsNotReady() {
    assertEquals(Optional.empty(), conversation.deadline());
    granted(wanted("a", "tea"));
    granted(wanted("w", "late"));
    Subscribe again = keys("v", "late");
    assertEquals(Optional.empty(), conversation.subscribe(again, NOW.plusSeconds(1)));
    round(NOW);
    assertEquals(Optional.of(NOW.plus(PATIENCE)), conversation.deadline());
    assertEquals(Map.of(), round(NOW.plus(PATIENCE).minusMillis(1)));
    assertEquals(Map.of("w", List.of("refused SOURCE_NOT_READY")), round(NOW.plus(PATIENCE)));
    assertEquals(Optional.of(NOW.plus(PATIENCE).plusSeconds(1)), conversation.deadline());
    assertEquals(List.of("a", "v"), refs());
  }

  @Test
  void theOwnerIsWokenForWhatIsNew() {
    granted(wanted("a", "tea"));
    granted(wanted("w", "late"));
    round(NOW);
    commit(tea, 1);
    assertEquals(0, wakes);
    conversation.hangOn();
    commit(rum, 1);
    assertEquals(0, wakes);
    commit(tea, 1);
    assertEquals(1, wakes);
    late.load(RELATION, START, List.of(), NOW);
    assertEquals(2, wakes);
  }

  @Test
  void aConnectionMayHaveExactlyItsBufferWaiting() {
    granted(wanted("a", "tea"));
    granted(wanted("b", "rum"));
    round(NOW);
    commit(tea, 5);
    commit(rum, 3);
    assertEquals(8, conversation.buffered());
    assertEquals(Map.of("a", batches(1, 5), "b", batches(1, 3)), round(NOW));
    assertEquals(0, conversation.buffered());
  }

  /** Nine of eight: five of them go, so that half of the buffer is free. */
  @Test
  void overTheBufferTheFullestGivesWay() {
    granted(wanted("b", "rum"));
    granted(wanted("a", "tea"));
    round(NOW);
    commit(rum, 3);
    commit(tea, 6);
    assertEquals(
        Map.of("a", List.of("lost 5 FOLD", "merged 1 to 5", "batch 6"), "b", batches(1, 3)),
        round(NOW));
    commit(tea, 4);
    commit(rum, 4);
    assertEquals(
        Map.of("a", batches(7, 10), "b", batches(4, 7)), round(NOW), "there is room again");
  }

  @Test
  void overTheBufferTheLowestPriorityGivesWayFirstWhereTheClientWantsIt() {
    assertEquals(
        Optional.empty(), conversation.buffer(Optional.of(policy(DropPolicy.BY_PRIORITY))));
    granted(prioritized("a", "tea", 5));
    granted(prioritized("b", "rum", 1));
    round(NOW);
    commit(tea, 6);
    commit(rum, 3);
    // Three of five off the one, the other two off the other, which keeps four.
    assertEquals(
        Map.of(
            "a",
            List.of("lost 4 FOLD", "merged 1 to 4", "batch 5", "batch 6"),
            "b",
            List.of("lost 2 FOLD", "merged 1 to 2", "batch 3")),
        round(NOW));
  }

  @Test
  void aBufferThatIsRefusedLeavesTheOneThereWas() {
    assertEquals(EIGHT, conversation.buffer());
    assertEquals(Optional.empty(), conversation.buffer(Optional.of(size(4))));
    assertEquals(4, conversation.buffer().maxSize());
    ServerMessage refusal = conversation.buffer(Optional.of(size(21))).orElseThrow();
    Refused refused = assertInstanceOf(Refused.class, refusal);
    assertEquals(ErrorCode.LIMIT_EXCEEDED.wire(), refused.code());
    assertEquals(4, conversation.buffer().maxSize());
    // And it is what a subscription has.
    granted(wanted("a", "tea"));
    assertEquals(4, conversation.subscriptions().getFirst().cursor().terms().buffer().maxSize());
  }

  @Test
  void closingLetsGoOfEverything() {
    granted(wanted("a", "tea"));
    granted(wanted("w", "late"));
    round(NOW);
    conversation.hangOn();
    conversation.close();
    assertEquals(List.of(), refs());
    assertEquals(Optional.empty(), conversation.turn());
    assertEquals(Optional.empty(), conversation.deadline());
    commit(tea, 1);
    assertEquals(0, conversation.buffered());
    assertEquals(Map.of(), round(NOW));
  }

  private void granted(Subscribe wanted) {
    assertEquals(Optional.empty(), conversation.subscribe(wanted, NOW));
  }

  private Refused refused(Subscribe wanted, ErrorCode code) {
    ServerMessage answer = conversation.subscribe(wanted, NOW).orElseThrow();
    Refused refused = assertInstanceOf(Refused.class, answer);
    assertEquals(code.wire(), refused.code());
    assertEquals(Optional.of(wanted.ref()), refused.ref());
    assertEquals(code.retryable(), refused.retryable());
    return refused;
  }

  /** What each subscription that has something says in one round. */
  private Map<String, List<String>> round(Instant now) {
    Map<String, List<String>> told = new TreeMap<>();
    conversation.begin();
    for (int turns = 0; conversation.turn().isPresent(); turns++) {
      assertTrue(turns < 1_000, "the round does not end");
      Subscription next = conversation.turn().orElseThrow();
      Delivery delivery = conversation.next(next, now);
      conversation.spent(next, 100);
      if (!(delivery instanceof Delivery.Nothing)) {
        told.computeIfAbsent(next.ref(), ref -> new ArrayList<>()).add(word(delivery));
      }
    }
    // Of a source that is not ready the state is told once, and is of no interest here.
    told.remove("w", List.of("status"));
    told.remove("v", List.of("status"));
    return told;
  }

  private static String word(Delivery delivery) {
    return switch (delivery) {
      case Delivery.Began began -> "began";
      case Delivery.Everything everything -> "rows";
      case Delivery.Status status -> "status";
      case Delivery.Reached reached -> "reached";
      case Delivery.Nothing nothing -> "nothing";
      case Delivery.Next next -> "batch " + next.batch().seq();
      case Delivery.Lost lost -> "lost " + lost.dropped() + " " + lost.recovery();
      case Delivery.Merged merged ->
          "merged " + (merged.seq() - merged.count() + 1) + " to " + merged.seq();
      case Delivery.Refused refused -> "refused " + refused.code();
    };
  }

  private static List<String> batches(int first, int last) {
    List<String> batches = new ArrayList<>();
    for (int seq = first; seq <= last; seq++) {
      batches.add("batch " + seq);
    }
    return batches;
  }

  private List<String> refs() {
    return conversation.subscriptions().stream().map(Subscription::ref).toList();
  }

  private int feed(String ref) {
    return conversation.subscriptions().stream()
        .filter(each -> each.ref().equals(ref))
        .map(each -> number(each.cursor().feed().orElseThrow()))
        .findFirst()
        .orElseThrow();
  }

  private int number(Feed feed) {
    return numbers.computeIfAbsent(feed, f -> 11 + numbers.size());
  }

  /** So many batches, a new row each. */
  private static void commit(Source source, int batches) {
    for (int i = 0; i < batches; i++) {
      long time = source.generation().orElseThrow().progress().position().time() + 1;
      Row row = Row.of(Long.toString(time), "x");
      source.apply(time, List.of(new RowEvent.Upserted(Optional.empty(), row)), NOW);
    }
  }

  private static Subscribe wanted(String ref, String source) {
    return new Subscribe(ref, source, Optional.empty());
  }

  private static Subscribe keys(String ref, String source) {
    return columns(ref, source, Set.of());
  }

  private static Subscribe columns(String ref, String source, Set<String> columns) {
    return subscribe(
        ref, source, Optional.of(columns), Optional.empty(), Subscribe.DEFAULT_PRIORITY);
  }

  private static Subscribe prioritized(String ref, String source, int priority) {
    return subscribe(ref, source, Optional.empty(), Optional.empty(), priority);
  }

  private static Subscribe buffered(String ref, DropPolicy policy) {
    return subscribe(
        ref, "rum", Optional.empty(), Optional.of(policy(policy)), Subscribe.DEFAULT_PRIORITY);
  }

  private static Subscribe subscribe(
      String ref,
      String source,
      Optional<Set<String>> columns,
      Optional<BufferRequest> buffer,
      int priority) {
    return new Subscribe(
        ref,
        source,
        Filter.EVERYTHING,
        columns,
        Optional.empty(),
        true,
        OnGap.SNAPSHOT,
        false,
        buffer,
        OptionalDouble.empty(),
        priority);
  }

  private static BufferRequest policy(DropPolicy policy) {
    return request(OptionalLong.empty(), Optional.of(policy));
  }

  private static BufferRequest size(long changes) {
    return request(OptionalLong.of(changes), Optional.empty());
  }

  private static BufferRequest request(OptionalLong size, Optional<DropPolicy> policy) {
    return new BufferRequest(
        size,
        policy,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        OptionalInt.empty());
  }

  private static Unsubscribe named(String ref) {
    return new Unsubscribe(Optional.of(ref), OptionalInt.empty());
  }
}
