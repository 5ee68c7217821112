package io.tycostream.domain.log;

import java.util.Locale;

/**
 * What happens to what a client cannot take in time.
 *
 * <p>A <em>state</em> subscription follows rows: what it skips is folded into one merged batch by
 * key, so that its rows are always right. An <em>event</em> subscription follows changes: what it
 * skips is lost to it, and said so.
 */
public enum DropPolicy {
  /** The oldest leave until the buffer is half full. */
  DROP_OLDEST(true, true),
  /** What is buffered is delivered; what came since is lost up to the newest. For events only. */
  DROP_NEWEST(false, true),
  /** What waits is folded as soon as there is more than one batch of it. For state only. */
  CONFLATE(true, false),
  /** What waits for longer than the buffer's age leaves. */
  BY_AGE(true, true),
  /** Of a connection: the subscriptions of the lowest priority give way first. */
  BY_PRIORITY(true, true),
  /** One batch of so many is delivered until the client has caught up. For events only. */
  SAMPLE(false, true);

  private final boolean forState;
  private final boolean forEvents;

  DropPolicy(boolean forState, boolean forEvents) {
    this.forState = forState;
    this.forEvents = forEvents;
  }

  /** Whether a state subscription can have it. */
  public boolean forState() {
    return forState;
  }

  /** Whether an event subscription can have it. */
  public boolean forEvents() {
    return forEvents;
  }

  /** As it stands on the wire: {@code drop-oldest}. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
