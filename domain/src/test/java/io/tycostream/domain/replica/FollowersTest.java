package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class FollowersTest {

  private final Followers followers = new Followers();

  @Test
  void nothingIsLeftOfWhatIsCleared() {
    Follower a = asked("a");
    followers.feed(1, a);
    followers.unsubscribing("b");
    followers.depart("c");
    followers.clear();
    assertEquals(List.of(), List.copyOf(followers.all()));
    assertEquals(Optional.empty(), followers.of("a"));
    assertEquals(Optional.empty(), followers.hearing(OptionalInt.of(1)));
    assertFalse(followers.isUnanswered("b"));
    assertEquals(List.of(), followers.departed());
    assertEquals("[], unanswered {}, departed []", followers.toString());
  }

  @Test
  void aFeedIsOfOneSubscriptionAndASubscriptionHasOneFeed() {
    Follower a = asked("a");
    Follower b = asked("b");
    followers.feed(1, a);
    followers.feed(2, a);
    assertEquals(Optional.empty(), followers.hearing(OptionalInt.of(1)));
    assertEquals(Optional.of(a), followers.hearing(OptionalInt.of(2)));
    followers.feed(2, b);
    assertEquals(Optional.of(b), followers.hearing(OptionalInt.of(2)));
    followers.mute(b);
    assertEquals(Optional.empty(), followers.hearing(OptionalInt.of(2)));
    assertEquals(Optional.of(b), followers.hearing("b"));
    assertEquals(Optional.empty(), followers.hearing(OptionalInt.empty()));
  }

  @Test
  void onlyWhatIsAskedForIsHeardByItsRef() {
    Follower a = new Follower(new Subscribe("a", "t", Optional.empty()), true, LoopLimits.DEFAULT);
    followers.add(a);
    assertEquals(Optional.empty(), followers.hearing("a"));
    a.ask();
    assertEquals(Optional.of(a), followers.hearing("a"));
    assertThrows(IllegalArgumentException.class, () -> followers.add(a));
  }

  @Test
  void everyUnsubscribeIsAnsweredOnce() {
    followers.depart("a");
    followers.unsubscribing("a");
    followers.unsubscribing("a");
    assertTrue(followers.unsubscribed("a"));
    assertTrue(followers.isUnanswered("a"));
    assertTrue(followers.isDeparted("a"));
    assertTrue(followers.unsubscribed("a"));
    assertFalse(followers.isUnanswered("a"));
    assertFalse(followers.isDeparted("a"));
    assertFalse(followers.unsubscribed("a"));
  }

  @Test
  void aLostConnectionTakesTheFeedsAndLeavesWhatTheSessionMayHave() {
    for (boolean sessionToo : List.of(true, false)) {
      FollowersTest fresh = new FollowersTest();
      Follower a = fresh.asked("a");
      fresh.followers.feed(1, a);
      fresh.followers.unsubscribing("b");
      fresh.followers.depart("c");
      fresh.followers.connectionLost(sessionToo);
      assertEquals(Optional.empty(), fresh.followers.hearing(OptionalInt.of(1)));
      assertFalse(fresh.followers.isUnanswered("b"));
      assertEquals(sessionToo ? List.of() : List.of("c", "b"), fresh.followers.departed());
      assertEquals(Follower.Standing.UNASKED, a.standing());
      assertEquals(!sessionToo, a.isUnsure());
    }
  }

  @Test
  void aLostSessionHasNothingAnyMore() {
    Follower a = asked("a");
    a.stands();
    followers.depart("b");
    followers.sessionLost();
    assertFalse(a.isHeld());
    assertEquals(List.of(), followers.departed());
  }

  private Follower asked(String ref) {
    Follower follower =
        new Follower(new Subscribe(ref, "t", Optional.empty()), true, LoopLimits.DEFAULT);
    followers.add(follower);
    follower.ask();
    return follower;
  }
}
