package io.tycostream.domain.session;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.Pressure;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.source.Cursor;
import io.tycostream.domain.source.Delivery;
import io.tycostream.domain.source.Source;
import io.tycostream.domain.source.Terms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * What one connection asks for and is told: which requests are granted, what ends, and what comes
 * next, in {@link Turns}.
 *
 * <p>Owned by the connection's courier, which closes it at the end.
 */
public final class Conversation implements AutoCloseable {

  private final Map<String, Source> sources;
  private final Limits limits;
  private final ToIntFunction<Feed> numbers;
  private final Runnable wake;
  private final Subscriptions all = new Subscriptions();
  private final Turns turns;

  /** The refs of a resumed session that the client has not asked for itself since. */
  private final Set<String> restored = new HashSet<>();

  private Grant grant = Grant.NOTHING;
  private Buffer buffer;
  private int lastNumber;
  private boolean acksExpected = true;

  /** Row changes that were sent for subscriptions that are over. */
  private long sentBefore;

  /**
   * What a connection may have.
   *
   * @param maxDefinitionBytes that it takes to remember what is subscribed
   * @param room where subscriptions to sources without rows wait; one for all connections
   * @param patience how long a subscription waits for a source that is not ready
   * @param sustainedFor how long its socket may take too little for a full buffer
   */
  public record Limits(
      int maxSubscriptions,
      long maxDefinitionBytes,
      WaitingRoom room,
      Duration patience,
      BufferTerms buffers,
      Duration sustainedFor) {}

  /**
   * A round of turns.
   *
   * @param tell how far behind the connection is, when that is to be told anew
   * @param tooSlow whether the connection is to end, because its socket took too little for too
   *     long
   */
  public record Round(Optional<ServerMessage> tell, boolean tooSlow) {}

  /**
   * @param sources by their names
   * @param numbers the node's number for a feed
   * @param wake wakes the owner when there may be something after {@link #hangOn}; any thread
   */
  public Conversation(
      Map<String, Source> sources,
      Limits limits,
      ToIntFunction<Feed> numbers,
      Runnable wake,
      Instant now) {
    this.sources = sources;
    this.limits = limits;
    this.numbers = numbers;
    this.wake = wake;
    this.buffer = limits.buffers().standard();
    this.turns = new Turns(all, limits.sustainedFor(), now);
  }

  /** In the order in which they came. */
  public List<Subscription> subscriptions() {
    return all.copy();
  }

  /** How much may wait for the connection. */
  public Buffer buffer() {
    return buffer;
  }

  /** Row changes that wait for all subscriptions together. */
  public long buffered() {
    return all.buffered();
  }

  /** About how much memory is kept for this connection alone, in bytes. */
  public long bytes() {
    return all.bytes();
  }

  /** Row changes that were sent so far. */
  public long sent() {
    long sum = sentBefore;
    for (Subscription each : all.all()) {
      sum += each.acks().sent();
    }
    return sum;
  }

  /** How far behind the client was told to be. */
  public Pressure.Level level() {
    return turns.level();
  }

  /**
   * The buffer that {@code hello} asks for. A later {@code hello} that asks for none leaves it as
   * it is, and subscriptions keep what they were granted.
   *
   * @return why it is refused; the buffer stays as it was then
   */
  public Optional<ServerMessage> buffer(Optional<BufferRequest> request) {
    if (request.isEmpty()) {
      return Optional.empty();
    }
    return switch (limits.buffers().hello(request)) {
      case BufferTerms.Terms.Granted(Buffer granted) -> {
        buffer = granted;
        yield Optional.empty();
      }
      case BufferTerms.Terms.Refused(ErrorCode code, String message) ->
          Optional.of(refusal(Optional.empty(), OptionalInt.empty(), code, message));
    };
  }

  /**
   * The client has credentials; before that nothing is allowed. What they do not allow ends; what
   * shows other rows with them begins anew.
   *
   * @param isWhole whether all of what was handed out last of a subscription has been sent; what
   *     has not been sent must not be sent any more
   * @return what the client is told of those that end
   */
  public List<ServerMessage> permit(Grant changed, Predicate<Subscription> isWhole, Instant now) {
    grant = changed;
    List<ServerMessage> told = new ArrayList<>();
    for (Subscription each : subscriptions()) {
      Definition definition = definition(each.wanted());
      if (!grant.allows(each.source())) {
        end(each);
        told.add(
            refusal(
                Optional.of(each.ref()),
                each.feedNumber(),
                ErrorCode.FORBIDDEN,
                forbidden(each.source())));
      } else if (!definition.equals(each.cursor().terms().definition())) {
        boolean whole = isWhole.test(each);
        each.begin(each.cursor().redefined(definition, whole, now, limits.patience(), wake));
      }
    }
    return List.copyOf(told);
  }

