package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.log.HistoryLimits;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class ConversationLossTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation TABLE =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Buffer SMALL =
      new Buffer(2, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofDays(1), 1);

  private final Source source =
      new Source("t", new SourceLimits(HistoryLimits.DEFAULT, 1_000, 1 << 20), NOW);
  private final Conversation conversation =
      new Conversation(
          Map.of("t", source),
          new Conversation.Limits(
              10,
              Long.MAX_VALUE,
              new WaitingRoom(1),
              Duration.ofSeconds(30),
              new BufferTerms(SMALL, 100, Duration.ofDays(2)),
              Duration.ofSeconds(30)),
          feed -> 1,
          () -> {},
          NOW);

  ConversationLossTest() {
    conversation.permit(Grant.EVERYTHING, each -> true, NOW);
  }

  @Test
  void whoWasToldOfALossMayAcknowledgeThePositionBehindIt() {
    source.load(TABLE, new Position("e", 100, TABLE.print()), List.of(), NOW);
    Subscribe events =
        new Subscribe(
            "r",
            "t",
            Filter.EVERYTHING,
            Optional.empty(),
            Optional.empty(),
            false,
            OnGap.CONTINUE,
            false,
            Optional.empty(),
            OptionalDouble.empty(),
            5);
    assertEquals(Optional.empty(), conversation.subscribe(events, NOW));
    Subscription subscription = conversation.subscriptions().getFirst();
    assertTrue(conversation.next(subscription, NOW) instanceof Delivery.Began);
    for (int i = 1; i <= 5; i++) {
      source.apply(100 + i, List.of(new RowEvent.Inserted(Row.of("" + i))), NOW);
    }
    Delivery next = conversation.next(subscription, NOW);
    while (!(next instanceof Delivery.Lost)) {
      assertTrue(next instanceof Delivery.Status, "" + next);
      next = conversation.next(subscription, NOW);
    }
    Position upTo = ((Delivery.Lost) next).upTo();
    assertEquals(Optional.empty(), conversation.ack(new Ack(1, upTo.toString())));
    assertEquals(0, subscription.acks().lag());
  }
}
