package io.tycostream.simulation.teeth;

import java.util.List;

/** Mistakes in the log, and in what feeds show of it. */
final class LogBugs {

  private static final String CHANGE_LOG = Bug.DOMAIN + "log/ChangeLog.java";
  private static final String TAILS = Bug.DOMAIN + "log/Tails.java";
  private static final String CONFLATION = Bug.DOMAIN + "log/Conflation.java";
  private static final String DERIVATION = Bug.DOMAIN + "feed/Derivation.java";
  private static final String FEED = Bug.DOMAIN + "feed/Feed.java";
  private static final String FEED_INDEX = Bug.DOMAIN + "feed/FeedIndex.java";
  private static final String MARKS = Bug.DOMAIN + "feed/Marks.java";
  private static final String GENERATION = Bug.DOMAIN + "source/Generation.java";

  private LogBugs() {}

  static List<Bug> all() {
    return List.of(
        new Bug(
            "REPLAY_FROM_THE_POSITION_ITSELF",
            "whoever resumes behind a position gets the batch at that position a second time",
            CHANGE_LOG,
            "entry.batch().position().isAfter(position)).isPresent()",
            "!position.isAfter(entry.batch().position())).isPresent()"),
        new Bug(
            "REPLAY_OVER_A_HOLE",
            "a position is replayed from though batches behind it have left the log",
            CHANGE_LOG,
            "|| (within && lowest.position().isAfter(position))",
            ""),
        new Bug(
            "DIFFERENCE_REPLAYED_INSIDE_ITS_SPAN",
            "a difference is replayed to a client that saw a part of what it spans",
            CHANGE_LOG,
            "return position.isAfter(end) ? new Lookup.Unknown() : search(position, stretch, "
                + "stretch.last());",
            "return search(position, stretch, stretch.last());"),
        new Bug(
            "CLIENT_AHEAD_NOT_MADE_TO_WAIT",
            "a client that is further than the gateway is not made to wait",
            CHANGE_LOG,
            "if (position.isAheadOf(now)) {",
            "if (false) {"),
        new Bug(
            "LOG_OVER_ITS_BYTES",
            "the log grows over its limit of bytes",
            CHANGE_LOG,
            "|| bytes > limits.maxBytes()",
            ""),
        new Bug(
            "TAIL_FORGETS_AN_ENTRY",
            "of what left the log behind a busy reader the first entry is forgotten",
            TAILS,
            "segments.lowerEntry(entry.index());",
            "segments.lowerEntry(entry.index() - 1);"),
        new Bug(
            "CONFLATION_FORGETS_A_DELETE",
            "what is merged leaves out rows that are gone",
            CONFLATION,
            "net.add(new Change.Delete(each.before));",
            ""),
        new Bug(
            "STALE_FILTER_DECISION",
            "whether a changed row is shown is decided by the row before",
            DERIVATION,
            "if (was && is) {",
            "if (was) {"),
        new Bug(
            "ROW_THAT_STOPS_MATCHING_STAYS",
            "a row that stops matching the filter is not taken away",
            DERIVATION,
            ": was ? Optional.of(new Change.Delete(seen(before))) : Optional.empty();",
            ": Optional.empty();"),
        new Bug(
            "UPDATE_UNSEEN_UNDER_COLUMNS",
            "whether an update is seen is decided by other columns than those asked for",
            DERIVATION,
            "for (int column : columns) {",
            "for (int column = 0; column < columns.length; column++) {"),
        new Bug(
            "FILTER_NOT_IN_THE_PRINT",
            "positions say nothing of the filter",
            DERIVATION,
            "texts.add(filter.canonical());",
            ""),
        new Bug(
            "POSITION_OF_ANOTHER_FILTER",
            "a position is accepted for another filter than it is of",
            FEED,
            ".orElseGet(() -> position.under(derivation.print(position.print())))",
            ".orElseGet(() -> position.under(log.prints().getFirst()))"),
        new Bug(
            "INDEX_ASKED_FOR_THE_NEW_ROW_ONLY",
            "feeds that are found by a value are not told when a row has it no more",
            FEED_INDEX,
            "had.forEach(feed -> count(feed, change, concerned));",
            ""),
        new Bug(
            "FEED_BEGINS_ONE_ENTRY_LATE",
            "a feed does not know the first entry behind where it begins",
            FEED,
            "long first = Math.max(index, floor()) + 1;",
            "long first = Math.max(index, floor()) + 2;"),
        new Bug(
            "FEED_WITHOUT_THE_LAST_ENTRY_BEFORE_IT",
            "a feed does not know the last entry before it was opened",
            FEED,
            "!whole && each <= known.from(); each++",
            "!whole && each < known.from(); each++"),
        new Bug(
            "CHANGES_FOUND_COUNTED_ONE_BATCH_LATE",
            "the row changes of batches from before a feed was opened are counted one batch late",
            MARKS,
            "allTotals[i] = total; total -= foundChanges[i];",
            "total -= foundChanges[i]; allTotals[i] = total;"),
        new Bug(
            "FEED_CLOSED_UNDER_ITS_FOLLOWERS",
            "a feed is closed when the first of its followers leaves",
            GENERATION,
            "if (known.followers == 1 && idle == MAX_IDLE) {",
            "if (known.followers >= 1) {"),
        new Bug(
            "FEED_REPEATS_THE_ENTRY_IT_BEGINS_BEHIND",
            "a feed begins with the entry that it should begin behind",
            MARKS,
            "Arrays.binarySearch(indexes, start, end, index + 1);",
            "Arrays.binarySearch(indexes, start, end, index);"),
        new Bug(
            "CONFLATION_FORGETS_A_COPY",
            "what is merged tells a copy too few of rows without a key",
            CONFLATION,
            "for (long n = Math.abs(count); n > 0; n--) {",
            "for (long n = Math.abs(count); n > 1; n--) {"));
  }
}
