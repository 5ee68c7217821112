package io.tycostream.domain.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.Step;
import io.tycostream.domain.replica.ReplicaEffect.CloseSocket;
import io.tycostream.domain.replica.ReplicaEffect.OpenSocket;
import io.tycostream.domain.replica.ReplicaEffect.SendPing;
import io.tycostream.domain.replica.ReplicaState.Closed;
import io.tycostream.domain.replica.ReplicaState.Connecting;
import io.tycostream.domain.replica.ReplicaState.Greeting;
import io.tycostream.domain.replica.ReplicaState.Idle;
import io.tycostream.domain.replica.ReplicaState.Open;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever happens in whatever order: one socket at most, and never a state without a way out. */
final class ReplicaMachineProperties {

  private static final List<Integer> CODES =
      List.of(1000, 1001, 1006, 4408, 4429, 4503, 4999, 4401);

  @Property
  void holdsAtMostOneSocketAndAlwaysKnowsWhatIsNext(@ForAll long seed) {
    Random random = new Random(seed);
    ReplicaMachine machine = new ReplicaMachine(ReplicaSettings.DEFAULT);
    ReplicaState state = machine.initial();
    Instant now = Instant.EPOCH;
    boolean socket = false;
    for (int i = 0; i < 200; i++) {
      now = now.plusMillis(random.nextInt(10_000));
      ReplicaEvent event = event(random);
      Step<ReplicaState, ReplicaEffect> step = machine.step(state, event, now);
      if (event instanceof ReplicaEvent.SocketClosed && hasSocket(state)) {
        socket = false;
      }
      for (ReplicaEffect effect : step.effects()) {
        switch (effect) {
          case OpenSocket open -> {
            assertTrue(!socket, "a second socket in " + state + " after " + event);
            socket = true;
          }
          case CloseSocket close -> socket = false;
          case ReplicaEffect.Greet greet -> assertTrue(socket);
          case SendPing ping -> assertTrue(socket);
        }
      }
      if (state instanceof Closed) {
        assertEquals(Step.to(state), step);
      }
      state = step.state();
      assertEquals(hasSocket(state), socket, () -> "after " + event);
      assertEquals(state instanceof Idle || state instanceof Closed, state.deadline().isEmpty());
    }
  }

  private static boolean hasSocket(ReplicaState state) {
    return state instanceof Connecting || state instanceof Greeting || state instanceof Open;
  }

  private static ReplicaEvent event(Random random) {
    double chance = random.nextDouble();
    int code = CODES.get(random.nextInt(CODES.size()));
    return switch (random.nextInt(12)) {
      case 0 -> new ReplicaEvent.Started();
      case 1, 2 -> new ReplicaEvent.SocketOpened();
      case 3, 4 -> new ReplicaEvent.Welcomed(Duration.ofMillis(1 + random.nextInt(20_000)));
      case 5 -> new ReplicaEvent.Heard();
      case 6 ->
          new ReplicaEvent.Dismissed(
              code,
              "bye",
              Optional.of(Duration.ofMillis(random.nextInt(5_000))).filter(d -> chance < 0.5),
              chance);
      case 7 -> new ReplicaEvent.SocketClosed(code, "", chance);
      case 8 -> new ReplicaEvent.SequenceBroken("hole", chance);
      case 9, 10 -> new ReplicaEvent.DeadlineReached(chance);
      default ->
          random.nextInt(20) == 0
              ? new ReplicaEvent.CloseRequested()
              : new ReplicaEvent.DeadlineReached(chance);
    };
  }
}
