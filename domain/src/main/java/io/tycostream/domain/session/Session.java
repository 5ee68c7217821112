package io.tycostream.domain.session;

import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What outlives a connection: whose it is, how it is served, what it subscribes. Where the client
 * stands is not in it.
 *
 * @param subscriptions by ref, in the order in which they were asked for; without {@code after}
 * @param ended the same of those that the gateway has ended, with a word that the client may not
 *     have received
 */
public record Session(
    String id,
    String principal,
    Settings settings,
    Map<String, Subscribe> subscriptions,
    Map<String, Subscribe> ended) {

  public Session {
    subscriptions = Collections.unmodifiableMap(new LinkedHashMap<>(subscriptions));
    ended = Collections.unmodifiableMap(new LinkedHashMap<>(ended));
  }

  /** What a session takes beside its subscriptions and texts, in bytes. */
  private static final long OBJECT_BYTES = 256;

  /** About how much memory it takes to remember the session, in bytes. */
  public long bytes() {
    long bytes = OBJECT_BYTES + id.length() + principal.length();
    bytes += settings.client().map(String::length).orElse(0);
    for (Subscribe each : subscriptions.values()) {
      bytes += each.bytes();
    }
    for (Subscribe each : ended.values()) {
      bytes += each.bytes();
    }
    return bytes;
  }

  static Session begin(String id, String principal, Settings settings) {
    return new Session(id, principal, settings, Map.of(), Map.of());
  }

  /**
   * A subscription as a resumed session begins it again.
   *
   * @param subscribe with the client's own position as {@code after}
   * @param lost whether changes were lost that nobody can count: an event subscription whose
   *     position the client does not say, and which hears a {@code gap} with dropped −1
   */
  public record Restored(Subscribe subscribe, boolean lost) {}

  /**
   * The subscriptions, each from the position that the client has; and those that ended, and that
   * it still has a position for: it has not heard of that, and is to hear it again. Others it names
   * are ignored.
   */
  public List<Restored> restored(Map<String, String> positions) {
    List<Restored> restored = new ArrayList<>();
    subscriptions.forEach((ref, subscribe) -> restored.add(restored(subscribe, positions)));
    ended.forEach((ref, subscribe) -> {
      if (positions.containsKey(ref)) {
        restored.add(restored(subscribe, positions));
      }
    });
    return List.copyOf(restored);
  }

  private static Restored restored(Subscribe subscribe, Map<String, String> positions) {
    Optional<String> after = Optional.ofNullable(positions.get(subscribe.ref()));
    boolean lost = after.isEmpty() && subscribe.onGap() == OnGap.CONTINUE;
    boolean snapshot = subscribe.snapshot() && !lost;
    return new Restored(from(subscribe, after, snapshot), lost);
  }

  /** With this subscription, in place of another of the same ref. */
  Session with(Subscribe subscribe) {
    Map<String, Subscribe> more = new LinkedHashMap<>(subscriptions);
    more.put(subscribe.ref(), from(subscribe, Optional.empty(), subscribe.snapshot()));
    return new Session(id, principal, settings, more, without(ended, subscribe.ref()));
  }

  /** The client does not want it any more. */
  Session without(String ref) {
    return new Session(id, principal, settings, without(subscriptions, ref), without(ended, ref));
  }

  /**
   * The gateway ended it.
   *
   * @param most how many such are kept, the last ones
   */
  Session ended(String ref, int most) {
    Subscribe over = subscriptions.get(ref);
    if (over == null) {
      return this;
    }
    Map<String, Subscribe> more = without(ended, ref);
    more.put(ref, over);
    while (more.size() > most) {
      more.remove(more.keySet().iterator().next());
    }
    return new Session(id, principal, settings, without(subscriptions, ref), more);
  }

  /** One that had ended was begun again. */
  Session revived(String ref) {
    Subscribe over = ended.get(ref);
    return over == null ? this : with(over);
  }

  private static Map<String, Subscribe> without(Map<String, Subscribe> all, String ref) {
    Map<String, Subscribe> fewer = new LinkedHashMap<>(all);
    fewer.remove(ref);
    return fewer;
  }

  Session served(Settings later) {
    return new Session(id, principal, settings.changedTo(later), subscriptions, ended);
  }

  private static Subscribe from(Subscribe subscribe, Optional<String> after, boolean snapshot) {
    return new Subscribe(
        subscribe.ref(),
        subscribe.source(),
        subscribe.where(),
        subscribe.columns(),
        after,
        snapshot,
        subscribe.onGap(),
        subscribe.delta(),
        subscribe.buffer(),
        subscribe.maxRate(),
        subscribe.priority());
  }
}
