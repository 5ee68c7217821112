package io.tycostream.adapters.db.risingwave;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Against versions of a storage as they may really follow each other: the relation and another
 * database each commit now and then, and the frontend is told of the versions late.
 */
class QuietTimeProperties {

  /** What happens next. */
  enum Happening {
    OURS_COMMITS,
    OTHERS_COMMIT,
    FRONTEND_IS_TOLD,
    META_IS_ASKED,
    FRONTEND_IS_ASKED,
    FETCHED
  }

  record Step(Happening happening, int by) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Happening.values()), Arbitraries.integers().between(1, 50))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  @Property
  void whatIsProvenIsWhatTheFrontendHas(@ForAll("steps") List<Step> steps) {
    QuietTime quiet = new QuietTime();
    // A version is a pair: how far ours, and how far any. The frontend may have an older one.
    long ours = 1;
    long others = 1;
    long frontendOurs = 1;
    long frontendAny = 1;
    for (Step step : steps) {
      switch (step.happening) {
        case OURS_COMMITS -> ours += step.by;
        case OTHERS_COMMIT -> others += step.by;
        case FRONTEND_IS_TOLD -> {
          frontendOurs = ours;
          frontendAny = Math.max(ours, others);
        }
        case META_IS_ASKED -> {
          if (quiet.wants()) {
            quiet.committed(ours, Math.max(ours, others));
          }
        }
        case FRONTEND_IS_ASKED -> {
          OptionalLong proven = quiet.seen(frontendAny);
          if (proven.isPresent()) {
            assertTrue(proven.getAsLong() <= frontendOurs, proven + " of " + frontendOurs);
          }
        }
        case FETCHED -> quiet.fetched();
      }
    }
  }
}
