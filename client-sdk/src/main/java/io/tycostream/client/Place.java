package io.tycostream.client;

import java.lang.System.Logger.Level;
import java.util.Optional;

/** Where a subscription of a program that keeps positions goes on, and where that is kept. */
final class Place {

  private static final System.Logger LOG = System.getLogger(Place.class.getName());

  private final PositionStore store;
  private final String name;

  Place(PositionStore store, String name) {
    this.store = store;
    this.name = name;
  }

  /**
   * @throws IllegalStateException when the store cannot tell
   */
  Optional<String> load() {
    try {
      return store.load(name);
    } catch (Exception e) {
      throw new IllegalStateException("cannot load the position of " + name + ": " + e, e);
    }
  }

  void save(String position) {
    try {
      store.save(name, position);
    } catch (Throwable e) { // whatever a store does, its client lives on
      LOG.log(
          Level.ERROR,
          "cannot save the position of " + name + "; if the program ends now, it is told again",
          e);
    }
  }
}
