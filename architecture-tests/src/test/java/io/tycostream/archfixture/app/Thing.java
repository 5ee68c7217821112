package io.tycostream.archfixture.app;

import io.tycostream.archfixture.adapters.db.Database;
import io.tycostream.archfixture.client.Follows;

/** Knows everybody, as the outermost part may. */
public record Thing(Follows client, Database database) {
  static final class StringUtils {}
}
