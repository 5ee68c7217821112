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
 */
public record Session(
    String id, String principal, Settings settings, Map<String, Subscribe> subscriptions) {

  public Session {
    subscriptions = Collections.unmodifiableMap(new LinkedHashMap<>(subscriptions));
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
    return bytes;
  }

  static Session begin(String id, String principal, Settings settings) {
    return new Session(id, principal, settings, Map.of());
  }

  /**
   * A subscription as a resumed session begins it again.
   *
   * @param subscribe with the client's own position as {@code after}
   * @param lost whether changes were lost that nobody can count: an event subscription whose
   *     position the client does not say, and which hears a {@code gap} with dropped −1
   */
  public record Restored(Subscribe subscribe, boolean lost) {}

  /** The subscriptions, each from the position that the client has; others it names are ignored. */
  public List<Restored> restored(Map<String, String> positions) {
    List<Restored> restored = new ArrayList<>();
    subscriptions.forEach((ref, subscribe) -> {
      Optional<String> after = Optional.ofNullable(positions.get(ref));
      boolean lost = after.isEmpty() && subscribe.onGap() == OnGap.CONTINUE;
      boolean snapshot = subscribe.snapshot() && !lost;
      restored.add(new Restored(from(subscribe, after, snapshot), lost));
    });
    return List.copyOf(restored);
  }

  /** With this subscription, in place of another of the same ref. */
  Session with(Subscribe subscribe) {
    Map<String, Subscribe> more = new LinkedHashMap<>(subscriptions);
    more.put(subscribe.ref(), from(subscribe, Optional.empty(), subscribe.snapshot()));
    return new Session(id, principal, settings, more);
  }

  Session without(String ref) {
    Map<String, Subscribe> fewer = new LinkedHashMap<>(subscriptions);
    fewer.remove(ref);
    return new Session(id, principal, settings, fewer);
  }

  Session served(Settings later) {
    return new Session(id, principal, settings.changedTo(later), subscriptions);
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
