package io.tycostream.adapters.db.simulator.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One statement as a client sent it.
 *
 * @param sql without the semicolon at its end; comments are still there
 * @param parameters the values of {@code $1}, {@code $2} …, as text
 */
public record Statement(String sql, List<@Nullable String> parameters) {

  public Statement {
    parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
  }

  public Statement(String sql) {
    this(sql, List.of());
  }
}
