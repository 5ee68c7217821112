package io.tycostream.domain.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tycostream.domain.MachineDocument;
import io.tycostream.domain.Step;
import io.tycostream.domain.TransitionTable;
import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.upstream.Endpoints.Endpoint;
import io.tycostream.domain.upstream.Endpoints.Health;
import io.tycostream.domain.upstream.UpstreamEffect.AbortOpening;
import io.tycostream.domain.upstream.UpstreamEffect.ClearAlert;
import io.tycostream.domain.upstream.UpstreamEffect.CloseStream;
import io.tycostream.domain.upstream.UpstreamEffect.OpenStream;
import io.tycostream.domain.upstream.UpstreamEffect.ProbeEndpoint;
import io.tycostream.domain.upstream.UpstreamEffect.RaiseAlert;
import io.tycostream.domain.upstream.UpstreamEvent.CatchUpStarted;
import io.tycostream.domain.upstream.UpstreamEvent.DeadlineReached;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import io.tycostream.domain.upstream.UpstreamEvent.FrontierMoved;
import io.tycostream.domain.upstream.UpstreamEvent.FrontierStoodStill;
import io.tycostream.domain.upstream.UpstreamEvent.Heard;
import io.tycostream.domain.upstream.UpstreamEvent.OpeningProgressed;
import io.tycostream.domain.upstream.UpstreamEvent.RetryRequested;
import io.tycostream.domain.upstream.UpstreamEvent.SnapshotStarted;
import io.tycostream.domain.upstream.UpstreamEvent.Started;
import io.tycostream.domain.upstream.UpstreamEvent.StopRequested;
import io.tycostream.domain.upstream.UpstreamEvent.StreamFailed;
import io.tycostream.domain.upstream.UpstreamEvent.StreamOpened;
import io.tycostream.domain.upstream.UpstreamState.CatchingUp;
import io.tycostream.domain.upstream.UpstreamState.Connecting;
import io.tycostream.domain.upstream.UpstreamState.Failed;
import io.tycostream.domain.upstream.UpstreamState.Idle;
import io.tycostream.domain.upstream.UpstreamState.Live;
import io.tycostream.domain.upstream.UpstreamState.Outage;
import io.tycostream.domain.upstream.UpstreamState.Recovery;
import io.tycostream.domain.upstream.UpstreamState.Snapshotting;
import io.tycostream.domain.upstream.UpstreamState.Stopped;
import io.tycostream.domain.upstream.UpstreamState.Trouble;
import io.tycostream.domain.upstream.UpstreamState.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

final class UpstreamMachineTest {

  private static final Instant NOW = Instant.parse("2026-11-21T20:45:16Z");
  private static final Instant SINCE = NOW.minusSeconds(60);
  private static final Instant LATER = NOW.plusSeconds(1);
  private static final Duration OPEN = Duration.ofSeconds(10);
  private static final Duration READ = Duration.ofSeconds(30);
  private static final Duration SILENCE = Duration.ofSeconds(15);
  private static final Duration STALL = Duration.ofSeconds(10);
  private static final Duration ALERT = Duration.ofSeconds(60);
  private static final Duration SLOW = Duration.ofSeconds(90);
  private static final double CHANCE = 0.75;
  private static final Failure CUT = new Failure(FailureKind.NETWORK, "cut");

  private static final Backoff BACKOFF = Backoff.DATABASE;
  private static final UpstreamSettings SETTINGS = settings(OptionalInt.empty());

  private static final Endpoints ONE = Endpoints.of(List.of("a"));

  /** On the second one, because the first is known to be down. */
  private static final Endpoints SECOND =
      Endpoints.of(List.of("a", "b")).failed(NOW.plusSeconds(30)).at(1);

  /** On the second one, and the first is healthy for so long that one more probe is enough. */
  private static final Endpoints RECOVERED =
      new Endpoints(
          List.of(
              new Endpoint(
                  "a",
                  0,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.of(new Health(NOW.minus(Duration.ofMinutes(5)), NOW.minusSeconds(15)))),
              Endpoint.of("b")),
          1);

  private static final Checkpoint OURS = new Checkpoint("e", -2L);

