package io.tycostream.simulation.teeth;

import java.util.List;
import java.util.stream.Stream;

/**
 * The deliberate bugs: mistakes that are easily made, one in each. The simulation has to notice
 * them; on which seeds it does stands in {@link Catches}.
 */
final class Bugs {

  /** What they are tried with. */
  static final Trial TRIAL = new Trial("io.tycostream.simulation.Simulation", "violation");

  private Bugs() {}

  static List<Bug> all() {
    return Stream.of(
            StreamBugs.all(),
            LogBugs.all(),
            JoinBugs.all(),
            PolicyBugs.all(),
            RestartBugs.all(),
            ClientBugs.all())
        .flatMap(List::stream)
        .toList();
  }
}
