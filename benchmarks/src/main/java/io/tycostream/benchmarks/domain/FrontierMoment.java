package io.tycostream.benchmarks.domain;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import io.tycostream.domain.frontier.Frontier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * A transaction tells 20 rows of four sources in turn and is committed; out comes the moment, by
 * source.
 *
 * <p>The rival writes down what is told and groups it at the end.
 */
@State(Scope.Thread)
public class FrontierMoment {

  private static final int EVENTS = 20;
  private static final List<String> SOURCES = List.of("a", "b", "c", "d");

  private final RowEvent event = new RowEvent.Upserted(Optional.empty(), Row.of("1", "open", "2"));
  private final Frontier<String> frontier = new Frontier<>();
  private long time;

  private record Told(String source, RowEvent event) {}

  /** Complete up to a time. */
  public FrontierMoment() {
    frontier.startAt(time);
  }

  /** The frontier. */
  @Benchmark
  public Object tycostream() {
    for (int i = 0; i < EVENTS; i++) {
      frontier.row(SOURCES.get(i % SOURCES.size()), event);
    }
    time++;
    return frontier.commit(time);
  }

  /** A list, grouped at the end. */
  @Benchmark
  public Object groupAtTheEnd() {
    List<Told> told = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      told.add(new Told(SOURCES.get(i % SOURCES.size()), event));
    }
    Map<String, List<RowEvent>> bySource =
        told.stream()
            .collect(
                Collectors.groupingBy(
                    Told::source, Collectors.mapping(Told::event, Collectors.toList())));
    return bySource;
  }
}
