package io.tycostream.simulation.teeth;

import static io.tycostream.simulation.teeth.Bug.DOMAIN;

import java.util.List;

/** Mistakes in what a gateway knows of the time before, and with sources that fail alone. */
final class RestartBugs {

  private static final String PREHISTORY = DOMAIN + "source/Prehistory.java";
  private static final String FEED = DOMAIN + "feed/Feed.java";
  private static final String SOURCE = DOMAIN + "source/Source.java";
  private static final String INTAKE = DOMAIN + "source/Intake.java";
  private static final String BACKLOG = DOMAIN + "source/Backlog.java";
  private static final String VIEW = DOMAIN + "view/View.java";

  private RestartBugs() {}

  static List<Bug> all() {
    return List.of(
        new Bug(
            "PREHISTORY_IGNORED",
            "what a database tells of the time before a start is not looked at",
            SOURCE,
            "prehistory.filter(known -> begins && known.leadsTo(relation, at));",
            "Optional.empty();"),
        new Bug(
            "PREHISTORY_WITHOUT_ITS_CHANGES",
            "the history begins before the rows, and tells nothing of what was touched since",
            SOURCE,
            "earlier.flatMap(known -> known.batch(relation, at, rows))",
            "earlier.<Batch>flatMap(known -> Optional.empty())"),
        new Bug(
            "GONE_BEFORE_THE_START",
            "a row that went before a start is not told of",
            PREHISTORY,
            "gone.forEach(key -> changes.add(new Change.Delete(relation.rowOf(key))));",
            ""),
        new Bug(
            "TOUCHED_TOLD_TO_ALL",
            "who sees a part of the rows is led on by touched keys that do not say what it has",
            FEED,
            "return last == 0 && log.entry(1).filter(entry -> !isTold(entry)).isPresent() ? 1 :"
                + " last;",
            "return last;"),
        new Bug(
            "LETS_GO_OF_TOO_MUCH",
            "a database lets go of what clients may still need after a start",
            INTAKE,
            ".map(inLog::later).orElse(inLog).earlier(complete);",
            ".map(inLog::later).orElse(inLog).later(complete);"),
        new Bug(
            "LETS_GO_AFTER_AN_EPOCH_CHANGE",
            "while a log still begins in an earlier epoch nothing of the present one is kept",
            INTAKE,
            "flatMap(present -> present.log().oldest(complete.epoch()));",
            "map(present -> present.log().oldest()).filter(at ->"
                + " at.epoch().equals(complete.epoch()));"),
        new Bug(
            "MORE_ROWS_THAN_MAY",
            "a source may have one row more than it may",
            VIEW,
            "capacity.requireRows(relation.name(), draft.size());",
            "capacity.requireRows(relation.name(), draft.size() - 1);"),
        new Bug(
            "MORE_BYTES_THAN_MAY",
            "a source may have more bytes than it may",
            VIEW,
            "capacity.requireBytes(relation.name(), draft.bytes());",
            ""),
        new Bug(
            "FAILED_GOES_ON",
            "a source that left out a moment goes on with the next",
            INTAKE,
            "return failed.contains(source) || outOfStep.contains(source);",
            "return outOfStep.contains(source);"),
        new Bug(
            "FAILED_FOR_EVER",
            "a source that failed alone is not followed again with a fresh stream",
            INTAKE,
            "if (fresh) { failed.clear();",
            "if (fresh) {"),
        new Bug(
            "FAILED_WITHOUT_A_WORD",
            "clients are not told that a source has failed",
            SOURCE,
            "public void fail(String reason, Instant now) { announce(",
            "public void fail(String reason, Instant now) { Optional.of("),
        new Bug(
            "READ_AGAIN_WITHOUT_WHAT_CAME_MEANWHILE",
            "what happened while rows were read beside a stream is forgotten",
            BACKLOG,
            "kept.add(new Kept(time, events));",
            ""),
        new Bug(
            "READ_AGAIN_AND_APPLIED_TWICE",
            "what rows that were read beside a stream have in them is applied to them again",
            BACKLOG,
            "Long.compareUnsigned(each.time(), time) > 0",
            "true"),
        new Bug(
            "TOO_MANY_READ_AGAIN_AS_THEY_WERE",
            "rows that were too many are read again as they were",
            INTAKE,
            "return tooLarge.isEmpty();",
            "return true;"));
  }
}
