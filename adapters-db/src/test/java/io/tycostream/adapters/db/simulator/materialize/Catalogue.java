package io.tycostream.adapters.db.simulator.materialize;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The objects there are, by id. Guarded by the model's lock. */
final class Catalogue {

  private final Map<String, MzObject> objects = new LinkedHashMap<>();
  private int ids;

  String nextId() {
    ids++;
    return "u" + ids;
  }

  void add(MzObject object) {
    boolean taken =
        objects.values().stream().anyMatch(other -> other.fullName().equals(object.fullName()));
    if (taken) {
      throw new IllegalArgumentException(object.fullName() + " exists");
    }
    objects.put(object.id(), object);
  }

  boolean remove(MzObject object) {
    return objects.remove(object.id(), object);
  }

  List<MzObject> all() {
    return new ArrayList<>(objects.values());
  }

  Optional<MzObject> byId(String id) {
    return Optional.ofNullable(objects.get(id));
  }

  boolean hasSchema(String database, String schema) {
    return schema.equals("public")
        || objects.values().stream()
            .anyMatch(
                object -> object.database().equals(database) && object.schema().equals(schema));
  }

  Optional<MzObject> byName(String database, String schema, String name) {
    return objects.values().stream()
        .filter(object ->
            object.database().equals(database)
                && object.schema().equals(schema)
                && object.name().equals(name))
        .findFirst();
  }
}