  private static final UpstreamMachine MACHINE = new UpstreamMachine(List.of("a"), SETTINGS);

  private static final Optional<Instant> ALERT_DUE = Optional.of(NOW.plus(ALERT));
  private static final Trouble ALERTED = new Trouble(SINCE, Optional.empty());

  /** An outage whose alert is due now, which is still to be raised. */
  private static final Outage DARK =
      new Outage(SINCE, 2, false, false, false, new Trouble(SINCE, Optional.of(NOW)), ONE);

  /** The same after the alert, when nothing can be resumed. */
  private static final Outage KNOWN = new Outage(SINCE, 2, true, false, false, ALERTED, ONE);

  /** The same when what was lost can be resumed. */
  private static final Outage BEHIND = new Outage(SINCE, 2, false, false, false, ALERTED, ONE);

  /** With a second endpoint, of which nothing is known. */
  private static final Outage CHOICE = KNOWN.with(Endpoints.of(List.of("a", "b")));

  /** With two endpoints, and the first one is down. */
  private static final Outage NO_CHOICE = KNOWN.with(SECOND);

  /** Each state, most of them as they are at the moment when their deadline has come. */
  private enum From {
    IDLE(new Idle()),
    CONNECTING_ALERT_DUE(connecting(DARK, LATER)),
    CONNECTING_TOO_LONG(connecting(KNOWN, NOW)),
    CONNECTING_WITH_ANOTHER_ENDPOINT(connecting(CHOICE, NOW)),
    CONNECTING_TO_THE_LAST_ENDPOINT(connecting(NO_CHOICE, LATER)),
    SNAPSHOTTING_ALERT_DUE(snapshotting(DARK, LATER)),
    SNAPSHOTTING_WITHOUT_PROGRESS(snapshotting(KNOWN, NOW)),
    CATCHING_UP_ALERT_DUE(catchingUp(DARK, LATER)),
    CATCHING_UP_WITHOUT_PROGRESS(catchingUp(BEHIND, NOW)),
    LIVE_SILENT(live(NOW.minusSeconds(999), NOW.minus(SILENCE), NOW, false, ONE, null)),
    LIVE_BRIEFLY(live(NOW.minusMillis(1), NOW.minusMillis(1), NOW, false, ONE, null)),
    LIVE_BRIEFLY_AGAIN(recovering(NOW.minusMillis(1), DARK.trouble(), LATER)),
    LIVE_LONG_ENOUGH(recovering(SINCE, DARK.trouble(), NOW)),
    LIVE_LONG_ENOUGH_AFTER_THE_ALERT(recovering(SINCE, ALERTED, NOW)),
    LIVE_QUIET_NEARLY_TOO_LONG(live(SINCE, NOW.minus(STALL).plusNanos(1), SINCE, false, ONE, null)),
    LIVE_QUIET_TOO_LONG(live(SINCE, NOW.minus(STALL), SINCE, false, ONE, null)),
    LIVE_STALLED(live(SINCE, NOW.minusMillis(1), SINCE, true, ONE, null)),
    LIVE_ON_A_LATER_ENDPOINT(live(SINCE, NOW.minusMillis(1), NOW, false, SECOND, NOW)),
    LIVE_FIRST_ENDPOINT_BACK(live(SINCE, NOW.minusMillis(1), NOW, false, RECOVERED, LATER)),
    WAITING(new Waiting(KNOWN, CUT, NOW)),
    WAITING_ALERT_DUE(new Waiting(DARK, CUT, LATER)),
    FAILED(new Failed(NO_CHOICE, CUT, SINCE, NOW)),
    FAILED_ALERT_DUE(new Failed(DARK, CUT, SINCE, LATER)),
    STOPPED(new Stopped());

    private final UpstreamState state;

    From(UpstreamState state) {
      this.state = state;
    }
  }

  private static Connecting connecting(Outage outage, Instant giveUpAt) {
    return new Connecting(outage, Optional.empty(), false, giveUpAt.minus(OPEN), giveUpAt);
  }

  private static Snapshotting snapshotting(Outage outage, Instant giveUpAt) {
    return new Snapshotting(outage, SINCE, giveUpAt.minus(READ), giveUpAt);
  }

