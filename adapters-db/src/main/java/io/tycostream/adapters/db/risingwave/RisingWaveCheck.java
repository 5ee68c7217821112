package io.tycostream.adapters.db.risingwave;

import io.tycostream.adapters.db.Findings;
import io.tycostream.domain.upstream.StreamException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks at a relation once, as a source would open it, and changes nothing. */
public final class RisingWaveCheck {

  private RisingWaveCheck() {}

  /** Connects, asks and disconnects; bounded by the connect and the query timeout. */
  public static Findings run(RisingWaveSettings settings, RisingWaveRelation relation) {
    List<String> problems = new ArrayList<>();
    List<String> summary = new ArrayList<>();
    RisingWaveSession session = new RisingWaveSession(settings);
    try {
      look(session, relation, problems, summary);
    } catch (StreamException e) {
      problems.add(e.failure().message());
    } finally {
      session.abort();
    }
    return new Findings(problems, summary);
  }

  private static void look(
      RisingWaveSession session,
      RisingWaveRelation wanted,
      List<String> problems,
      List<String> summary)
      throws StreamException {
    Catalogue catalogue = new Catalogue(session);
    summary.add(session.where() + ": RisingWave " + catalogue.version());
    Catalogue.Found found = catalogue.relation(wanted);
    List<String> key = found.relation().key();
    Optional<Subscription> there = catalogue.subscription(wanted, found.id());
    if (there.isEmpty() && !wanted.create()) {
      problems.add(
          session.where()
              + ": source "
              + wanted.source()
              + ": the subscription "
              + wanted.subscription()
              + " is missing; make it with "
              + Catalogue.creation(wanted)
              + ", or set create: true for the source");
    }
    summary.add(
        "source "
            + wanted.source()
            + ": "
            + found.kind()
            + " "
            + wanted.relation()
            + ", "
            + (key.isEmpty() ? "no key" : "key " + String.join(", ", key))
            + ", subscription "
            + wanted.subscription()
            + there
                .map(subscription ->
                    subscription
                        .retention()
                        .map(kept -> " keeps " + kept.toSeconds() + " s")
                        .orElse(" is there"))
                .orElse(" will be made"));
    boolean tooShort =
        there
            .flatMap(Subscription::retention)
            .filter(kept -> kept.compareTo(wanted.limits().history().maxAge()) < 0)
            .isPresent();
    if (tooShort) {
      summary.add(
          "source "
              + wanted.source()
              + ": the subscription keeps less than the history of the source; after a restart of"
              + " the gateway clients resume within what it keeps");
    }
  }
}
