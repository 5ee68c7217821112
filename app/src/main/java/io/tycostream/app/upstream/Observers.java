package io.tycostream.app.upstream;

import io.tycostream.domain.Step;
import io.tycostream.domain.upstream.Failure;
import io.tycostream.domain.upstream.UpstreamEffect;
import io.tycostream.domain.upstream.UpstreamEvent;
import io.tycostream.domain.upstream.UpstreamObserver;
import io.tycostream.domain.upstream.UpstreamState;
import java.util.List;

/**
 * Tells several observers, in this order.
 *
 * @param all of them
 */
public record Observers(List<UpstreamObserver> all) implements UpstreamObserver {

  public Observers {
    all = List.copyOf(all);
  }

  @Override
  public void stepped(
      String database,
      UpstreamState from,
      UpstreamEvent event,
      Step<UpstreamState, UpstreamEffect> step) {
    all.forEach(each -> each.stepped(database, from, event, step));
  }

  @Override
  public void sourceFailed(String database, String source, Failure failure) {
    all.forEach(each -> each.sourceFailed(database, source, failure));
  }

  @Override
  public void sourceReturned(String database, String source) {
    all.forEach(each -> each.sourceReturned(database, source));
  }
}