  private static CatchingUp catchingUp(Outage outage, Instant giveUpAt) {
    return new CatchingUp(outage, SINCE, giveUpAt.minus(READ), giveUpAt);
  }

  private static Live live(
      Instant since,
      Instant heard,
      Instant moved,
      boolean stalled,
      Endpoints endpoints,
      @Nullable Instant probeAt) {
    return new Live(
        since,
        heard,
        heard.plus(SILENCE),
        moved,
        stalled,
        3,
        Optional.empty(),
        endpoints,
        Optional.ofNullable(probeAt));
  }

  /** Live since then, and the trouble before is not over yet. */
  private static Live recovering(Instant since, Trouble trouble, Instant overAt) {
    return new Live(
        since,
        NOW.minusMillis(1),
        NOW.minusMillis(1).plus(SILENCE),
        NOW,
        false,
        3,
        Optional.of(new Recovery(trouble, overAt)),
        ONE,
        Optional.empty());
  }

  private static List<UpstreamEvent> events() {
    List<UpstreamEvent> events = new ArrayList<>();
    events.add(new Started());
    events.add(new SnapshotStarted());
    events.add(new CatchUpStarted());
    events.add(new OpeningProgressed());
    events.add(new StreamOpened());
    events.add(new Heard());
    events.add(new FrontierMoved());
    events.add(new FrontierStoodStill());
    events.add(new EndpointProbed(0, Optional.of(new Checkpoint("e", -1L)), Optional.of(OURS)));
    for (FailureKind kind : FailureKind.values()) {
      events.add(new StreamFailed(new Failure(kind, "so"), CHANCE));
    }
    events.add(new DeadlineReached(CHANCE));
    events.add(new RetryRequested());
    events.add(new StopRequested());
    return events;
  }

  private static final TransitionTable<From, UpstreamState, UpstreamEvent, UpstreamEffect> TABLE =
      new TransitionTable<>(List.of(From.values()), from -> from.state, events());

  @TestFactory
  List<DynamicTest> everyStateAnswersEveryEvent() {
    return TABLE.cells(
        UpstreamState.class, UpstreamEvent.class, this::expected, UpstreamMachineTest::stepNow);
  }

  /** Four failures at two endpoints are two rounds, after which the wait is 400 ms. */
  @Test
  void aStreamThatLivedAsLongAsTheWaitBeforeItStartsOverWithTheShortestWait() {
    Reconnection reconnection = new Reconnection(SETTINGS);
    Duration wait = BACKOFF.delay(2, 0.5);
    assertEquals(0, reconnection.outageAfter(lived(wait), CUT.kind(), NOW).attempt());
    Outage outage = reconnection.outageAfter(lived(wait.minusNanos(1)), CUT.kind(), NOW);
    assertEquals(4, outage.attempt());
    assertEquals(NOW, outage.since());
  }

  private static Live lived(Duration life) {
    Optional<Recovery> over = Optional.empty();
    return new Live(NOW.minus(life), NOW, LATER, NOW, false, 4, over, SECOND, Optional.empty());
  }

  @Test
  void thePageAboutItSaysWhatItDoes() throws IOException {
    Map<String, String> enforcedBy = new LinkedHashMap<>();
    for (int invariant = 1; invariant <= 13; invariant++) {
      enforcedBy.put(
          "U" + invariant,
          "`UpstreamInvariants`, after every step of every test and of the simulation");
    }
    enforcedBy.put("U14", "`UpstreamOutageProperties`");
    enforcedBy.put("U15", "`ResumptionProperties`, `UpstreamOutageProperties`");
    new MachineDocument<>(
            "The connection to a database",
            "When the gateway opens, gives up and tries again its stream from a database, and at"
                + " which of its endpoints.",
            UpstreamMachine.class,
            TABLE,
            UpstreamMachineTest::stepNow,
            enforcedBy)
        .assertIsWritten("upstream.md", UpstreamMachineTest.class);
  }

  private static Step<UpstreamState, UpstreamEffect> stepNow(
      UpstreamState state, UpstreamEvent event) {
    return new UpstreamInvariants(MACHINE, SETTINGS, state).step(event, NOW);
  }