  /**
   * A subscription of a resumed session begins again; one that the client asks for under the same
   * ref replaces it.
   *
   * @return why it is refused
   */
  public Optional<ServerMessage> restore(Session.Restored before, Instant now) {
    Optional<ServerMessage> refused = start(before.subscribe(), before.lost(), now);
    if (refused.isEmpty()) {
      restored.add(before.subscribe().ref());
    }
    return refused;
  }

  /**
   * Starts a subscription; what it has to say comes with its first turns.
   *
   * @return why it is refused
   */
  public Optional<ServerMessage> subscribe(Subscribe wanted, Instant now) {
    if (restored.remove(wanted.ref())) {
      all.of(wanted.ref()).ifPresent(this::end);
    }
    return start(wanted, false, now);
  }

  private Optional<ServerMessage> start(Subscribe wanted, boolean lost, Instant now) {
    Source source = sources.get(wanted.source());
    Optional<Position> after = wanted.after().flatMap(Position::parse);
    Definition definition = definition(wanted);
    if (all.of(wanted.ref()).isPresent()) {
      return refused(wanted, ErrorCode.DUPLICATE_REF, "ref \"" + wanted.ref() + "\" is in use");
    }
    if (source == null) {
      return refused(
          wanted,
          ErrorCode.UNKNOWN_SOURCE,
          "there is no source \"" + wanted.source() + "\"; there are " + visible());
    }
    if (!grant.allows(wanted.source())) {
      return refused(wanted, ErrorCode.FORBIDDEN, forbidden(wanted.source()));
    }
    if (wanted.after().isPresent() && after.isEmpty()) {
      return refused(wanted, ErrorCode.BAD_POSITION, "\"after\" is not a position of this gateway");
    }
    Optional<Subscription> twin = all.twin(wanted.source(), definition);
    if (twin.isPresent()) {
      return Optional.of(duplicate(wanted, twin.get()));
    }
    if (all.size() >= limits.maxSubscriptions()) {
      return refused(
          wanted,
          ErrorCode.LIMIT_EXCEEDED,
          "a connection has at most " + limits.maxSubscriptions() + " subscriptions");
    }
    if (all.definitionBytes() + wanted.bytes() > limits.maxDefinitionBytes()) {
      return refused(
          wanted,
          ErrorCode.LIMIT_EXCEEDED,
          "the filters and columns of a connection's subscriptions take at most "
              + limits.maxDefinitionBytes()
              + " bytes of memory; unsubscribe some, or ask for them in fewer words");
    }
    return switch (limits.buffers().subscribe(wanted.buffer(), buffer, wanted.onGap())) {
      case BufferTerms.Terms.Refused(ErrorCode code, String message) ->
          refused(wanted, code, message);
      case BufferTerms.Terms.Granted(Buffer granted) -> {
        boolean waits = source.generation().isEmpty();
        if (waits && !limits.room().enter()) {
          yield refused(wanted, ErrorCode.SOURCE_NOT_READY, tooManyWait(source));
        }
        Terms terms =
            new Terms(definition, after, wanted.snapshot(), wanted.onGap(), granted, lost);
        Cursor cursor = new Cursor(source, terms, now, limits.patience(), wake);
        Subscription begun = new Subscription(++lastNumber, wanted, cursor, waits);
        all.add(begun);
        if (!acksExpected) {
          begun.expectNoAcks();
        }
        yield Optional.empty();
      }
    };
  }

  /** Ends a subscription, and says so. */
  public ServerMessage unsubscribe(Unsubscribe wanted) {
    Optional<Subscription> found =
        wanted.ref().isPresent()
            ? wanted.ref().flatMap(all::of)
            : wanted.feed().isPresent() ? all.ofFeed(wanted.feed().getAsInt()) : Optional.empty();
    if (found.isEmpty()) {
      return refusal(
          wanted.ref(), wanted.feed(), ErrorCode.UNKNOWN_FEED, "there is no such subscription");
    }
    restored.remove(found.get().ref());
    end(found.get());
    return new Unsubscribed(found.get().ref(), found.get().feedNumber(), Optional.empty());
  }

  /**
   * Whether the client says what it has processed, as it has told in {@code hello}; yes, until this
   * is called. Holds for what is subscribed from now on.
   */
  public void expectAcks(boolean expected) {
    acksExpected = expected;
  }

  /**
   * The client has processed something.
   *
   * @return why that cannot be
   */
  public Optional<ServerMessage> ack(Ack ack) {
    Optional<Subscription> found = all.ofFeed(ack.feed());
    if (found.isEmpty()) {
      return Optional.of(
          refusal(
              Optional.empty(),
              OptionalInt.of(ack.feed()),
              ErrorCode.UNKNOWN_FEED,
              "no such feed"));
    }
    return switch (found.get().acked(ack.position())) {
      case ADVANCED, REPEATED, OUTDATED -> Optional.empty();
      case UNKNOWN ->
          Optional.of(
              refusal(
                  Optional.empty(),
                  OptionalInt.of(ack.feed()),
                  ErrorCode.BAD_POSITION,
                  "nothing was sent up to this position"));
    };
  }

