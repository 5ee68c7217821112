package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.Step;
import io.tycostream.domain.replica.ReplicaEffect.AskForCredentials;
import io.tycostream.domain.replica.ReplicaEffect.CloseSocket;
import io.tycostream.domain.replica.ReplicaEffect.OpenSocket;
import io.tycostream.domain.replica.ReplicaEffect.SendPing;
import io.tycostream.domain.replica.ReplicaState.Closed;
import io.tycostream.domain.replica.ReplicaState.Connecting;
import io.tycostream.domain.replica.ReplicaState.Greeting;
import io.tycostream.domain.replica.ReplicaState.Idle;
import io.tycostream.domain.replica.ReplicaState.Open;
import io.tycostream.domain.replica.ReplicaState.Unauthorized;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;

/** Whatever happens in whatever order: one socket at most, and never a state without a way out. */
@Domain(Choices.Domain.class)
final class ReplicaMachineProperties {

  private static final List<Integer> CODES =
      List.of(1001, 1006, 4408, 4429, 4503, 4999, 4409, 4401, 4403, 1000);

  @Property
  void holdsAtMostOneSocketAndAlwaysKnowsWhatIsNext(@ForAll Choices choices) {
    ReplicaMachine machine = new ReplicaMachine(ReplicaSettings.DEFAULT);
    ReplicaState state = machine.initial();
    Instant now = Instant.EPOCH;
    Instant notBefore = Instant.MIN;
    boolean socket = false;
    for (int i = 0; i < 60; i++) {
      now = now.plusMillis(choices.below(10_000));
      ReplicaEvent event = event(choices, hasSocket(state));
      Step<ReplicaState, ReplicaEffect> step = machine.step(state, event, now);
      if (event instanceof ReplicaEvent.SocketClosed) {
        socket = false;
      }
      for (ReplicaEffect effect : step.effects()) {
        switch (effect) {
          case OpenSocket open -> {
            assertFalse(socket, "M1: a second socket in " + state + " after " + event);
            assertFalse(now.isBefore(notBefore), "M4: before " + notBefore);
            socket = true;
          }
          case CloseSocket close -> socket = false;
          case ReplicaEffect.Greet greet -> assertTrue(socket);
          case ReplicaEffect.RenewCredentials renew -> assertTrue(socket);
          case SendPing ping -> assertTrue(socket);
          case AskForCredentials ask -> assertTrue(step.state() instanceof Unauthorized);
        }
      }
      if (event instanceof ReplicaEvent.Dismissed bye
          && bye.retryIn().isPresent()
          && step.effects().stream().anyMatch(CloseSocket.class::isInstance)) {
        notBefore = now.plus(bye.retryIn().get());
      }
      boolean early = state.deadline().filter(now::isBefore).isPresent();
      if (state instanceof Closed || (early && event instanceof ReplicaEvent.DeadlineReached)) {
        assertEquals(Step.to(state), step, "M3");
      }
      state = step.state();
      assertEquals(hasSocket(state), socket, () -> "after " + event);
      boolean timeless =
          state instanceof Idle || state instanceof Closed || state instanceof Unauthorized;
      assertEquals(timeless, state.deadline().isEmpty(), "M2");
    }
  }

  @Property
  void returnsExactlyWhenTheGatewaySaysHoweverManyAttemptsWentBefore(@ForAll Choices choices) {
    ReplicaMachine machine = new ReplicaMachine(ReplicaSettings.DEFAULT);
    Instant now = Instant.EPOCH.plusMillis(choices.below(1_000_000));
    Duration told = Duration.ofMillis(choices.below(600_000));
    ReplicaEvent bye =
        new ReplicaEvent.Dismissed(4429, "later", Optional.of(told), choices.chance());
    ReplicaState greeting = new Greeting(choices.below(100), now, false);
    ReplicaState waiting = machine.step(greeting, bye, now).state();
    assertEquals(Optional.of(now.plus(told)), waiting.deadline());
    Step<ReplicaState, ReplicaEffect> due =
        machine.step(waiting, new ReplicaEvent.DeadlineReached(0), now.plus(told));
    assertEquals(List.of(new OpenSocket()), due.effects());
  }

  private static boolean hasSocket(ReplicaState state) {
    return state instanceof Connecting || state instanceof Greeting || state instanceof Open;
  }

  private static ReplicaEvent event(Choices choices, boolean socket) {
    double chance = choices.chance();
    return switch (choices.below(15)) {
      case 0, 1 -> new ReplicaEvent.SocketOpened();
      case 2, 3 -> new ReplicaEvent.Welcomed(Duration.ofMillis(choices.below(20_000)));
      case 4 -> new ReplicaEvent.Heard();
      case 5, 6 ->
          new ReplicaEvent.Dismissed(
              choices.of(CODES),
              "bye",
              Optional.of(Duration.ofMillis(choices.below(5_000))).filter(d -> chance < 0.5),
              chance);
      case 7 ->
          socket
              ? new ReplicaEvent.SocketClosed(choices.of(CODES), "", chance)
              : new ReplicaEvent.Heard();
      case 8 -> new ReplicaEvent.SequenceBroken("hole", chance);
      case 9 -> new ReplicaEvent.CredentialsRenewed(chance);
      case 10 -> choices.oneIn(4) ? new ReplicaEvent.CredentialsDenied() : new ReplicaEvent.Heard();
      case 11 -> choices.oneIn(8) ? new ReplicaEvent.CloseRequested() : new ReplicaEvent.Started();
      case 12 -> new ReplicaEvent.Started();
      default -> new ReplicaEvent.DeadlineReached(chance);
    };
  }
}
