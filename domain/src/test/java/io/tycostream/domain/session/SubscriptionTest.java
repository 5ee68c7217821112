package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.session.Acks.Outcome;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.SourceLimits;
import io.tycostream.domain.source.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SubscriptionTest {

  private static final Instant NOW = Instant.EPOCH;
  private static final Relation RELATION =
      new Relation("public.t", "1", List.of(new Column("id", "int4")), List.of("id"));
  private static final Position START = new Position("e", 100, RELATION.print());

  private final Source source = new Source("t", SourceLimits.DEFAULT, NOW);

  /** Whatever told the client where it is: rows, progress, a merged batch, a single one. */
  @Test
  void eachPositionThatWasHandedOutCanBeAcknowledged() {
    source.load(RELATION, START, List.of(Row.of("1")), NOW);
    Subscription subscription = subscription(Optional.empty());
    Set<Class<?>> told = new HashSet<>();
    told.addAll(takeAll(subscription));
    source.progress(101, NOW);
    told.addAll(takeAll(subscription));
    for (long time = 102; time < 112; time++) {
      RowEvent event = new RowEvent.Upserted(Optional.empty(), Row.of(Long.toString(time)));
      source.apply(time, List.of(event), NOW);
    }
    told.addAll(takeAll(subscription));
    assertEquals(
        Set.of(
            Delivery.Began.class,
            Delivery.Everything.class,
            Delivery.Status.class,
            Delivery.Reached.class,
            Delivery.Lost.class,
            Delivery.Merged.class,
            Delivery.Next.class),
        told);
    assertEquals(10, subscription.acks().sent());
    assertEquals(0, subscription.acks().lag());
  }

  @Test
  void whereItGoesOnCanBeAcknowledged() {
    source.load(RELATION, START, List.of(), NOW);
    Subscription subscription = subscription(Optional.of(START));
    subscription.next(NOW);
    assertEquals(Outcome.ADVANCED, subscription.acked(START.toString()));
  }

  /** All that it has to say, each position acknowledged at once. */
  private static Set<Class<?>> takeAll(Subscription subscription) {
    Set<Class<?>> told = new HashSet<>();
    Delivery delivery = subscription.next(NOW);
    while (!(delivery instanceof Delivery.Nothing)) {
      told.add(delivery.getClass());
      subscription
          .cursor()
          .position()
          .ifPresent(at -> assertNotEquals(Outcome.UNKNOWN, subscription.acked(at.toString())));
      delivery = subscription.next(NOW);
    }
    return told;
  }

  private Subscription subscription(Optional<Position> after) {
    Buffer eight = new Buffer(8, DropPolicy.DROP_OLDEST, 0.8, 0.95, Duration.ofSeconds(10), 10);
    Terms terms = new Terms(Definition.WHOLE, after, true, OnGap.SNAPSHOT, eight);
    Cursor cursor = new Cursor(source, terms, NOW, Duration.ofSeconds(5), () -> {});
    return new Subscription(
        1, new Subscribe("a", "t", after.map(Position::toString)), cursor, false);
  }
}
