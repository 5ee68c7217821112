package io.tycostream.adapters.db.simulator.materialize;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a statement names an object: {@code name}, {@code schema.name}, {@code database.schema.name},
 * or {@code [u1 AS "database"."schema"."name"]}, where the id alone counts.
 *
 * @param parts of the name, one to three
 */
record ObjectRef(Optional<String> id, List<String> parts) {

  static ObjectRef parse(SqlTokens sql) {
    if (sql.accept("[")) {
      String id = sql.identifier();
      sql.expect("as");
      List<String> parts = name(sql);
      sql.expect("]");
      return new ObjectRef(Optional.of(id), parts);
    }
    return new ObjectRef(Optional.empty(), name(sql));
  }

  private static List<String> name(SqlTokens sql) {
    List<String> parts = new ArrayList<>();
    parts.add(sql.identifier());
    while (sql.accept(".")) {
      parts.add(sql.identifier());
    }
    return List.copyOf(parts);
  }

  /** The object, in a session of this database. */
  MzObject resolve(Catalogue catalogue, String database, String schema) {
    if (id.isPresent()) {
      return catalogue
          .byId(id.get())
          .orElseThrow(() -> MaterializeErrors.unknownId(id.get()).refusal());
    }
    int size = parts.size();
    String inDatabase = size > 2 ? parts.get(size - 3) : database;
    String inSchema = size > 1 ? parts.get(size - 2) : schema;
    if (size > 1 && !catalogue.hasSchema(inDatabase, inSchema)) {
      throw MaterializeErrors.unknownSchema(inSchema).refusal();
    }
    return catalogue
        .byName(inDatabase, inSchema, parts.getLast())
        .orElseThrow(() -> MaterializeErrors.unknownItem(String.join(".", parts)).refusal());
  }
}