  /**
   * A round of turns begins: everybody may have something who does not rest, and who has too much
   * waiting is going to give way.
   *
   * @param socketTakesTooLittle whether it is the socket that holds up what waits
   */
  public Round begin(boolean socketTakesTooLittle, Instant now) {
    return turns.begin(buffer, socketTakesTooLittle, now);
  }

  /** Whose turn it is; nothing when nobody has anything in this round. */
  public Optional<Subscription> turn() {
    return turns.next();
  }

  /**
   * What a subscription has to send. {@link Delivery.Nothing} ends its turns in this round, {@link
   * Delivery.Refused} the subscription: {@link #refusal} says what the client is told then.
   */
  public Delivery next(Subscription subscription, Instant now) {
    Delivery delivery = subscription.next(now);
    switch (delivery) {
      case Delivery.Began began -> {
        return begun(subscription, began);
      }
      case Delivery.Refused refused -> end(subscription);
      case Delivery.Nothing nothing -> turns.idle(subscription);
      case Delivery.Status status -> {}
      case Delivery.Lost lost -> {}
      case Delivery.Everything all -> {}
      case Delivery.Next next -> {}
      case Delivery.Merged merged -> {}
      case Delivery.Reached reached -> {}
    }
    return delivery;
  }

  /** Only now it is known which feed it is: one that is followed already in other words, maybe. */
  private Delivery begun(Subscription subscription, Delivery.Began began) {
    waitsNoMore(subscription);
    int feed = numbers.applyAsInt(began.feed());
    Optional<Subscription> twin = all.ofFeed(feed).filter(other -> other != subscription);
    if (twin.isPresent()) {
      end(subscription);
      subscription.follows(feed);
      return new Delivery.Refused(ErrorCode.DUPLICATE_SUBSCRIPTION, sameAs(twin.get()));
    }
    all.follows(subscription, feed);
    return began;
  }

  /** What the client is told of a subscription that was refused when its turn came. */
  public ServerMessage refusal(Subscription ended, Delivery.Refused why) {
    return refusal(Optional.of(ended.ref()), ended.feedNumber(), why.code(), why.message());
  }

  /** A subscription sent so much in its turn. */
  public void spent(Subscription subscription, long bytes) {
    turns.spent(subscription, bytes);
  }

  /** A subscription has had as much as it wants for now, and has no turns until then. */
  public void rest(Subscription subscription, Instant until) {
    subscription.rest(until);
    turns.idle(subscription);
  }

  /** From now on the owner is woken when there may be something; it looks once more after this. */
  public void hangOn() {
    for (Subscription each : all.all()) {
      if (!each.rests()) {
        each.cursor().hangOn();
      }
    }
  }

  /** When somebody may have something to send although no source changed. */
  public Optional<Instant> deadline() {
    return all.all().stream().flatMap(each -> each.deadline().stream()).min(Instant::compareTo);
  }

  /** Lets go of everything that is kept for the connection. */
  @Override
  public void close() {
    all.copy().forEach(this::end);
  }

  /** How many row changes may wait; without a bound of its own, what the histories keep. */
  public long capacity() {
    return turns.capacity(buffer);
  }

  private void end(Subscription subscription) {
    waitsNoMore(subscription);
    sentBefore += subscription.acks().sent();
    subscription.cursor().close();
    all.remove(subscription);
    turns.ended(subscription);
  }

  private void waitsNoMore(Subscription subscription) {
    if (subscription.leavesRoom()) {
      limits.room().leave();
    }
  }

  /** What the client gets when it asks for this: never more than it may see. */
  private Definition definition(Subscribe wanted) {
    return new Definition(
        grant.narrow(wanted.source(), wanted.where()), wanted.columns(), wanted.delta());
  }

  /** The names of the sources that the client may know of. */
  private List<String> visible() {
    return sources.keySet().stream().filter(grant::allows).toList();
  }

  private String forbidden(String source) {
    return "the credentials of " + grant.principal() + " do not allow source " + source;
  }

  private String tooManyWait(Source source) {
    return "source "
        + source.name()
        + " has no rows yet, and "
        + limits.room().places()
        + " subscriptions, as many as may, wait for such sources; subscribe again later";
  }

  private ServerMessage duplicate(Subscribe wanted, Subscription twin) {
    return refusal(
        Optional.of(wanted.ref()),
        twin.feedNumber(),
        ErrorCode.DUPLICATE_SUBSCRIPTION,
        sameAs(twin));
  }

  private static String sameAs(Subscription twin) {
    return "\"" + twin.ref() + "\" follows the same";
  }

  private static Optional<ServerMessage> refused(Subscribe wanted, ErrorCode code, String message) {
    return Optional.of(refusal(Optional.of(wanted.ref()), OptionalInt.empty(), code, message));
  }

  private static ServerMessage refusal(
      Optional<String> ref, OptionalInt feed, ErrorCode code, String message) {
    return new Refused(ref, feed, code.wire(), message, code.retryable());
  }
}
