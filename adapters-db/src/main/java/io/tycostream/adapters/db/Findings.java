package io.tycostream.adapters.db;

import java.util.List;

/**
 * What was seen of a server that was looked at once.
 *
 * @param problems what keeps it or one of its sources from being followed, one sentence each; empty
 *     when all is well
 * @param summary the server, and each relation that can be followed, one line each
 */
public record Findings(List<String> problems, List<String> summary) {
  public Findings {
    problems = List.copyOf(problems);
    summary = List.copyOf(summary);
  }
}
