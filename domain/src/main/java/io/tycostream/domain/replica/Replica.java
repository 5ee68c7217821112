package io.tycostream.domain.replica;

import io.tycostream.domain.Step;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import io.tycostream.domain.replica.ClientEffect.Send;
import io.tycostream.domain.replica.ClientEffect.Tell;
import io.tycostream.domain.replica.Follower.Standing;
import io.tycostream.domain.replica.ReplicaState.Closed;
import io.tycostream.domain.replica.ReplicaState.Greeting;
import io.tycostream.domain.replica.ReplicaState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * One client: its connection, its session and its subscriptions. It decides everything and does
 * nothing: whoever owns it tells it what happened and does what it answers, in order.
 *
 * <p><b>How it resumes.</b> With the token of an earlier welcome it sends {@code hello} with the
 * token and the positions of those subscriptions that the session is known to have: their {@code
 * subscribed} came. They are not asked for, and when the gateway has ended one of them meanwhile it
 * says so again, because a position is given for it. All others are asked for, at once behind the
 * {@code hello}; also one that follows rows and has no position yet. What the session may have of
 * those is unsubscribed first: else it would be told twice. When the session turns out to be gone,
 * those that were held back are asked for by position. Without a token everything is asked for at
 * once behind the {@code hello}. A session taken over by a newer connection, or said not to be
 * resumable, is not resumed.
 *
 * <p><b>What a broken sequence leads to.</b> The connection is given up and everything goes on from
 * its position; a subscription whose rows are wrong, or that breaks again before anything was
 * applied, begins with a snapshot instead. One that begins anew too often is left alone for a while
 * ({@link LoopLimits}), and its program is told; the others go on.
 *
 * <p>What always holds, after every event:
 *
 * <ol>
 *   <li><b>R1</b> There is at most one socket; nothing is sent but on it, and {@code hello} first.
 *   <li><b>R2</b> On one connection a ref is asked for only when nothing stands for it.
 *   <li><b>R3</b> What is handed over as {@code after} or in {@code positions} is the table's
 *       position.
 *   <li><b>R4</b> Rows and position change only together with a {@link Told} that says so, except
 *       that a position may be forgotten, and that who follows events and has none is from then on
 *       where it began.
 *   <li><b>R5</b> A position never goes back within one history, unless it was forgotten between.
 *   <li><b>R6</b> Once ended, or not wanted any more, nothing is told of a subscription; after the
 *       end of the client nothing is done at all.
 *   <li><b>R7</b> Before its deadline, telling it that the deadline has come does nothing; and it
 *       has a deadline unless it waits for its program.
 *   <li><b>R8</b> A session's token is sent only while it is the last welcome's, and never after a
 *       takeover.
 *   <li><b>R9</b> A subscription that is left alone is not asked for before its time, and however
 *       often it is made to begin anew, it is asked for within the bounds of {@link LoopLimits}.
 *   <li><b>R10</b> An ack names a feed of the present connection and a position that was told on
 *       it.
 * </ol>
 *
 * <p>Owned by one thread at a time.
 */
public final class Replica {

  private final ReplicaSettings settings;
  private final ReplicaMachine machine;
  private final int endpoints;
  private final Followers followers = new Followers();
  private Hello hello;
  private ReplicaState state;
  private Optional<String> session = Optional.empty();
  private boolean resuming;
  private int opened;
  private List<ClientEffect> effects = new ArrayList<>();

  /**
   * @param hello how to greet; its {@code resume} and {@code positions} are not looked at
   * @param endpoints how many addresses there are, at least 1; each new socket is of the next one
   */
  public Replica(ReplicaSettings settings, Hello hello, int endpoints) {
    if (endpoints < 1) {
      throw new IllegalArgumentException("a client needs an address");
    }
    this.settings = settings;
    this.machine = new ReplicaMachine(settings);
    this.hello = hello;
    this.endpoints = endpoints;
    this.state = machine.initial();
  }

  public ReplicaState state() {
    return state;
  }

  /** What a subscription holds; nothing once it has ended. The caller only reads it. */
  public Optional<ReplicaTable> table(String ref) {
    return followers.of(ref).map(Follower::table);
  }

  /**
   * What a program that was just told a position of a subscription hands back when it has processed
   * it; nothing while there is none, or its feed is not known.
   */
  public Optional<Receipt> receipt(String ref) {
    Follower follower = followers.of(ref).orElse(null);
    if (follower == null || follower.feed().isEmpty()) {
      return Optional.empty();
    }
    int feed = follower.feed().getAsInt();
    return follower.table().position().map(at -> new Receipt(ref, opened, feed, at));
  }