  /** The table; a state or an event that is missing here does not compile. */
  private Step<UpstreamState, UpstreamEffect> expected(From from, UpstreamEvent event) {
    return switch (from.state) {
      case Idle idle ->
          switch (event) {
            case Started e -> opens(begins(0, true, false, ONE));
            case StopRequested e -> Step.to(new Stopped());
            case SnapshotStarted e -> stays(from);
            case CatchUpStarted e -> stays(from);
            case OpeningProgressed e -> stays(from);
            case StreamOpened e -> stays(from);
            case Heard e -> stays(from);
            case FrontierMoved e -> stays(from);
            case FrontierStoodStill e -> stays(from);
            case EndpointProbed e -> stays(from);
            case StreamFailed e -> stays(from);
            case DeadlineReached e -> stays(from);
            case RetryRequested e -> stays(from);
          };
      case Connecting connecting -> {
        Outage outage = connecting.outage();
        yield switch (event) {
          case SnapshotStarted e -> Step.to(new Snapshotting(outage, NOW, NOW, NOW.plus(READ)));
          case CatchUpStarted e -> Step.to(new CatchingUp(outage, NOW, NOW, NOW.plus(READ)));
          case StreamOpened e -> opened(outage);
          case StreamFailed e -> fails(outage, e.failure());
          case DeadlineReached e ->
              switch (from) {
                case CONNECTING_ALERT_DUE ->
                    Step.to(connecting(DARK.alerted(), LATER), new RaiseAlert(SINCE));
                case CONNECTING_TOO_LONG, CONNECTING_WITH_ANOTHER_ENDPOINT ->
                    after(
                        new AbortOpening(),
                        fails(outage, network("a: the stream was not opened within 10000 ms")));
                default -> stays(from);
              };
          case StopRequested e -> Step.to(new Stopped(), new AbortOpening());
          case Started e -> stays(from);
          case OpeningProgressed e -> stays(from);
          case Heard e -> stays(from);
          case FrontierMoved e -> stays(from);
          case FrontierStoodStill e -> stays(from);
          case EndpointProbed e -> stays(from);
          case RetryRequested e -> stays(from);
        };
      }
      case Snapshotting reading -> {
        Outage outage = reading.outage();
        yield switch (event) {
          case OpeningProgressed e -> Step.to(new Snapshotting(outage, SINCE, NOW, NOW.plus(READ)));
          case StreamOpened e -> opened(outage);
          case StreamFailed e -> fails(outage, e.failure());
          case DeadlineReached e ->
              from == From.SNAPSHOTTING_ALERT_DUE
                  ? Step.to(snapshotting(DARK.alerted(), LATER), new RaiseAlert(SINCE))
                  : after(
                      new AbortOpening(),
                      fails(outage, network("a: the snapshot did not get on for 30000 ms")));
          case StopRequested e -> Step.to(new Stopped(), new AbortOpening());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case CatchUpStarted e -> stays(from);
          case Heard e -> stays(from);
          case FrontierMoved e -> stays(from);
          case FrontierStoodStill e -> stays(from);
          case EndpointProbed e -> stays(from);
          case RetryRequested e -> stays(from);
        };
      }
      case CatchingUp behind -> {
        Outage outage = behind.outage();
        yield switch (event) {
          case OpeningProgressed e -> Step.to(new CatchingUp(outage, SINCE, NOW, NOW.plus(READ)));
          case StreamOpened e -> opened(outage);
          case StreamFailed e -> fails(outage, e.failure());
          case DeadlineReached e ->
              from == From.CATCHING_UP_ALERT_DUE
                  ? Step.to(catchingUp(DARK.alerted(), LATER), new RaiseAlert(SINCE))
                  : after(
                      new AbortOpening(),
                      fails(
                          outage,
                          network(
                              "a: the stream did not get on for 30000 ms while it was catching"
                                  + " up")));
          case StopRequested e -> Step.to(new Stopped(), new AbortOpening());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case CatchUpStarted e -> stays(from);
          case Heard e -> stays(from);
          case FrontierMoved e -> stays(from);
          case FrontierStoodStill e -> stays(from);
          case EndpointProbed e -> stays(from);
          case RetryRequested e -> stays(from);
        };
      }
      case Live live -> {
        boolean brief = from == From.LIVE_BRIEFLY || from == From.LIVE_BRIEFLY_AGAIN;
        Trouble trouble =
            live.recovery().map(Recovery::trouble).orElse(new Trouble(NOW, ALERT_DUE));
        Outage outage =
            new Outage(NOW, brief ? 3 : 0, false, brief, false, trouble, live.endpoints());
        yield switch (event) {
          case Heard e ->
              Step.to(
                  new Live(
                      live.since(),
                      NOW,
                      NOW.plus(SILENCE),
                      live.moved(),
                      live.stalled(),
                      3,
                      live.recovery(),
                      live.endpoints(),
                      live.probeAt()));
          case FrontierMoved e ->
              Step.to(
                  new Live(
                      live.since(),
                      NOW,
                      NOW.plus(SILENCE),
                      NOW,
                      false,
                      3,
                      live.recovery(),
                      live.endpoints(),
                      live.probeAt()));
          case FrontierStoodStill e ->
              Step.to(
                  explained(
                      live,
                      switch (from) {
                        case LIVE_SILENT, LIVE_QUIET_TOO_LONG, LIVE_STALLED -> true;
                        default -> false;
                      }));
          case EndpointProbed e ->
              switch (from) {
                case LIVE_ON_A_LATER_ENDPOINT -> Step.to(live.with(found(NOW)));
                case LIVE_FIRST_ENDPOINT_BACK ->
                    after(
                        new CloseStream(),
                        opens(
                            begins(0, false, false, found(NOW.minus(Duration.ofMinutes(5))).at(0)),
                            Optional.empty(),
                            true));
                default -> stays(from);
              };
          case StreamFailed e -> after(new CloseStream(), fails(outage, e.failure()));
          case DeadlineReached e ->
              switch (from) {
                case LIVE_SILENT ->
                    after(
                        new CloseStream(),
                        fails(
                            outage, network("a: nothing was heard from the stream for 15000 ms")));
                case LIVE_LONG_ENOUGH -> Step.to(live.recovered());
                case LIVE_LONG_ENOUGH_AFTER_THE_ALERT ->
                    Step.to(live.recovered(), new ClearAlert(SINCE));
                case LIVE_ON_A_LATER_ENDPOINT ->
                    Step.to(
                        live(
                            SINCE,
                            live.heard(),
                            NOW,
                            false,
                            SECOND,
                            NOW.plus(Endpoints.PROBE_EVERY)),
                        new ProbeEndpoint(0));
                default -> stays(from);
              };
          case StopRequested e -> Step.to(new Stopped(), new CloseStream());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case CatchUpStarted e -> stays(from);
          case OpeningProgressed e -> stays(from);
          case StreamOpened e -> stays(from);
          case RetryRequested e -> stays(from);
        };
      }
      case Waiting waiting ->
          switch (event) {
            case DeadlineReached e ->
                from == From.WAITING
                    ? opens(KNOWN)
                    : Step.to(new Waiting(DARK.alerted(), CUT, LATER), new RaiseAlert(SINCE));
            case RetryRequested e -> opens(waiting.outage());
            case StopRequested e -> Step.to(new Stopped());
            case Started e -> stays(from);
            case SnapshotStarted e -> stays(from);
            case CatchUpStarted e -> stays(from);
            case OpeningProgressed e -> stays(from);
            case StreamOpened e -> stays(from);
            case Heard e -> stays(from);
            case FrontierMoved e -> stays(from);
            case FrontierStoodStill e -> stays(from);
            case EndpointProbed e -> stays(from);
            case StreamFailed e -> stays(from);
          };
      case Failed failed -> {
        Step<UpstreamState, UpstreamEffect> helped =
            from == From.FAILED
                ? opens(
                    new Outage(
                        SINCE, 0, true, false, false, ALERTED, Endpoints.of(List.of("a", "b"))))
                : opens(new Outage(SINCE, 0, false, false, false, DARK.trouble(), ONE));
        yield switch (event) {
          case DeadlineReached e ->
              from == From.FAILED
                  ? helped
                  : Step.to(new Failed(DARK.alerted(), CUT, SINCE, LATER), new RaiseAlert(SINCE));
          case RetryRequested e -> helped;
          case StopRequested e -> Step.to(new Stopped());
          case Started e -> stays(from);
          case SnapshotStarted e -> stays(from);
          case CatchUpStarted e -> stays(from);
          case OpeningProgressed e -> stays(from);
          case StreamOpened e -> stays(from);
          case Heard e -> stays(from);
          case FrontierMoved e -> stays(from);
          case FrontierStoodStill e -> stays(from);
          case EndpointProbed e -> stays(from);
          case StreamFailed e -> stays(from);
        };
      }
      case Stopped stopped -> stays(from);
    };
  }

