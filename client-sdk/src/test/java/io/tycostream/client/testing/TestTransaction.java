package io.tycostream.client.testing;

import java.util.Map;

/**
 * Changes that happen at one moment: clients get them as one batch, with only the last of several
 * changes of a row.
 *
 * <pre>{@code
 * trades.transaction(t -> t
 *     .put(Map.of("id", 1, "symbol", "EURUSD", "price", new BigDecimal("1.0842")))
 *     .put(Map.of("id", 2, "symbol", "EURGBP", "price", new BigDecimal("0.8601")))
 *     .delete(3));
 * }</pre>
 */
public interface TestTransaction {

  /**
   * The row is now this: inserts it, or replaces the one with the same key. In a source without a
   * key it is one copy more.
   *
   * @param row values by column; a column that is left out is NULL. {@link
   *     TestSource.Builder#column} says which Java types go with which column
   * @throws IllegalArgumentException when a column is not there, a key column has no value, or a
   *     value does not go with its column's type
   */
  TestTransaction put(Map<String, ?> row);

  /**
   * Removes the row with a key.
   *
   * @param key the values of the key columns, in the order of the key
   * @throws IllegalArgumentException when there is no such row, or the values are no key
   */
  TestTransaction delete(Object... key);

  /**
   * Removes a row. Of a source without a key one copy of it.
   *
   * @param row the key columns, others are ignored; of a source without a key the whole row
   * @throws IllegalArgumentException when there is no such row, or the values are no key
   */
  TestTransaction delete(Map<String, ?> row);
}
