package io.tycostream.domain.session;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The places for subscriptions of all connections that wait for sources which have no rows yet, so
 * that not everybody who comes while a database is away is kept. Never more are taken than there
 * are.
 *
 * <p>Used by any thread, without locks.
 */
public final class WaitingRoom {

  private static final VarHandle TAKEN;

  static {
    try {
      TAKEN = MethodHandles.lookup().findVarHandle(WaitingRoom.class, "taken", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int places;

  @SuppressWarnings("unused") // through the handle
  private volatile int taken;

  /**
   * @param places none means that nobody waits
   */
  public WaitingRoom(int places) {
    this.places = places;
  }

  public int places() {
    return places;
  }

  /** How many wait now. */
  public int taken() {
    return taken;
  }

  /**
   * Takes a place, which is given back with {@link #leave}.
   *
   * @return whether there was one
   */
  boolean enter() {
    int present;
    do {
      present = taken;
      if (present >= places) {
        return false;
      }
    } while (!TAKEN.compareAndSet(this, present, present + 1));
    return true;
  }

  /** Gives a place back. */
  void leave() {
    if ((int) TAKEN.getAndAdd(this, -1) <= 0) {
      throw new IllegalStateException("more have left than came");
    }
  }
}