  /** What each kind of failure leads to, for one endpoint and for two. */
  private static Step<UpstreamState, UpstreamEffect> fails(Outage outage, Failure failure) {
    int rounds = outage.attempt() / outage.endpoints().size();
    Instant wait = NOW.plus(BACKOFF.delay(rounds, CHANCE));
    return switch (failure.kind()) {
      case NETWORK -> elsewhere(outage, failure, wait);
      case RESOURCES -> elsewhere(outage, failure, NOW.plus(BACKOFF.delay(rounds + 5, CHANCE)));
      case BEHIND ->
          Step.to(
              new Waiting(
                  outage.nextAttempt().with(outage.endpoints().behind(NOW)), failure, wait));
      case QUERY -> Step.to(new Failed(outage, failure, NOW, NOW.plus(SLOW)));
      case HISTORY_LOST -> {
        Outage fresh =
            new Outage(
                outage.since(),
                outage.attempt(),
                true,
                true,
                outage.credentialsTried(),
                outage.trouble(),
                outage.endpoints());
        yield outage.resyncTried()
            ? Step.to(new Waiting(fresh.nextAttempt(), failure, wait))
            : opens(fresh, Optional.of(failure));
      }
      case CREDENTIALS ->
          outage.credentialsTried()
              ? Step.to(new Failed(outage, failure, NOW, NOW.plus(SLOW)))
              : Step.to(
                  new Waiting(
                      new Outage(
                          outage.since(),
                          outage.attempt() + 1,
                          outage.fresh(),
                          outage.resyncTried(),
                          true,
                          outage.trouble(),
                          outage.endpoints()),
                      failure,
                      wait));
    };
  }

