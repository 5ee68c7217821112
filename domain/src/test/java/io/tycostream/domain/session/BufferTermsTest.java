package io.tycostream.domain.session;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.session.BufferTerms.Terms;
import io.tycostream.domain.session.BufferTerms.Terms.Granted;
import io.tycostream.domain.session.BufferTerms.Terms.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class BufferTermsTest {

  private static final Buffer STANDARD = Buffer.DEFAULT;
  private static final BufferTerms TERMS =
      new BufferTerms(STANDARD, 20_000, Duration.ofSeconds(60));
  private static final Optional<BufferRequest> NOTHING = Optional.empty();

  /** A request, field by field. */
  private static final class Asking {
    private OptionalLong size = OptionalLong.empty();
    private Optional<DropPolicy> policy = Optional.empty();
    private OptionalDouble warn = OptionalDouble.empty();
    private OptionalDouble disconnect = OptionalDouble.empty();
    private Optional<Duration> age = Optional.empty();
    private OptionalInt sample = OptionalInt.empty();

    Asking size(long changes) {
      size = OptionalLong.of(changes);
      return this;
    }

    Asking policy(DropPolicy wanted) {
      policy = Optional.of(wanted);
      return this;
    }

    Asking warn(double share) {
      warn = OptionalDouble.of(share);
      return this;
    }

    Asking disconnect(double share) {
      disconnect = OptionalDouble.of(share);
      return this;
    }

    Asking age(long millis) {
      age = Optional.of(Duration.ofMillis(millis));
      return this;
    }

    Asking sample(int batches) {
      sample = OptionalInt.of(batches);
      return this;
    }

    Optional<BufferRequest> request() {
      return Optional.of(new BufferRequest(size, policy, warn, disconnect, age, sample));
    }
  }

  @Test
  void whatIsNotSaidIsTheDefaultAndThenTheConnections() {
    assertEquals(new Granted(STANDARD), TERMS.hello(NOTHING));
    assertEquals(new Granted(STANDARD), TERMS.hello(new Asking().request()));
    assertEquals(new Granted(STANDARD), TERMS.subscribe(NOTHING, STANDARD, OnGap.SNAPSHOT));
    assertEquals(
        new Granted(new Buffer(500, DropPolicy.BY_AGE, 0.5, 0.6, Duration.ofSeconds(7), 3)),
        TERMS.hello(
            new Asking()
                .size(500)
                .policy(DropPolicy.BY_AGE)
                .warn(0.5)
                .disconnect(0.6)
                .age(7_000)
                .sample(3)
                .request()));
    assertEquals(
        new Granted(new Buffer(500, DropPolicy.CONFLATE, 0.8, 0.95, STANDARD.maxAge(), 10)),
        TERMS.subscribe(
            new Asking().size(500).policy(DropPolicy.CONFLATE).request(),
            STANDARD,
            OnGap.SNAPSHOT));
  }

  @Test
  void aWarningThatWasNotAskedForIsNotAboveTheEndThatWas() {
    Granted granted =
        assertInstanceOf(Granted.class, TERMS.hello(new Asking().disconnect(0.3).request()));
    assertEquals(0.3, granted.buffer().warnAt());
    assertEquals(0.3, granted.buffer().disconnectAt());
  }

  @Test
  void autoIsGrantedToAConnectionAtAnyLimitAndToASubscriptionOfSuchAConnection() {
    Granted auto =
        assertInstanceOf(Granted.class, TERMS.hello(new Asking().size(Buffer.AUTO).request()));
    assertEquals(Buffer.AUTO, auto.buffer().maxSize());
    assertInstanceOf(
        Granted.class,
        TERMS.subscribe(new Asking().size(Buffer.AUTO).request(), auto.buffer(), OnGap.SNAPSHOT));
    assertEquals(
        new Refused(
            ErrorCode.LIMIT_EXCEEDED,
            "\"maxSize\" only narrows the connection's, which is 16600 changes, to \"auto\""),
        TERMS.subscribe(new Asking().size(Buffer.AUTO).request(), STANDARD, OnGap.SNAPSHOT));
  }

  @Test
  void whatExceedsALimitIsRefusedAndWhatReachesItIsNot() {
    assertInstanceOf(Granted.class, TERMS.hello(new Asking().size(20_000).age(60_000).request()));
    assertEquals(
        new Refused(
            ErrorCode.LIMIT_EXCEEDED,
            "\"maxSize\" is at most 20000 changes or \"auto\" here, not 20001"),
        TERMS.hello(new Asking().size(20_001).request()));
    assertEquals(
        new Refused(ErrorCode.LIMIT_EXCEEDED, "\"maxAgeMs\" is at most 60000 here, not 60001"),
        TERMS.hello(new Asking().age(60_001).request()));
  }

  @Test
  void aSubscriptionOnlyNarrows() {
    Buffer aged = buffer(DropPolicy.BY_AGE);
    Buffer sampled = buffer(DropPolicy.SAMPLE);
    assertInstanceOf(Granted.class, subscribe(new Asking().size(16_600), STANDARD));
    assertEquals(
        "\"maxSize\" only narrows the connection's, which is 16600 changes, to 16601",
        tooWide(subscribe(new Asking().size(16_601), STANDARD)));
    assertEquals(
        "\"disconnectThreshold\" only narrows the connection's, which is 0.95, to 0.96",
        tooWide(subscribe(new Asking().disconnect(0.96), STANDARD)));
    assertInstanceOf(Granted.class, subscribe(new Asking().age(10_000), aged));
    assertEquals(
        "\"maxAgeMs\" is at most 10000 for this subscription",
        tooWide(subscribe(new Asking().age(10_001), aged)));
    Asking byAge = new Asking().policy(DropPolicy.BY_AGE);
    assertInstanceOf(Granted.class, subscribe(byAge.age(60_000), buffer(DropPolicy.CONFLATE)));
    assertEquals(
        "\"maxAgeMs\" is at most 60000 for this subscription",
        tooWide(subscribe(byAge.age(60_001), buffer(DropPolicy.CONFLATE))));
    assertEquals(
        "\"sample\" only narrows the connection's, which is one of 10",
        tooWide(TERMS.subscribe(new Asking().sample(9).request(), sampled, OnGap.CONTINUE)));
    assertInstanceOf(
        Granted.class, TERMS.subscribe(new Asking().sample(10).request(), sampled, OnGap.CONTINUE));
    assertInstanceOf(
        Granted.class,
        TERMS.subscribe(
            new Asking().policy(DropPolicy.SAMPLE).sample(2).request(), STANDARD, OnGap.CONTINUE));
  }

  @Test
  void eachPolicySuitsWhatTheProtocolSaysAlsoWhenItIsInherited() {
    for (DropPolicy policy : DropPolicy.values()) {
      for (OnGap onGap : OnGap.values()) {
        Terms stated = TERMS.subscribe(new Asking().policy(policy).request(), STANDARD, onGap);
        Terms inherited = TERMS.subscribe(NOTHING, buffer(policy), onGap);
        Optional<ErrorCode> wrong =
            switch (policy) {
              case DROP_OLDEST, BY_AGE, BY_PRIORITY -> Optional.empty();
              case DROP_NEWEST, SAMPLE ->
                  onGap == OnGap.SNAPSHOT
                      ? Optional.of(ErrorCode.POLICY_NEEDS_EVENTS)
                      : Optional.empty();
              case CONFLATE ->
                  onGap == OnGap.CONTINUE
                      ? Optional.of(ErrorCode.POLICY_NEEDS_STATE)
                      : Optional.empty();
            };
        assertEquals(wrong, code(inherited), policy + " " + onGap);
        assertEquals(
            policy == DropPolicy.BY_PRIORITY ? Optional.of(ErrorCode.BAD_REQUEST) : wrong,
            code(stated),
            policy + " " + onGap);
      }
    }
  }

  @Test
  void refusalsSayWhatIsWrongAndWhatToDo() {
    assertEquals(
        new Refused(
            ErrorCode.POLICY_NEEDS_EVENTS,
            "\"sample\" leaves changes out: it needs \"onGap\": \"continue\""),
        TERMS.subscribe(
            new Asking().policy(DropPolicy.SAMPLE).request(), STANDARD, OnGap.SNAPSHOT));
    assertEquals(
        new Refused(
            ErrorCode.POLICY_NEEDS_STATE,
            "\"conflate\" folds changes: it cannot have \"onGap\": \"continue\", the connection's"
                + " policy; name another in the subscription's \"buffer\""),
        TERMS.subscribe(NOTHING, buffer(DropPolicy.CONFLATE), OnGap.CONTINUE));
    assertEquals(
        "\"by-priority\" is a connection's policy: it stands in the buffer of \"hello\" only",
        bad(subscribe(new Asking().policy(DropPolicy.BY_PRIORITY), STANDARD)));
    assertEquals(
        "\"maxSize\" is at least 1 change, not 0",
        bad(TERMS.hello(new Asking().size(0).request())));
    assertEquals(
        "\"disconnectThreshold\" is more than 0 and at most 1, not 1.5",
        bad(subscribe(new Asking().disconnect(1.5), STANDARD)));
    assertEquals(
        "\"warnThreshold\" is more than 0 and at most \"disconnectThreshold\", which is 0.95, not"
            + " 0.96",
        bad(TERMS.hello(new Asking().warn(0.96).request())));
    assertEquals(
        "\"maxAgeMs\" is more than 0, not 0", bad(TERMS.hello(new Asking().age(0).request())));
    assertEquals(
        "\"sample\" is at least 1, not 0", bad(TERMS.hello(new Asking().sample(0).request())));
  }

  @Test
  void theLeastAndTheMostThatMakeSenseAreGranted() {
    Buffer least = new Buffer(1, STANDARD.policy(), 1, 1, Duration.ofMillis(1), 1);
    assertEquals(
        new Granted(least),
        TERMS.hello(new Asking().size(1).warn(1).disconnect(1).age(1).sample(1).request()));
    assertEquals(
        "\"disconnectThreshold\" is more than 0 and at most 1, not 0.0",
        bad(TERMS.hello(new Asking().disconnect(0).request())));
    assertEquals(
        "\"warnThreshold\" is more than 0 and at most \"disconnectThreshold\", which is 0.95, not"
            + " 0.0",
        bad(TERMS.hello(new Asking().warn(0).request())));
  }

  @Test
  void aDefaultOverItsOwnLimitIsRefusedAtTheStart() {
    Duration minute = Duration.ofMinutes(1);
    assertThrows(IllegalArgumentException.class, () -> new BufferTerms(STANDARD, 16_599, minute));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BufferTerms(STANDARD, 16_600, Duration.ofMillis(9_999)));
    assertDoesNotThrow(() -> new BufferTerms(STANDARD, 16_600, STANDARD.maxAge()));
  }

  /** Whatever is asked for: a buffer within its bounds or a sentence, never an exception. */
  @Property
  void answersEverythingAndNeverWidens(
      @ForAll("requests") BufferRequest hello,
      @ForAll("requests") BufferRequest subscribe,
      @ForAll OnGap onGap) {
    if (TERMS.hello(Optional.of(hello)) instanceof Granted(Buffer connection)) {
      assertTrue(connection.maxSize() <= 20_000 || connection.maxSize() == Buffer.AUTO);
      assertTrue(connection.maxAge().compareTo(Duration.ofSeconds(60)) <= 0);
      switch (TERMS.subscribe(Optional.of(subscribe), connection, onGap)) {
        case Granted(Buffer buffer) -> {
          assertTrue(buffer.maxSize() <= connection.maxSize());
          assertTrue(buffer.disconnectAt() <= connection.disconnectAt());
          assertTrue(
              onGap == OnGap.SNAPSHOT ? buffer.policy().forState() : buffer.policy().forEvents());
        }
        case Refused refused -> assertTrue(refused.message().length() > 20);
      }
    }
  }

  @Provide
  Arbitrary<BufferRequest> requests() {
    Arbitrary<OptionalDouble> shares =
        Arbitraries.of(0.0, -1.0, 0.3, 0.8, 0.95, 0.96, 1.0, 1.1, Double.NaN)
            .optional(0.4)
            .map(share ->
                share.isPresent() ? OptionalDouble.of(share.get()) : OptionalDouble.empty());
    return Combinators.combine(
            Arbitraries.of(Long.MIN_VALUE, 0L, 1L, 16_600L, 16_601L, 20_001L, Buffer.AUTO)
                .optional(0.5)
                .map(size -> size.isPresent() ? OptionalLong.of(size.get()) : OptionalLong.empty()),
            Arbitraries.of(DropPolicy.class).optional(0.6),
            shares,
            shares,
            Arbitraries.longs().between(-1, 60_001).map(Duration::ofMillis).optional(0.3),
            Arbitraries.integers()
                .between(-1, 12)
                .optional(0.3)
                .map(sample ->
                    sample.isPresent() ? OptionalInt.of(sample.get()) : OptionalInt.empty()))
        .as(BufferRequest::new);
  }

  private static Terms subscribe(Asking asking, Buffer connection) {
    return TERMS.subscribe(asking.request(), connection, OnGap.SNAPSHOT);
  }

  private static Buffer buffer(DropPolicy policy) {
    return new Buffer(16_600, policy, 0.8, 0.95, Duration.ofSeconds(10), 10);
  }

  private static Optional<ErrorCode> code(Terms terms) {
    return switch (terms) {
      case Granted granted -> Optional.empty();
      case Refused refused -> Optional.of(refused.code());
    };
  }

  private static String tooWide(Terms terms) {
    Refused refused = assertInstanceOf(Refused.class, terms);
    assertEquals(ErrorCode.LIMIT_EXCEEDED, refused.code());
    return refused.message();
  }

  private static String bad(Terms terms) {
    Refused refused = assertInstanceOf(Refused.class, terms);
    assertEquals(ErrorCode.BAD_REQUEST, refused.code());
    return refused.message();
  }
}
