package io.tycostream.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;

/**
 * The table of a state machine, every state × every event, as one test a cell.
 *
 * <p>What is expected comes from a function that switches over the rows and the events without a
 * default, so that a missing cell does not compile; that every state has a row and every event a
 * column is looked at here.
 *
 * @param rows the states by name; a state may have several rows
 * @param state the state of a row
 * @param events one of each
 */
public record TransitionTable<R extends Enum<R>, S, E, F>(
    List<R> rows, Function<R, S> state, List<E> events) {

  /** The cells. */
  public List<DynamicTest> cells(
      Class<S> states,
      Class<E> everyEvent,
      BiFunction<R, E, Step<S, F>> expected,
      BiFunction<S, E, Step<S, F>> machine) {
    assertEquals(
        List.of(states.getPermittedSubclasses()).stream().collect(Collectors.toSet()),
        rows.stream().map(row -> state.apply(row).getClass()).collect(Collectors.toSet()));
    assertEquals(
        List.of(everyEvent.getPermittedSubclasses()).stream().collect(Collectors.toSet()),
        events.stream().map(Object::getClass).collect(Collectors.toSet()));
    List<DynamicTest> cells = new ArrayList<>();
    for (R row : rows) {
      for (E event : events) {
        cells.add(
            DynamicTest.dynamicTest(
                row + " " + event.getClass().getSimpleName(),
                () ->
                    assertEquals(
                        expected.apply(row, event), machine.apply(state.apply(row), event))));
      }
    }
    return cells;
  }
}
