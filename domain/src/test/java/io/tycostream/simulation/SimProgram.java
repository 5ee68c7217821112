package io.tycostream.simulation;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.SourceCondition;
import io.tycostream.domain.replica.CheckedReplica;
import io.tycostream.domain.replica.Receipt;
import io.tycostream.domain.replica.ReplicaTable;
import io.tycostream.domain.replica.Told;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The program around a client: what it wants to follow, and whether what comes over the socket and
 * what it is told are as promised.
 */
final class SimProgram {

  private final World world;
  private final String name;
  private final Map<String, SimSubscription> byRef = new LinkedHashMap<>();
  private final Map<Integer, SimSubscription> byFeed = new TreeMap<>();

  SimProgram(World world, SimDatabase database, String name, Wishes wishes) {
    this.world = world;
    this.name = name;
    for (String table : database.tables()) {
      for (int left = byRef.isEmpty() ? 1 : world.below(3); left > 0; left--) {
        String ref = "r" + byRef.size();
        ClientMessage.Subscribe terms = wishes.subscription(ref, table);
        Truth truth = new Truth(database, table, new Lens(terms.where(), terms.columns()));
        byRef.put(ref, new SimSubscription(world, terms, new Watch(world, truth, name, terms)));
        world.say(name, "wants " + terms);
      }
    }
  }

  List<SimSubscription> subscriptions() {
    return List.copyOf(byRef.values());
  }

  /** What it sees depends on this from now on. */
  void permit(Permissions permissions) {
    for (SimSubscription each : byRef.values()) {
      Filter where = permissions.effective(name, each.terms().where());
      each.watch().truth().permit(new Lens(where, each.terms().columns()));
    }
  }

  /** What is missing for it to have everything there is; nothing when it has. */
  Optional<String> whyNotSettled() {
    return byRef.values().stream()
        .map(SimSubscription::watch)
        .filter(each -> each.position().filter(each.truth()::isPresent).isEmpty())
        .map(each -> each + ", which is not where the database is")
        .findFirst();
  }

  /** The client sends something. */
  void sends(ClientMessage message) {
    switch (message) {
      case ClientMessage.Hello hello -> {
        byFeed.clear();
        byRef.values().forEach(each -> each.watch().connects());
        if (hello.resume().isPresent()) {
          hello.positions().forEach((ref, position) -> known(ref).watch().asks(position));
        }
      }
      case ClientMessage.Subscribe subscribe -> {
        world.say(
            name,
            "subscribes "
                + subscribe.source()
                + subscribe.after().map(p -> " after " + p).orElse(""));
        known(subscribe.ref()).watch().asks(subscribe.after().orElse(null));
      }
      case ClientMessage.Unsubscribe unsubscribe ->
          known(unsubscribe.ref().orElse("")).watch().leaves();
      case ClientMessage.Ack ack -> {}
      case ClientMessage.Ping ping -> {}
    }
  }

  /** Something came over the socket; the client has not taken it yet. */
  void receives(ServerMessage message, SimGateway from) {
    OptionalInt feed =
        switch (message) {
          case ServerMessage.Subscribed subscribed -> {
            SimSubscription subscription = known(subscribed.ref());
            byFeed.values().remove(subscription);
            byFeed.put(subscribed.feed(), subscription);
            yield OptionalInt.of(subscribed.feed());
          }
          case ServerMessage.SnapshotPart part -> OptionalInt.of(part.feed());
          case ServerMessage.BatchPart part -> OptionalInt.of(part.feed());
          case ServerMessage.Progress progress -> OptionalInt.of(progress.feed());
          case ServerMessage.Gap gap -> OptionalInt.of(gap.feed());
          case ServerMessage.Welcome welcome -> {
            if (welcome.resumed()) { // and with it those of which nobody knows where they were
              byRef.values().forEach(each -> each.watch().isBroughtBack());
            }
            yield OptionalInt.empty();
          }
          case ServerMessage.Unsubscribed unsubscribed -> {
            known(unsubscribed.ref()).watch().hasLeft();
            yield OptionalInt.empty();
          }
          case ServerMessage.Refused refused -> {
            if (refused.code().equals(ErrorCode.UNKNOWN_FEED.wire()) && refused.ref().isPresent()) {
              known(refused.ref().get()).watch().hasLeft();
            }
            yield OptionalInt.empty();
          }
          default -> OptionalInt.empty();
        };
    if (feed.isPresent()) {
      SimSubscription subscription = byFeed.get(feed.getAsInt());
      if (subscription == null) {
        throw new Violation(name + " hears of a feed that it does not have: " + message);
      }
      subscription.watch().hears(message, from);
    }
  }

