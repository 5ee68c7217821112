package io.tycostream.domain;

import java.util.List;

/**
 * The answer of a state machine to one event: the state it is in now and what is to be done, in
 * this order.
 *
 * @param <S> states
 * @param <E> effects
 */
public record Step<S, E>(S state, List<E> effects) {

  public Step {
    effects = List.copyOf(effects);
  }

  /** A step with these effects. */
  @SafeVarargs
  @SuppressWarnings("varargs") // copied, and handed to nobody as an array
  public static <S, E> Step<S, E> to(S state, E... effects) {
    return new Step<>(state, List.of(effects));
  }
}
