package io.tycostream.client.testing;

import java.util.List;
import java.util.Optional;

/**
 * A client that is connected, at one moment.
 *
 * @param id the id that it gave itself
 * @param resumed whether it took its session up again when it connected; one that did not comes
 *     back with its positions
 * @param subscriptions in the order in which they came
 */
public record TestClient(
    Optional<String> id, boolean resumed, List<TestSubscription> subscriptions) {

  public TestClient {
    subscriptions = List.copyOf(subscriptions);
  }
}
