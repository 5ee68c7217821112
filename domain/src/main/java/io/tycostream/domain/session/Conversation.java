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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/**
 * The subscriptions of one connection: which requests are granted, whose turn it is, and who gives
 * way when more waits than the connection may have waiting.
 *
 * <p>Owned by the connection's courier, which closes it at the end.
 */
public final class Conversation implements AutoCloseable {

  private final Map<String, Source> sources;
  private final Limits limits;
  private final ToIntFunction<Feed> numbers;
  private final Runnable wake;
  private final Map<String, Subscription> byRef = new LinkedHashMap<>();
  private final Map<Integer, Subscription> byNumber = new HashMap<>();
  private final Map<Integer, Subscription> byFeed = new HashMap<>();
  private final Shares shares = new Shares();

  /** The refs of a resumed session that the client has not asked for itself since. */
  private final Set<String> restored = new HashSet<>();

  private Grant grant = Grant.NOTHING;
  private Buffer buffer;
  private Pressure pressure;
  private int fullest;
  private int lastNumber;
  private boolean acksExpected = true;

  /** About how much memory the definitions of the subscriptions take. */
  private long definitionBytes;

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
    this.pressure = Pressure.none(now);
  }

  /** In the order in which they came. */
  public List<Subscription> subscriptions() {
    return List.copyOf(byRef.values());
  }

  /** How much may wait for the connection. */
  public Buffer buffer() {
    return buffer;
  }

  /** Row changes that wait for all subscriptions together. */
  public long buffered() {
    long sum = 0;
    for (Subscription each : byRef.values()) {
      sum += each.buffered();
    }
    return sum;
  }

  /** About how much memory is kept for this connection alone, in bytes. */
  public long bytes() {
    long sum = definitionBytes;
    for (Subscription each : byRef.values()) {
      sum += each.cursor().mergedBytes();
    }
    return sum;
  }

  /** Row changes that were sent so far. */
  public long sent() {
    long sum = sentBefore;
    for (Subscription each : byRef.values()) {
      sum += each.acks().sent();
    }
    return sum;
  }

  /** How far behind the client was told to be. */
  public Pressure.Level level() {
    return pressure.level();
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
    Subscription before = restored.remove(wanted.ref()) ? byRef.get(wanted.ref()) : null;
    if (before != null) {
      end(before);
    }
    return start(wanted, false, now);
  }

  private Optional<ServerMessage> start(Subscribe wanted, boolean lost, Instant now) {
    Source source = sources.get(wanted.source());
    Optional<Position> after = wanted.after().flatMap(Position::parse);
    Definition definition = definition(wanted);
    if (byRef.containsKey(wanted.ref())) {
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
    Optional<Subscription> twin = twin(wanted.source(), definition);
    if (twin.isPresent()) {
      return Optional.of(duplicate(wanted, twin.get()));
    }
    if (byRef.size() >= limits.maxSubscriptions()) {
      return refused(
          wanted,
          ErrorCode.LIMIT_EXCEEDED,
          "a connection has at most " + limits.maxSubscriptions() + " subscriptions");
    }
    if (definitionBytes + wanted.bytes() > limits.maxDefinitionBytes()) {
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
        byRef.put(wanted.ref(), begun);
        byNumber.put(begun.number(), begun);
        if (!acksExpected) {
          begun.expectNoAcks();
        }
        definitionBytes += wanted.bytes();
        yield Optional.empty();
      }
    };
  }

  /** Ends a subscription, and says so. */
  public ServerMessage unsubscribe(Unsubscribe wanted) {
    Optional<Subscription> found =
        wanted.ref().isPresent()
            ? wanted.ref().map(byRef::get)
            : wanted.feed().isPresent() ? of(wanted.feed().getAsInt()) : Optional.empty();
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
    Optional<Subscription> found = of(ack.feed());
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
    for (Subscription each : byRef.values()) {
      if (!each.rests(now)) {
        shares.ready(each.number(), each.wanted().priority());
      }
    }
    Round round = measure(socketTakesTooLittle, now);
    relieve();
    return round;
  }

  /** Whose turn it is; nothing when nobody has anything in this round. */
  public Optional<Subscription> turn() {
    OptionalInt next = shares.next();
    return next.isEmpty() ? Optional.empty() : Optional.ofNullable(byNumber.get(next.getAsInt()));
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
      case Delivery.Nothing nothing -> shares.idle(subscription.number());
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
    Subscription twin = byFeed.get(feed);
    if (twin != null && twin != subscription) {
      end(subscription);
      subscription.follows(feed);
      return new Delivery.Refused(ErrorCode.DUPLICATE_SUBSCRIPTION, sameAs(twin));
    }
    subscription.feedNumber().ifPresent(byFeed::remove);
    subscription.follows(feed);
    byFeed.put(feed, subscription);
    return began;
  }

  /** What the client is told of a subscription that was refused when its turn came. */
  public ServerMessage refusal(Subscription ended, Delivery.Refused why) {
    return refusal(Optional.of(ended.ref()), ended.feedNumber(), why.code(), why.message());
  }

  /** A subscription sent so much in its turn. */
  public void spent(Subscription subscription, long bytes) {
    shares.spent(subscription.number(), bytes);
  }

  /** A subscription has had as much as it wants for now, and has no turns until then. */
  public void rest(Subscription subscription, Instant until) {
    subscription.rest(until);
    shares.idle(subscription.number());
  }

  /** From now on the owner is woken when there may be something; it looks once more after this. */
  public void hangOn() {
    for (Subscription each : byRef.values()) {
      if (!each.rests()) {
        each.cursor().hangOn();
      }
    }
  }

  /** When somebody may have something to send although no source changed. */
  public Optional<Instant> deadline() {
    return byRef.values().stream()
        .flatMap(each -> each.deadline().stream())
        .min(Instant::compareTo);
  }

  /** Lets go of everything that is kept for the connection. */
  @Override
  public void close() {
    List.copyOf(byRef.values()).forEach(this::end);
  }

  private Round measure(boolean socketTakesTooLittle, Instant now) {
    long buffered = buffered();
    long capacity = capacity();
    Pressure.Judged judged =
        pressure.measured(
            new Pressure.Fill(buffered, capacity, socketTakesTooLittle),
            buffer,
            limits.sustainedFor(),
            now);
    pressure = judged.next();
    if (judged.tell().isEmpty()) {
      return new Round(Optional.empty(), judged.disconnect());
    }
    if (buffered > 0) { // else the one that was the fullest is empty now
      fullest =
          byFeed.entrySet().stream()
              .max(
                  Comparator.<Map.Entry<Integer, Subscription>>comparingLong(
                          entry -> entry.getValue().buffered())
                      .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
              .map(Map.Entry::getKey)
              .orElse(fullest);
    }
    return new Round(
        Optional.of(
            new ServerMessage.Pressure(buffered, capacity, judged.tell().get().wire(), fullest)),
        judged.disconnect());
  }

  /** How many row changes may wait; without a bound of its own, what the histories keep. */
  public long capacity() {
    if (buffer.maxSize() != Buffer.AUTO) {
      return buffer.maxSize();
    }
    long sum = 0;
    for (Subscription each : byRef.values()) {
      long kept = each.cursor().source().limits().history().maxEvents();
      sum = kept > Long.MAX_VALUE - sum ? Long.MAX_VALUE : sum + kept;
    }
    return Math.max(1, sum);
  }

  /** Over the connection's buffer, some have to be content with less until half of it is free. */
  private void relieve() {
    byRef.values().forEach(each -> each.cursor().allow(Long.MAX_VALUE));
    long sum = buffered();
    if (sum <= buffer.maxSize()) {
      return;
    }
    long excess = sum - buffer.maxSize() / 2;
    List<Shares.Load> loads = new ArrayList<>();
    byRef
        .values()
        .forEach(each ->
            loads.add(new Shares.Load(each.number(), each.wanted().priority(), each.buffered())));
    while (excess > 0) {
      OptionalInt giving = Shares.givesWay(loads, buffer.policy());
      Subscription least = giving.isEmpty() ? null : byNumber.get(giving.getAsInt());
      if (least == null) {
        return;
      }
      long cut = Math.min(least.buffered(), excess);
      least.cursor().allow(least.buffered() - cut);
      excess -= cut;
      loads.removeIf(load -> load.subscription() == least.number());
    }
  }

  private void end(Subscription subscription) {
    waitsNoMore(subscription);
    sentBefore += subscription.acks().sent();
    definitionBytes -= subscription.wanted().bytes();
    subscription.cursor().close();
    byRef.remove(subscription.ref());
    byNumber.remove(subscription.number());
    subscription.feedNumber().ifPresent(byFeed::remove);
    shares.ended(subscription.number());
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

  /** Who asked for the same in the same words; another wording of it is noticed when it begins. */
  private Optional<Subscription> twin(String source, Definition definition) {
    return byRef.values().stream()
        .filter(each ->
            each.source().equals(source) && each.cursor().terms().definition().equals(definition))
        .findFirst();
  }

  private Optional<Subscription> of(int feed) {
    return Optional.ofNullable(byFeed.get(feed));
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
