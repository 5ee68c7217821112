package io.tycostream.domain.replica;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;
import net.jqwik.api.domains.DomainContextBase;

/**
 * Generated numbers that drive a model in place of chance, so that a failure shrinks: fewer and
 * smaller numbers are a shorter and simpler story. When they run out, what follows is fixed.
 */
final class Choices {

  private static final int MAX = 1 << 20;

  private final List<Integer> numbers;
  private int taken;

  Choices(List<Integer> numbers) {
    this.numbers = numbers;
  }

  /** From 0 to below {@code bound}. */
  int below(int bound) {
    int index = taken++;
    int number = index < numbers.size() ? numbers.get(index) : index * 7 + 3;
    return number % bound;
  }

  boolean oneIn(int bound) {
    return below(bound) == bound - 1;
  }

  /** In [0, 1). */
  double chance() {
    return below(1_000) / 1_000.0;
  }

  <T> T of(List<T> values) {
    return values.get(below(values.size()));
  }

  @Override
  public String toString() {
    return numbers.toString();
  }

  /** Makes parameters of this type. */
  static final class Domain extends DomainContextBase {

    @Provide
    Arbitrary<Choices> choices() {
      return Arbitraries.integers().between(0, MAX).list().ofMaxSize(400).map(Choices::new);
    }
  }
}
