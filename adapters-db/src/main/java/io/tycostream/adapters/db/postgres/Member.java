package io.tycostream.adapters.db.postgres;

import io.tycostream.domain.upstream.Resumption.Followed;

/**
 * A table whose changes reach us.
 *
 * @param membership what stays the same for as long as it is in the publication without a break
 */
record Member(TableDefinition definition, String membership) {

  Followed followed() {
    return new Followed(definition.relation().print(), definition.carriage() + " " + membership);
  }
}
