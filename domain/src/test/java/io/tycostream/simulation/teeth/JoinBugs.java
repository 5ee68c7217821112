package io.tycostream.simulation.teeth;

import java.util.List;

/** Mistakes in how a client gets into a feed, and follows it. */
final class JoinBugs {

  private static final String CURSOR = Bug.DOMAIN + "source/Cursor.java";
  private static final String FOLLOWING = Bug.DOMAIN + "source/Following.java";
  private static final String JOINING = Bug.DOMAIN + "source/Joining.java";
  private static final String SCRIPT = Bug.DOMAIN + "source/Script.java";
  private static final String SOURCE = Bug.DOMAIN + "source/Source.java";
  private static final String DESK = Bug.DOMAIN + "source/Desk.java";
  private static final String PORTION = Bug.DOMAIN + "source/Portion.java";
  private static final String JOIN = Bug.DOMAIN + "source/Join.java";

  private JoinBugs() {}

  static List<Bug> all() {
    return List.of(
        new Bug(
            "BROKEN_TAIL_USED",
            "a tail that was given up because it grew too large is used all the same",
            FOLLOWING,
            "if (missed.net().broken() || (",
            "if (("),
        new Bug(
            "SNAPSHOT_JOINED_ONE_BATCH_LATE",
            "behind a snapshot a batch is left out",
            SOURCE,
            "long index = snapshot.index();",
            "long index = snapshot.index() + 1;"),
        new Bug(
            "SNAPSHOT_OLDER_THAN_THE_POSITION",
            "a client gets a shared snapshot that is older than its position",
            DESK,
            "&& isNotOlder(recent, of, notBefore);",
            ";"),
        new Bug(
            "SNAPSHOT_FROM_BEFORE_THE_LOG",
            "a shared snapshot is used although the log does not reach back to it",
            DESK,
            "return feed.floor() <= recent.index() && behind",
            "return behind"),
        new Bug(
            "SNAPSHOT_UNANNOUNCED",
            "a client that has a position gets a snapshot without a word",
            JOINING,
            "lost.ifPresent(reason -> lost(feed, opening.get(), reason));",
            ""),
        new Bug(
            "RESUMED_FROM_THE_SERVERS_CURSOR",
            "a resume goes on from where the server is and not from the client's position",
            JOIN,
            "new Replay(after, from - 1)",
            "new Replay(generation.progress().position(), generation.log().head())"),
        new Bug(
            "BATCHES_DROPPED_WITHOUT_A_GAP",
            "a slow client goes on with what the log still has, without a word",
            FOLLOWING,
            "skipTo(source.oldest(generation, feed), reason()); } else { "
                + "startOver(reason(), feed.oldest(), now);",
            "skipTo(source.oldest(generation, feed), reason()); } else { "
                + "beginAt(source.oldest(generation, feed));"),
        new Bug(
            "EVENTS_LOST_WITHOUT_A_GAP",
            "events that have left the log are passed over without a gap",
            FOLLOWING,
            "skipTo(source.oldest(generation, feed), reason()); } else {",
            "beginAt(source.oldest(generation, feed)); } else {"),
        new Bug(
            "EVENTS_SKIPPED_WITHOUT_A_GAP",
            "events that the buffer has no room for are passed over without a gap",
            FOLLOWING,
            "script.lost(feed, last.get().entry().batch().position(), dropped, reason, NONE);",
            ""),
        new Bug(
            "GAP_COUNTS_BATCHES",
            "a gap counts batches and not row changes",
            FOLLOWING,
            "since(last.get().totalChanges());",
            "upTo - place.next() + 1;"),
        new Bug(
            "GAP_DOES_NOT_MOVE",
            "behind a gap without recovery the gateway thinks that the client is where it was",
            SCRIPT,
            "if (lost.recovery() == Recovery.NONE) {",
            "if (lost.recovery() != Recovery.NONE) {"),
        new Bug(
            "MERGED_COVERS_ONE_TOO_FEW",
            "a merged batch says that it covers one batch fewer than it does",
            FOLLOWING,
            "upTo.next() - place.next(),",
            "upTo.next() - place.next() - 1,"),
        new Bug(
            "FOLD_WITHOUT_ITS_FIRST_BATCH",
            "the first batch that is folded is left out",
            FOLLOWING,
            "for (long seq = place.next(); seq <= upTo; seq++) {",
            "for (long seq = place.next() + 1; seq <= upTo; seq++) {"),
        new Bug(
            "ROOM_GIVEN_OUT_TWICE",
            "readers are given more merged batches than there is room for",
            DESK,
            "least <= left ? Math.min(wished, left) : merged == 0 ? least : 0;",
            "wished;"),
        new Bug(
            "ROOM_NEVER_GIVEN_BACK",
            "a reader keeps its room when it is done with a merged batch",
            PORTION,
            "source.giveRoom(bytes - needed);",
            ""),
        new Bug(
            "PROGRESS_AHEAD_OF_A_BATCH",
            "how far the source is, is told before the batches that lead there",
            FOLLOWING,
            "case Window.Move.Deliver(FeedBatch batch) -> deliver(batch, now);",
            "case Window.Move.Deliver(FeedBatch batch) -> { script.add(new Delivery.Reached(feed,"
                + " feed.shown(progress.position()))); deliver(batch, now); }"),
        new Bug(
            "OTHER_SHAPE_UNNOTICED",
            "clients are not told that the source has another shape",
            CURSOR,
            "if (present != current.generation()) {",
            "if (false) {"));
  }
}
