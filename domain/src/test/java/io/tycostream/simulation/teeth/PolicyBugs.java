package io.tycostream.simulation.teeth;

import static io.tycostream.simulation.teeth.Bug.DOMAIN;

import java.util.List;

/** Mistakes in what gives way, in the machines of both ends, and on the way into the sources. */
final class PolicyBugs {

  private static final String WINDOW = DOMAIN + "source/Window.java";
  private static final String SOURCE = DOMAIN + "source/Source.java";
  private static final String INTAKE = DOMAIN + "source/Intake.java";
  private static final String TURNS = DOMAIN + "session/Turns.java";
  private static final String SHARES = DOMAIN + "session/Shares.java";
  private static final String RATE = DOMAIN + "session/RequestRate.java";
  private static final String CONVERSATION = DOMAIN + "session/Conversation.java";
  private static final String SESSION = DOMAIN + "session/Session.java";
  private static final String SESSION_MACHINE = DOMAIN + "session/SessionMachine.java";
  private static final String REPLICA_MACHINE = DOMAIN + "replica/ReplicaMachine.java";

  private PolicyBugs() {}

  static List<Bug> all() {
    return List.of(
        new Bug(
            "MORE_WAITS_THAN_MAY",
            "the oldest do not give way when more waits than the buffer holds",
            WINDOW,
            "if (head <= next || !isOver(feed, read, head)) {",
            "if (true) {"),
        new Bug(
            "TOO_OLD_IS_TOLD",
            "what is older than it may be is told all the same",
            WINDOW,
            "Math.max(aged(feed, next, head, now), oldest(feed, next, read, head));",
            "oldest(feed, next, read, head);"),
        new Bug(
            "NEWEST_DROPPED_BEYOND_THE_NEWEST",
            "drop-newest passes over one batch more than there is",
            WINDOW,
            "frozenAt = 0; return head;",
            "frozenAt = 0; return head + 1;"),
        new Bug(
            "SAMPLE_BEYOND_THE_NEWEST",
            "sample passes over batches that are not there yet",
            WINDOW,
            "return Math.min(next + buffer.sample() - 2, head - 1);",
            "return next + buffer.sample() - 2;"),
        new Bug(
            "NOBODY_GIVES_WAY",
            "over the connection's buffer nobody has to be content with less",
            TURNS,
            "least.cursor().allow(least.buffered() - cut);",
            ""),
        new Bug(
            "HIGHEST_GIVES_WAY",
            "over the connection's buffer those of the highest priority give way first",
            SHARES,
            "Comparator.comparingInt(Load::priority).thenComparing(fullest);",
            "Comparator.comparingInt(Load::priority).reversed().thenComparing(fullest);"),
        new Bug(
            "PRIORITY_WITHOUT_MEANING",
            "over the connection's buffer the fullest give way whatever their priority",
            SHARES,
            "case BY_PRIORITY -> Comparator.comparingInt(Load::priority).thenComparing(fullest);",
            "case BY_PRIORITY -> fullest;"),
        new Bug(
            "TURNS_WHILE_IT_RESTS",
            "a subscription that has had its fill of changes goes on all the same",
            TURNS,
            "if (!each.rests(now)) {",
            "if (true) {"),
        new Bug(
            "READ_AT_ONCE",
            "who asks faster than it may is read as fast as it asks",
            RATE,
            "Duration.ofNanos(Math.ceilDiv(-left, perSecond)), !later",
            "Duration.ZERO, !later"),
        new Bug(
            "GREED_BORNE",
            "who asks faster than it may for ever is not sent away",
            RATE,
            "!later.isBefore(since.plus(PATIENCE)));",
            "false);"),
        new Bug(
            "GREED_REMEMBERED",
            "who asked faster than it may is sent away for it although it has paused since",
            RATE,
            "new RequestRate(perSecond, burst, left, later, Optional.empty());",
            "new RequestRate(perSecond, burst, left, later, overSince);"),
        new Bug(
            "FOLLOWS_WHAT_IT_MAY_NOT",
            "a subscription goes on although its source is not allowed any more",
            CONVERSATION,
            "if (!grant.allows(each.source())) {",
            "if (false) {"),
        new Bug(
            "FORBIDDEN_IS_GRANTED",
            "a source that is not allowed can be subscribed",
            CONVERSATION,
            "if (!grant.allows(wanted.source())) {",
            "if (false) {"),
        new Bug(
            "ENDED_UNHEARD",
            "a subscription that the gateway ended does not come back for a client that did not"
                + " hear of it",
            SESSION,
            "if (positions.containsKey(ref)) {",
            "if (false) {"),
        new Bug(
            "MARKS_WITHOUT_A_BOUND",
            "the marks of feeds take what they take",
            SOURCE,
            "current.keepWithinLimits(); return concerned;",
            "return concerned;"),
        new Bug(
            "MERGED_UP_TO_WHAT_WAS_GIVEN_UP",
            "what left the log is merged although the feed does not know what follows",
            SOURCE,
            "&& feed.floor() == floor) {",
            ") {"),
        new Bug(
            "SESSION_KEPT_BEYOND_ITS_TIME",
            "a session is not forgotten when its time is over",
            SESSION_MACHINE,
            "now.isBefore(detached.until()) ? Step.to(detached)",
            "now.isBefore(detached.until().plusSeconds(3_600)) ? Step.to(detached)"),
        new Bug(
            "CURSORS_KEPT_WITH_THE_SESSION",
            "the subscriptions of a connection that is being closed go on",
            SESSION_MACHINE,
            "? Step.to(closing, word, new ReleaseCursors())",
            "? Step.to(closing, word)"),
        new Bug(
            "SESSION_OUTLIVES_ITS_CLIENTS_GOODBYE",
            "a session is kept although its client went for good",
            SESSION_MACHINE,
            "boolean keeps = code != CloseCode.NORMAL.code() && outlives();",
            "boolean keeps = outlives();"),
        new Bug(
            "SOCKET_LEFT_OPEN",
            "a client that gives a connection up does not close its socket",
            REPLICA_MACHINE,
            "await(attempt, reason, renewed, Optional.empty(), chance, now), new"
                + " CloseSocket(CloseCode.NORMAL.code(), reason));",
            "await(attempt, reason, renewed, Optional.empty(), chance, now));"),
        new Bug(
            "SILENT_GATEWAY_BORNE",
            "a client asks a silent gateway again and again and never gives it up",
            REPLICA_MACHINE,
            "if (open.asked().isEmpty()) {",
            "if (true) {"),
        new Bug(
            "RETURNS_FROM_NOTHING",
            "a client does not come back from a connection that broke",
            REPLICA_MACHINE,
            "case RESUME, BY_POSITION -> Step.to(returning);",
            "case RESUME, BY_POSITION -> Step.to(new Closed(code, closed.reason()));"),
        new Bug(
            "HALF_A_MOMENT_GOES_ON_IN_THE_NEXT_STREAM",
            "what was told of a moment is not forgotten when another stream is opened",
            INTAKE,
            "frontier.cut(); loading.clear();",
            "loading.clear();"),
        new Bug(
            "PRINT_OF_THE_FORMER_TABLE",
            "rows that are read anew are bound to the relation that there was before",
            INTAKE,
            "new Position(at.epoch(), at.time(), relation.print());",
            "new Position(at.epoch(), at.time(),"
                + " source.relation().orElse(relation).print());"));
  }
}