  private static Step<UpstreamState, UpstreamEffect> elsewhere(
      Outage outage, Failure failure, Instant until) {
    Endpoints endpoints = outage.endpoints().failed(until);
    Outage next = outage.nextAttempt();
    if (outage.equals(CHOICE)) {
      return opens(next.with(endpoints.at(1)), Optional.of(failure));
    }
    // The first of the two is the one that is healthy here, or it is down for longer.
    return outage.endpoints().equals(RECOVERED)
        ? opens(next.with(endpoints.at(0)), Optional.of(failure))
        : Step.to(new Waiting(next.with(endpoints), failure, until));
  }

  @TestFactory
  List<DynamicTest> everyKindOfFailureHasItsAnswerAlsoTheSecondTime() {
    Outage second = new Outage(SINCE, 4, true, true, true, ALERTED, ONE);
    return List.of(FailureKind.values()).stream()
        .map(kind ->
            DynamicTest.dynamicTest(
                kind.name(),
                () -> {
                  Failure failure = new Failure(kind, "so");
                  assertEquals(
                      fails(second, failure),
                      stepNow(connecting(second, LATER), new StreamFailed(failure, CHANCE)));
                }))
        .toList();
  }

  @Test
  void theRetriesThatWereAllowedAreMadeAndNotOneMore() {
    UpstreamSettings settings = settings(OptionalInt.of(2));
    UpstreamInvariants limited =
        new UpstreamInvariants(new UpstreamMachine(List.of("a"), settings), settings);
    limited.step(new Started(), NOW);
    for (int retry = 0; retry < 2; retry++) {
      limited.step(new StreamFailed(CUT, CHANCE), NOW);
      limited.step(new RetryRequested(), NOW);
      assertInstanceOf(Connecting.class, limited.state());
    }
    limited.step(new StreamFailed(CUT, CHANCE), NOW);
    assertEquals(2, assertInstanceOf(Failed.class, limited.state()).outage().attempt());
  }