  /** When {@link ClientEvent.DeadlineReached} is due; telling it late or early does no harm. */
  public Optional<Instant> deadline() {
    return Stream.of(state.deadline(), followers.deadline())
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  /**
   * What to do about an event.
   *
   * @throws IllegalArgumentException when a subscription with the same ref is there, kept rows are
   *     to go on from where they are not, or rows of events are to be kept
   */
  public List<ClientEffect> on(ClientEvent event, Instant now) {
    effects = new ArrayList<>();
    switch (event) {
      case ClientEvent.Started started -> step(new ReplicaEvent.Started(), now);
      case ClientEvent.SubscribeRequested(ClientMessage.Subscribe terms, boolean keepsRows) ->
          subscribe(terms, keepsRows);
      case ClientEvent.Processed(Receipt receipt) -> acknowledge(receipt);
      case ClientEvent.UnsubscribeRequested(String ref) -> followers.of(ref).ifPresent(this::leave);
      case ClientEvent.CredentialsRenewed(String token, double chance) -> {
        hello = withToken(hello, token);
        step(new ReplicaEvent.CredentialsRenewed(chance), now);
      }
      case ClientEvent.CredentialsDenied denied -> step(new ReplicaEvent.CredentialsDenied(), now);
      case ClientEvent.CloseRequested request -> {
        followers.clear(); // the program knows what it closed itself
        step(new ReplicaEvent.CloseRequested(), now);
      }
      case ClientEvent.SocketOpened socket -> step(new ReplicaEvent.SocketOpened(), now);
      case ClientEvent.MessageReceived(ServerMessage message, double chance) -> {
        if (isConnected()) {
          step(new ReplicaEvent.Heard(), now);
          take(message, now, chance);
        }
      }
      case ClientEvent.GarbageReceived(String reason, OptionalInt feed, double chance) -> {
        if (isConnected()) {
          followers.hearing(feed).ifPresent(f -> broke(f, false, reason, now, chance));
          step(new ReplicaEvent.SequenceBroken(reason, chance), now);
        }
      }
      case ClientEvent.Pinged pinged -> step(new ReplicaEvent.Heard(), now);
      case ClientEvent.SocketEnded(int code, String reason, double chance) -> {
        forgetSessionAfter(code);
        step(new ReplicaEvent.SocketClosed(code, reason, chance), now);
      }
      case ClientEvent.DeadlineReached(double chance) -> {
        step(new ReplicaEvent.DeadlineReached(chance), now);
        followers.all().forEach(follower -> follower.wake(now));
        if (isConnected()) {
          askForAll();
        }
      }
    }
    return List.copyOf(effects);
  }

  private void subscribe(ClientMessage.Subscribe terms, boolean keepsRows) {
    Follower follower = new Follower(terms, keepsRows, settings.loops());
    if (state instanceof Closed closed) {
      tell(new Told.Ended(terms.ref(), "the client has ended: " + closed.reason()));
      return;
    }
    followers.add(follower);
    if (isConnected()) {
      ask(follower);
    }
  }

  /** What came over an earlier connection cannot be acknowledged over this one. */
  private void acknowledge(Receipt receipt) {
    boolean speaks = hello.acks() && isConnected() && receipt.connection() == opened;
    OptionalInt feed = OptionalInt.of(receipt.feed());
    if (speaks && followers.of(receipt.ref()).map(Follower::feed).equals(Optional.of(feed))) {
      send(new ClientMessage.Ack(receipt.feed(), receipt.position()));
    }
  }

  /** The program does not want it any more. */
  private void leave(Follower follower) {
    followers.remove(follower);
    boolean asked = follower.standing() == Standing.ASKED;
    if (asked && isConnected()) {
      unsubscribe(follower.ref());
    } else if (asked || follower.isHeld()) {
      followers.depart(follower.ref());
    }
  }

  private void take(ServerMessage message, Instant now, double chance) {
    switch (message) {
      case Welcome welcome -> welcomed(welcome, now);
      case Bye bye -> {
        forgetSessionAfter(bye.code());
        if (!bye.resumable()) {
          session = Optional.empty();
        }
        step(new ReplicaEvent.Dismissed(bye.code(), bye.reason(), bye.retryIn(), chance), now);
      }
      case Subscribed m ->
          followers
              .hearing(m.ref())
              .ifPresent(follower -> {
                followers.feed(m.feed(), follower);
                follower.stands();
                outcome(follower, follower.table().subscribed(m), now, chance);
              });
      case ServerMessage.SnapshotPart m ->
          followers
              .hearing(OptionalInt.of(m.feed()))
              .ifPresent(f -> outcome(f, f.table().snapshot(m), now, chance));
      case ServerMessage.BatchPart m ->
          followers
              .hearing(OptionalInt.of(m.feed()))
              .ifPresent(f -> outcome(f, f.table().batch(m), now, chance));
      case ServerMessage.Progress m ->
          followers
              .hearing(OptionalInt.of(m.feed()))
              .ifPresent(f -> outcome(f, f.table().progress(m), now, chance));
      case ServerMessage.Gap m ->
          followers
              .hearing(OptionalInt.of(m.feed()))
              .ifPresent(f -> {
                tell(new Told.Gap(f.ref(), m));
                outcome(f, f.table().gap(m), now, chance);
              });
      case ServerMessage.SourceStatus m ->
          find(m.ref(), m.feed()).ifPresent(f -> tell(new Told.SourceState(f.ref(), m)));
      case ServerMessage.Pressure m ->
          followers
              .hearing(OptionalInt.of(m.feed()))
              .ifPresent(f -> tell(new Told.Pressure(f.ref(), m)));
      case ServerMessage.Unsubscribed m -> {
        if (!followers.unsubscribed(m.ref())) {
          String reason = m.reason().orElse("the gateway ended the subscription");
          find(Optional.of(m.ref()), m.feed()).ifPresent(f -> end(f, reason));
        }
      }
      case Refused m -> refused(m, now, chance);
      case ServerMessage.Pong pong -> {}
    }
  }

  private void outcome(Follower follower, Outcome outcome, Instant now, double chance) {
    String ref = follower.ref();
    String position = follower.table().position().orElse("");
    switch (outcome) {
      case Outcome.Staged staged -> {}
      case Outcome.Lost lost -> {} // told with the gap
      case Outcome.Replaced replaced -> {
        tell(new Told.Snapshot(ref, position));
        began(follower, now, chance);
      }
      case Outcome.Shown(var rows) -> {
        tell(new Told.Rows(ref, position, rows));
        began(follower, now, chance);
      }
      case Outcome.Applied(var changes, boolean exact) -> {
        follower.applied();
        tell(new Told.Batch(ref, position, changes, exact));
      }
      case Outcome.Passed(var changes, boolean exact) -> {
        follower.applied();
        tell(new Told.Changes(ref, position, changes, exact));
      }
      case Outcome.Advanced advanced -> tell(new Told.Progress(ref, position));
      case Outcome.Broken(String reason, boolean rowsWrong) -> {
        broke(follower, rowsWrong, reason, now, chance);
        String where = "subscription to " + follower.source() + ": ";
        step(new ReplicaEvent.SequenceBroken(where + reason, chance), now);
      }
      case Outcome.Unusable(String reason) -> {
        unsubscribe(ref);
        end(follower, reason);
      }
    }
  }

  private void began(Follower follower, Instant now, double chance) {
    follower
        .began(now, chance)
        .ifPresent(pause -> {
          followers.mute(follower);
          unsubscribe(follower.ref());
          pause(follower, pause, "one snapshot after another", now);
        });
  }

  private void broke(
      Follower follower, boolean rowsWrong, String reason, Instant now, double chance) {
    follower
        .broke(rowsWrong, now, chance)
        .ifPresent(pause -> {
          followers.depart(follower.ref());
          pause(follower, pause, reason, now);
        });
  }

  private void pause(Follower follower, Duration pause, String reason, Instant now) {
    follower.pause(now.plus(pause));
    tell(new Told.Looping(follower.ref(), reason, now.plus(pause)));
  }

  private void refused(Refused refusal, Instant now, double chance) {
    String ref = refusal.ref().orElse("");
    if (followers.isUnanswered(ref)) {
      // Anything else answers what was asked before the unsubscribe.
      if (refusal.code().equals(ErrorCode.UNKNOWN_FEED.wire())) {
        followers.unsubscribed(ref);
      }
      return;
    }
    Optional<Follower> asked = followers.hearing(ref);
    if (asked.isEmpty()) {
      tell(new Told.Remarked(refusal));
      return;
    }
    Follower follower = asked.get();
    if (refusal.code().equals(ErrorCode.BAD_POSITION.wire())
        && follower.table().position().isPresent()) {
      tell(new Told.Remarked(refusal));
      follower.table().forgetPosition();
      send(follower.ask());
      return;
    }
    tell(new Told.Refused(ref, refusal));
    if (refusal.retryable()) {
      follower.refused(now, settings.backoff(), chance);
    } else {
      end(follower, refusal.message() + " (" + refusal.code() + ")");
    }
  }

  private void end(Follower follower, String reason) {
    followers.remove(follower);
    tell(new Told.Ended(follower.ref(), reason));
  }

  private void greet() {
    resuming = session.isPresent();
    followers.connectionLost(!resuming);
    Map<String, String> positions = new HashMap<>();
    if (resuming) {
      for (Follower follower : followers.all()) {
        if (follower.isHeld()) { // the others are asked for, or over
          follower.table().position().ifPresent(at -> positions.put(follower.ref(), at));
        }
      }
    }
    send(
        new Hello(hello.token(), hello.client(), session, positions, hello.acks(), hello.buffer()));
    askForAll();
  }

  private void welcomed(Welcome welcome, Instant now) {
    session = welcome.resume();
    step(new ReplicaEvent.Welcomed(welcome.heartbeat()), now);
    if (!resuming) {
      return;
    }
    resuming = false;
    if (!welcome.resumed()) {
      followers.sessionLost();
      askForAll();
      return;
    }
    for (Follower follower : followers.all()) {
      if (follower.isHeld() && follower.standing() == Standing.UNASKED) {
        follower.stands();
      }
    }
    followers.departed().forEach(this::unsubscribe);
  }

  /** Asks for all that nothing stands for and that need not wait. */
  private void askForAll() {
    followers.all().forEach(this::ask);
  }

  private void ask(Follower follower) {
    if (follower.standing() == Standing.UNASKED && !waitsForWelcome(follower)) {
      if (resuming && (follower.isUnsure() || followers.isDeparted(follower.ref()))) {
        unsubscribe(follower.ref()); // what the session brings back is over before it is asked for
      }
      followers.rejoin(follower.ref());
      send(follower.ask());
    }
  }

  /** Whether the session is going to bring it back, if it is there. */
  private boolean waitsForWelcome(Follower follower) {
    return resuming && follower.isHeld();
  }

  private void unsubscribe(String ref) {
    followers.unsubscribing(ref);
    send(new ClientMessage.Unsubscribe(Optional.of(ref), OptionalInt.empty()));
  }

  private Optional<Follower> find(Optional<String> ref, OptionalInt feed) {
    return followers.hearing(feed).or(() -> ref.flatMap(followers::hearing));
  }

  private boolean isConnected() {
    return state instanceof Greeting || state instanceof Open;
  }

  private void forgetSessionAfter(int code) {
    if (CloseCode.returnAfter(code) == CloseCode.Return.BY_POSITION) {
      session = Optional.empty();
    }
  }

  /** The one door through which the state of the connection changes. */
  private void step(ReplicaEvent event, Instant now) {
    Step<ReplicaState, ReplicaEffect> step = machine.step(state, event, now);
    state = step.state();
    step.effects().forEach(this::perform);
    if (state instanceof Closed closed) {
      followers.all().forEach(f -> end(f, "the client has ended: " + closed.reason()));
      followers.clear();
    }
  }

  private void perform(ReplicaEffect effect) {
    switch (effect) {
      case ReplicaEffect.OpenSocket open ->
          effects.add(new ClientEffect.OpenSocket(opened++ % endpoints));
      case ReplicaEffect.Greet greet -> greet();
      case ReplicaEffect.RenewCredentials renew ->
          send(
              new Hello(
                  hello.token(),
                  hello.client(),
                  Optional.empty(),
                  Map.of(),
                  hello.acks(),
                  hello.buffer()));
      case ReplicaEffect.SendPing ping -> send(new ClientMessage.Ping(Optional.empty()));
      case ReplicaEffect.CloseSocket(int code, String reason) ->
          effects.add(new ClientEffect.CloseSocket(code, reason));
      case ReplicaEffect.AskForCredentials ask -> effects.add(new ClientEffect.AskForCredentials());
    }
  }

  private void send(ClientMessage message) {
    effects.add(new Send(message));
  }

  private void tell(Told told) {
    effects.add(new Tell(told));
  }

  @Override
  public String toString() {
    return state + " " + followers;
  }

  private static Hello withToken(Hello hello, String token) {
    return new Hello(
        Optional.of(token),
        hello.client(),
        Optional.empty(),
        Map.of(),
        hello.acks(),
        hello.buffer());
  }
}
