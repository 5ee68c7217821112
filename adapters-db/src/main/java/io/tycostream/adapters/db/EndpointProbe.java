package io.tycostream.adapters.db;

import io.tycostream.domain.upstream.ChangeSource;
import io.tycostream.domain.upstream.Checkpoint;
import io.tycostream.domain.upstream.UpstreamEvent.EndpointProbed;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Looks at endpoints that are not used, one at a time, on a virtual thread. */
final class EndpointProbe {

  private static final System.Logger LOG = System.getLogger(EndpointProbe.class.getName());

  private final String database;
  private final ChangeSource changes;
  private final Consumer<EndpointProbed> found;
  private final AtomicBoolean looking = new AtomicBoolean();

  /**
   * @param found told on the thread of the probe
   */
  EndpointProbe(String database, ChangeSource changes, Consumer<EndpointProbed> found) {
    this.database = database;
    this.changes = changes;
    this.found = found;
  }

  /**
   * Begins to look, and returns at once; does nothing while the last look has not ended.
   *
   * @param complete what we have now: a healthy endpoint shows at least this
   */
  void look(int endpoint, Optional<Checkpoint> complete) {
    if (looking.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("probe-" + database)
          .start(() -> {
            Optional<Checkpoint> present = present(endpoint);
            looking.set(false);
            found.accept(new EndpointProbed(endpoint, present, complete));
          });
    }
  }

  private Optional<Checkpoint> present(int endpoint) {
    try {
      return changes.probe(endpoint);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, database + ": an endpoint cannot be probed", e);
      return Optional.empty();
    }
  }
}
