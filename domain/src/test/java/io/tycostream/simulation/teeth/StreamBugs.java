package io.tycostream.simulation.teeth;

import java.util.List;

/** Mistakes between a database and the rows of a source. */
final class StreamBugs {

  private static final String FRONTIER = Bug.DOMAIN + "frontier/Frontier.java";
  private static final String POSITION = Bug.DOMAIN + "change/Position.java";
  private static final String RESUMPTION = Bug.DOMAIN + "upstream/Resumption.java";
  private static final String KEYED_ROWS = Bug.DOMAIN + "view/KeyedRows.java";
  private static final String FATE = Bug.DOMAIN + "view/Fate.java";
  private static final String DIFFERENCE = Bug.DOMAIN + "view/Difference.java";
  private static final String SOURCE = Bug.DOMAIN + "source/Source.java";
  private static final String UPSTREAM_MACHINE = Bug.DOMAIN + "upstream/UpstreamMachine.java";
  private static final String RECONNECTION = Bug.DOMAIN + "upstream/Reconnection.java";
  private static final String UPSTREAM_STATE = Bug.DOMAIN + "upstream/UpstreamState.java";

  private StreamBugs() {}

  static List<Bug> all() {
    return List.of(
        new Bug(
            "COMPLETE_AT_F",
            "what is complete is F, and not F - 1, when everything before F was told",
            FRONTIER,
            "return time == 0 ? closeNothing() : closeThrough(time - 1);",
            "return time == 0 ? closeNothing() : closeThrough(time);"),
        new Bug(
            "COMPLETE_IN_THE_MIDDLE_OF_A_TIME",
            "a time is taken for complete with its first row",
            FRONTIER,
            "openAt = time; row(source, event);",
            "openAt = time; row(source, event); complete = time;"),
        new Bug(
            "HALF_A_MOMENT_KEPT_OVER_A_CUT",
            "what was told of a moment before the stream broke is told to the sources with what "
                + "is told again",
            FRONTIER,
            "public void cut() { pending.clear();",
            "public void cut() {"),
        new Bug(
            "TOLD_AGAIN_APPLIED_AGAIN",
            "a transaction that a resumed stream tells again is applied again",
            FRONTIER,
            "boolean isNew = Long.compareUnsigned(time, complete) > 0;",
            "boolean isNew = true;"),
        new Bug(
            "SIGNED_TIMES_OF_TRANSACTIONS",
            "the times of transactions are compared as signed numbers",
            FRONTIER,
            "boolean isNew = Long.compareUnsigned(time, complete) > 0;",
            "boolean isNew = Long.compare(time, complete) > 0;"),
        new Bug(
            "SIGNED_TIMES_OF_POSITIONS",
            "positions are compared by their times as signed numbers",
            POSITION,
            "return Long.compareUnsigned(time, other.time) > 0;",
            "return time > other.time;"),
        new Bug(
            "SIGNED_TIMES_OF_ENDPOINTS",
            "how far an endpoint is, is compared as a signed number",
            RESUMPTION,
            "Long.compareUnsigned(shown.present(), complete.time()) < 0",
            "shown.present() < complete.time()"),
        new Bug(
            "ROW_STAYS_UNDER_ITS_FORMER_KEY",
            "a row whose key changed stays under the former one too",
            KEYED_ROWS,
            "from.become(null); Fate fate = begun(relation.keyOf(whole));",
            "Fate fate = begun(relation.keyOf(whole)); if (fate == from) { from.become(null); }"),
        new Bug(
            "TRUNCATE_TOLD_TO_NOBODY",
            "the rows that a truncate takes are not told",
            KEYED_ROWS,
            "if (!fates.containsKey(key)) {",
            "if (false) {"),
        new Bug(
            "UNCHANGED_VALUES_NOT_FILLED_IN",
            "values that an update leaves out are not taken from the row before",
            KEYED_ROWS,
            "Row whole = before == null ? row : row.completedFrom(before);",
            "Row whole = row;"),
        new Bug(
            "COPIES_SETTLED_ONE_BY_ONE",
            "the copies of a row with a key are settled one by one and not in sum",
            KEYED_ROWS,
            "fate.count(row, diff);",
            "fate.count(row, diff); begin(fate); fate.row();"),
        new Bug(
            "DIFFERENCE_WITHOUT_DELETES",
            "the difference to a fresh snapshot leaves out rows that are gone",
            DIFFERENCE,
            "if (!after.containsKey(key)) {",
            "if (false) {"),
        new Bug(
            "SNAPSHOT_NOT_COMPARED",
            "a fresh snapshot replaces the rows and nobody is told the difference",
            SOURCE,
            "if (!difference.isEmpty()) {",
            "if (false) {"),
        new Bug(
            "DIFFERENCE_PASSED_OFF_AS_A_MOMENT",
            "the difference to a fresh snapshot is told as if it were one moment",
            SOURCE,
            "new Batch(after, at, difference, true)",
            "new Batch(after, at, difference, false)"),
        new Bug(
            "RESUMED_ACROSS_EPOCHS",
            "a stream is resumed in another history",
            RESUMPTION,
            "if (!complete.epoch().equals(shown.epoch())) {",
            "if (false) {"),
        new Bug(
            "POSITIONS_WITHOUT_EPOCH",
            "positions of two epochs are compared as if of one history",
            POSITION,
            "return epoch.equals(other.epoch) && print.equals(other.print);",
            "return print.equals(other.print);"),
        new Bug(
            "CHANGES_NOT_RETAINED",
            "a stream is resumed although the changes in between are not kept any more",
            RESUMPTION,
            "Long.compareUnsigned(after.time(), complete.time()) > 0",
            "false"),
        new Bug(
            "READ_FROM_A_REWOUND_PRIMARY",
            "rows are read anew from a primary that was set back",
            RESUMPTION,
            "if (!behind) {",
            "if (!behind || !shown.replica()) {"),
        new Bug(
            "LOST_HISTORY_ANSWERED_AT_ONCE_FOR_EVER",
            "a lost history is answered by a fresh snapshot at once however often",
            RECONNECTION,
            "yield outage.resyncTried() ?",
            "yield false ?"),
        new Bug(
            "TROUBLE_BEGINS_ANEW",
            "each stream that is lost begins a trouble of its own, however soon it is lost",
            RECONNECTION,
            "return live.recovery()",
            "return Optional.<Recovery>empty()"),
        new Bug(
            "ALERT_FORGOTTEN",
            "a stream that lasts ends the trouble and not its alert",
            UPSTREAM_MACHINE,
            ".filter(trouble -> trouble.alertAt().isEmpty())",
            ".filter(trouble -> false)"),
        new Bug(
            "LOST_HISTORY_RESUMED",
            "after a lost history the stream is resumed again",
            UPSTREAM_STATE,
            "return new Outage(since, attempt, true, true, credentialsTried, trouble, endpoints);",
            "return new Outage(since, attempt, fresh, true, credentialsTried, trouble, "
                + "endpoints);"),
        new Bug(
            "SUMS_WITHOUT_THE_ROW_THERE_IS",
            "copies that come and go are summed without the row that is there",
            FATE,
            "if (copy.equals(row)) {",
            "if (false) {"));
  }
}
