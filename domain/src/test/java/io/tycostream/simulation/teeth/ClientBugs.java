package io.tycostream.simulation.teeth;

import java.util.List;

/** Mistakes in sessions, and in what a client makes of what it is told. */
final class ClientBugs {

  private static final String SESSIONS = Bug.DOMAIN + "session/Sessions.java";
  private static final String SESSION = Bug.DOMAIN + "session/Session.java";
  private static final String PARTS = Bug.DOMAIN + "replica/Parts.java";
  private static final String REPLICA_TABLE = Bug.DOMAIN + "replica/ReplicaTable.java";
  private static final String KEYED_ROWS = Bug.DOMAIN + "replica/KeyedRows.java";
  private static final String REPLICA = Bug.DOMAIN + "replica/Replica.java";
  private static final String COUNTED_ROWS = Bug.DOMAIN + "replica/CountedRows.java";

  private ClientBugs() {}

  static List<Bug> all() {
    return List.of(
        new Bug(
            "TAKEOVER_LEAVES_THE_OLDER_CONNECTION",
            "a session that is taken over keeps its older connection",
            SESSIONS,
            "tell(older, new TakenOver(), now, orders);",
            ""),
        new Bug(
            "SESSION_OF_ANOTHER_PRINCIPAL",
            "a session is resumed for another principal",
            SESSIONS,
            "if (!ticket.principal().equals(hello.principal())) { yield Resumption.OTHER_PRINCIPAL;"
                + " } if (!now.isBefore(ticket.expiresAt())) { yield Resumption.EXPIRED; } Stay"
                + " owner = owners.get(ticket.session()); if (owner == null || owner.session =="
                + " null || isOverdue(owner, now)) { yield Resumption.UNKNOWN; } yield"
                + " owner.session.principal().equals(hello.principal()) ? Resumption.RESUMED : "
                + "Resumption.OTHER_PRINCIPAL;",
            "if (!now.isBefore(ticket.expiresAt())) { yield Resumption.EXPIRED; } Stay owner = "
                + "owners.get(ticket.session()); if (owner == null || owner.session == null || "
                + "isOverdue(owner, now)) { yield Resumption.UNKNOWN; } yield "
                + "owner.session.principal().equals(ticket.principal()) ? Resumption.RESUMED : "
                + "Resumption.OTHER_PRINCIPAL;"),
        new Bug(
            "DETACHED_SESSIONS_STAY",
            "sessions that are over are kept",
            SESSIONS,
            "if (detached.remove(stay)) { detachedBytes -= stay.detachedBytes; } } else if "
                + "(stay.state instanceof Detached && detached.add(stay)) { stay.detachedBytes = "
                + "stay.session == null ? 0 : stay.session.bytes(); detachedBytes += "
                + "stay.detachedBytes; while",
            "} else if (stay.state instanceof Detached && detached.add(stay)) { if"),
        new Bug(
            "RESTORED_WITHOUT_THE_POSITION",
            "a resumed subscription does not begin at the client's position",
            SESSION,
            "Optional<String> after = Optional.ofNullable(positions.get(subscribe.ref()));",
            "Optional<String> after = Optional.empty();"),
        new Bug(
            "SESSION_FORGETS_SUBSCRIPTIONS",
            "a resumed session has no subscriptions",
            SESSION,
            "return new Session(id, principal, settings.changedTo(later), subscriptions, ended);",
            "return begin(id, principal, later);"),
        new Bug(
            "UNSUBSCRIBED_COMES_BACK",
            "a session brings back what was unsubscribed",
            SESSION,
            "fewer.remove(ref);",
            ""),
        new Bug(
            "REPLICA_KEEPS_ITS_PARTS",
            "rows of a snapshot stay staged for the next one",
            PARTS,
            "count = 0; rows = new ArrayList<>();",
            "count = 0;"),
        new Bug(
            "PARTS_APPLIED_ONE_BY_ONE",
            "each part of a batch is applied when it comes",
            REPLICA_TABLE,
            "if (message.more()) { return new Staged(); } if (!terms.delta()",
            "if (!terms.delta()"),
        new Bug(
            "REPLICA_STAYS_BEFORE_A_GAP",
            "behind a gap without recovery the client stays where it was",
            REPLICA_TABLE,
            "position = message.upTo();",
            ""),
        new Bug(
            "DELETES_KEPT_IN_MERGED_BATCHES",
            "the client keeps a row that a merged batch deletes",
            KEYED_ROWS,
            "Row before = rows.remove(key);",
            "Row before = exact ? rows.remove(key) : null;"),
        new Bug(
            "POSITION_OF_ANOTHER_SUBSCRIPTION",
            "a client hands over the position of another subscription",
            REPLICA,
            "follower.table().position().ifPresent(at -> positions.put(follower.ref(), at));",
            "follower.table().position().ifPresent(at -> { positions.replaceAll((ref, had) -> "
                + "at); positions.put(follower.ref(), at); });"),
        new Bug(
            "HELD_BACK_FOR_EVER",
            "what was held back for a session is not asked for when the session is gone",
            REPLICA,
            "followers.sessionLost(); askForAll();",
            "followers.sessionLost();"),
        new Bug(
            "ASKED_FOR_TWICE",
            "what a session may bring back is asked for without ending it first",
            REPLICA,
            "if (resuming && (follower.isUnsure() || followers.isDeparted(follower.ref()))) {",
            "if (false) {"),
        new Bug(
            "COPIES_FORGOTTEN",
            "the client forgets all copies of a row when one goes",
            COUNTED_ROWS,
            "if (count == 1) {",
            "if (count >= 1) {"));
  }
}