  /**
   * The program is told something.
   *
   * @param replica that tells it
   * @return what it hands back when it has processed it, if it says so at all
   */
  Optional<Receipt> isTold(Told told, CheckedReplica replica) {
    boolean moved = false;
    switch (told) {
      case Told.Snapshot(String ref, String position) -> {
        known(ref).watch().stands(parse(position), table(replica, ref).rows(), -1);
        moved = true;
      }
      case Told.Batch(String ref, String position, var changes, boolean exact) -> {
        int moments = exact ? 1 : -1;
        known(ref).watch().stands(parse(position), table(replica, ref).rows(), moments);
        known(ref).mayStore(table(replica, ref));
        moved = true;
      }
      case Told.Progress(String ref, String position) -> {
        if (known(ref).keepsRows()) {
          known(ref).watch().stands(parse(position), table(replica, ref).rows(), 0);
        } else {
          known(ref).watch().advances(parse(position));
        }
        moved = true;
      }
      case Told.Rows(String ref, String position, var rows) -> {
        known(ref).watch().stands(parse(position), rows, -1);
        moved = true;
      }
      case Told.Changes(String ref, String position, var changes, boolean exact) -> {
        known(ref).watch().passes(parse(position), changes, exact);
        known(ref).mayStore(table(replica, ref));
        if (!known(ref).isState()) {
          world.rare(Rare.EVENTS);
        }
        moved = true;
      }
      case Told.Gap gap -> {}
      case Told.SourceState source -> {
        world.say(name, "hears that " + source.ref() + " is " + source.status().state());
        if (source.status().state().equals(SourceCondition.STALLED.wire())) {
          world.rare(Rare.STALLED);
        } else if (source.status().state().equals(SourceCondition.FAILED.wire())) {
          world.rare(Rare.FAILURE_TOLD);
        }
      }
      case Told.Refused refused -> {
        world.say(name, "is refused: " + refused.refusal().code());
        world.rare(Rare.REFUSED);
        if (refused.refusal().code().equals(ErrorCode.DUPLICATE_SUBSCRIPTION.wire())) {
          world.rare(Rare.DUPLICATE);
          byRef.remove(refused.ref());
        } else if (refused.refusal().code().equals(ErrorCode.FORBIDDEN.wire())) {
          known(refused.ref()).watch().isBarred();
        } else if (!refused.refusal().retryable()) {
          throw new Violation(name + " is refused for good: " + refused);
        }
      }
      case Told.Looping looping -> {
        world.say(name, "leaves " + looping.ref() + " alone: " + looping.reason());
        world.rare(Rare.LOOPING);
      }
      case Told.Pressure pressure -> world.rare(Rare.PRESSURE);
      case Told.Ended ended -> {
        if (byRef.containsKey(ended.ref()) && !isBarred(ended.ref())) {
          throw new Violation(name + " " + ended);
        }
      }
      case Told.Remarked remarked -> {
        // An ack of a feed that was reset while it was on its way.
        if (!remarked.refusal().code().equals(ErrorCode.UNKNOWN_FEED.wire())) {
          throw new Violation(name + " " + remarked);
        }
      }
    }
    return moved && world.chance(0.05) ? replica.receipt(told.ref()) : Optional.empty();
  }

  /** Whether it may not follow this for now. */
  boolean isBarred(String ref) {
    return barred(ref).isPresent();
  }

  /** What it may not follow for now; nothing when it may, or does not want it any more. */
  Optional<SimSubscription> barred(String ref) {
    return Optional.ofNullable(byRef.get(ref)).filter(each -> each.watch().barred());
  }

  private ReplicaTable table(CheckedReplica replica, String ref) {
    return replica
        .table(ref)
        .orElseThrow(() -> new Violation(name + " has no subscription " + ref + " any more"));
  }

  private Position parse(String position) {
    return Position.parse(position)
        .orElseThrow(() -> new Violation(name + " is at no position: " + position));
  }

  private SimSubscription known(String ref) {
    SimSubscription subscription = byRef.get(ref);
    if (subscription == null) {
      throw new Violation(name + " hears of a subscription that it does not have: " + ref);
    }
    return subscription;
  }
}
