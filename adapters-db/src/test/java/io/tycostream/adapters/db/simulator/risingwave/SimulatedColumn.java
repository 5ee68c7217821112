package io.tycostream.adapters.db.simulator.risingwave;

/**
 * A column of a table.
 *
 * @param type PostgreSQL's short name
 * @param dropped it is not there any more; its place in the rows stays
 */
public record SimulatedColumn(
    String name, String type, boolean hidden, boolean primaryKey, boolean dropped) {

  /** One that is not part of the primary key. */
  public static SimulatedColumn of(String name, String type) {
    return new SimulatedColumn(name, type, false, false, false);
  }

  /** One of the primary key. */
  public static SimulatedColumn key(String name, String type) {
    return new SimulatedColumn(name, type, false, true, false);
  }

  SimulatedColumn withoutIt() {
    return new SimulatedColumn(name, type, hidden, primaryKey, true);
  }

  boolean visible() {
    return !hidden && !dropped;
  }

  int oid() {
    return switch (type) {
      case "bool" -> 16;
      case "int8" -> 20;
      case "int2" -> 21;
      case "int4" -> 23;
      case "numeric" -> 1700;
      default -> 1043;
    };
  }
}
