package io.tycostream.domain.view;

import io.tycostream.domain.change.Row;
import java.util.List;

/** The rows of a view, by key or counted. Changed through a {@link Draft} alone. */
sealed interface Rows permits KeyedRows, CountedRows {

  /** Copies counted each. */
  long size();

  /** Copies counted each. */
  long bytes();

  /** A copy of them, each as often as it stands. */
  List<Row> list();

  /** For one moment. */
  Draft draft();
}