  @Test
  void noRetriesAreAllowedButEachEndpointIsTriedOnce() {
    UpstreamSettings settings = settings(OptionalInt.of(0));
    UpstreamInvariants limited =
        new UpstreamInvariants(new UpstreamMachine(List.of("a", "b"), settings), settings);
    limited.step(new Started(), NOW);
    assertEquals(
        List.of(new OpenStream(1, true)),
        limited.step(new StreamFailed(CUT, CHANCE), NOW).effects());
    limited.step(new StreamFailed(CUT, CHANCE), NOW);
    assertInstanceOf(Failed.class, limited.state());
  }

  @Test
  void aSnapshotThatNeverFitsIsNotReadOverAndOverWithoutAPause() {
    UpstreamInvariants checked = new UpstreamInvariants(MACHINE, SETTINGS);
    checked.step(new Started(), NOW);
    Failure misfit = new Failure(FailureKind.HISTORY_LOST, "misfit");
    for (int attempt = 0; attempt < 10; attempt++) {
      checked.step(new SnapshotStarted(), NOW);
      checked.step(new StreamOpened(), NOW);
      Step<UpstreamState, UpstreamEffect> step =
          checked.step(new StreamFailed(misfit, CHANCE), NOW);
      assertEquals(List.of(new CloseStream()), step.effects());
      Waiting waiting = assertInstanceOf(Waiting.class, step.state());
      assertEquals(NOW.plus(BACKOFF.delay(attempt, CHANCE)), waiting.until());
      step = checked.step(new RetryRequested(), NOW);
      assertEquals(List.of(new OpenStream(0, true)), step.effects());
    }
  }

  @Test
  void aHistoryThatIsLostAgainAndAgainIsReadWithGrowingPauses() {
    UpstreamInvariants checked = new UpstreamInvariants(MACHINE, SETTINGS);
    StreamFailed lost = new StreamFailed(new Failure(FailureKind.HISTORY_LOST, "moved"), CHANCE);
    Instant now = NOW;
    checked.step(new Started(), now);
    for (int attempt = 0; attempt < 10; attempt++) {
      checked.step(new StreamOpened(), now);
      now = now.plusSeconds(20); // longer than most waits
      Waiting waiting = assertInstanceOf(Waiting.class, checked.step(lost, now).state());
      assertEquals(now.plus(BACKOFF.delay(attempt, CHANCE)), waiting.until());
      now = waiting.until();
      checked.step(new DeadlineReached(CHANCE), now);
    }
    checked.step(new StreamOpened(), now);
    assertEquals(
        List.of(new CloseStream(), new OpenStream(0, true)),
        checked.step(lost, now.plusSeconds(30)).effects());
  }

  /** Each life is longer than the waits, and too short for anybody. */
  @Test
  void aDatabaseThatIsLostAgainAndAgainIsWorthOneAlertUntilAStreamLasts() {
    UpstreamInvariants checked = new UpstreamInvariants(MACHINE, SETTINGS);
    Instant now = NOW;
    checked.step(new Started(), now);
    List<UpstreamEffect> alerts = new ArrayList<>();
    while (now.isBefore(NOW.plus(ALERT.multipliedBy(3)))) {
      checked.step(new StreamOpened(), now);
      now = now.plusSeconds(9);
      alerts.addAll(checked.step(new DeadlineReached(CHANCE), now).effects());
      checked.step(new StreamFailed(CUT, CHANCE), now);
      while (checked.state() instanceof Waiting waiting) {
        now = waiting.deadline().orElseThrow().isAfter(now) ? waiting.until() : now;
        checked.step(new DeadlineReached(CHANCE), now).effects().stream()
            .filter(effect -> !(effect instanceof OpenStream))
            .forEach(alerts::add);
      }
    }
    assertEquals(List.of(new RaiseAlert(NOW)), alerts);
    checked.step(new StreamOpened(), now);
    assertEquals(now.plusSeconds(10), checked.state().deadline().orElseThrow());
    assertEquals(
        List.of(new ClearAlert(NOW)),
        checked.step(new DeadlineReached(CHANCE), now.plusSeconds(10)).effects());
    checked.step(new StreamFailed(CUT, CHANCE), now.plusSeconds(11));
    assertEquals(
        now.plusSeconds(11),
        assertInstanceOf(Waiting.class, checked.state()).outage().trouble().since());
  }

  @Test
  void anEndpointThatLagsIsWaitedForAndThenTheNextOneIsTried() {
    UpstreamInvariants checked =
        new UpstreamInvariants(new UpstreamMachine(List.of("a", "b"), SETTINGS), SETTINGS);
    StreamFailed behind = new StreamFailed(new Failure(FailureKind.BEHIND, "lags"), CHANCE);
    Instant now = NOW;
    checked.step(new Started(), now);
    Step<UpstreamState, UpstreamEffect> step = checked.step(behind, now);
    while (now.isBefore(NOW.plus(Endpoints.LAG_PATIENCE))) {
      now = assertInstanceOf(Waiting.class, step.state()).until();
      step = checked.step(new DeadlineReached(CHANCE), now);
      assertEquals(List.of(new OpenStream(0, true)), step.effects());
      step = checked.step(behind, now);
    }
    assertEquals(List.of(new OpenStream(1, true)), step.effects());
  }

  private static UpstreamSettings settings(OptionalInt maxRetries) {
    return new UpstreamSettings(BACKOFF, maxRetries, OPEN, READ, SILENCE, STALL, ALERT, SLOW);
  }

  private static Failure network(String message) {
    return new Failure(FailureKind.NETWORK, message);
  }

  private static Outage begins(int attempt, boolean fresh, boolean brief, Endpoints endpoints) {
    Trouble trouble = new Trouble(NOW, ALERT_DUE);
    return new Outage(NOW, attempt, fresh, brief, false, trouble, endpoints);
  }

  private static Step<UpstreamState, UpstreamEffect> opens(Outage outage) {
    return opens(outage, Optional.empty());
  }

  private static Step<UpstreamState, UpstreamEffect> opens(
      Outage outage, Optional<Failure> atOnceAfter) {
    return opens(outage, atOnceAfter, false);
  }

  private static Step<UpstreamState, UpstreamEffect> opens(
      Outage outage, Optional<Failure> atOnceAfter, boolean failBack) {
    return Step.to(
        new Connecting(outage, atOnceAfter, failBack, NOW, NOW.plus(OPEN)),
        new OpenStream(outage.endpoints().current(), outage.fresh()));
  }

  private static Step<UpstreamState, UpstreamEffect> opened(Outage outage) {
    boolean second = outage.equals(NO_CHOICE);
    return Step.to(
        new Live(
            NOW,
            NOW,
            NOW.plus(SILENCE),
            NOW,
            false,
            2,
            Optional.of(new Recovery(outage.trouble(), NOW.plus(ALERT.dividedBy(6)))),
            outage.endpoints(),
            second ? Optional.of(NOW.plus(Endpoints.PROBE_EVERY)) : Optional.empty()));
  }

  private static Live explained(Live live, boolean stalled) {
    return new Live(
        live.since(),
        live.heard(),
        NOW.plus(SILENCE),
        live.moved(),
        stalled,
        3,
        live.recovery(),
        live.endpoints(),
        live.probeAt());
  }

  /** On the second endpoint, after the first was found well since then. */
  private static Endpoints found(Instant since) {
    Optional<Health> health = Optional.of(new Health(since, NOW));
    return new Endpoints(
        List.of(new Endpoint("a", 0, Optional.empty(), Optional.empty(), health), Endpoint.of("b")),
        1);
  }

  private static Step<UpstreamState, UpstreamEffect> after(
      UpstreamEffect effect, Step<UpstreamState, UpstreamEffect> step) {
    List<UpstreamEffect> effects = new ArrayList<>(List.of(effect));
    effects.addAll(step.effects());
    return new Step<>(step.state(), effects);
  }

  private static Step<UpstreamState, UpstreamEffect> stays(From from) {
    return Step.to(from.state);
  }
}
