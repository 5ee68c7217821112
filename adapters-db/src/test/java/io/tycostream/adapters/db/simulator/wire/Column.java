package io.tycostream.adapters.db.simulator.wire;

/**
 * A column of a RowDescription. Table and attribute number are always zero, as Materialize has it.
 *
 * @param typeModifier −1 where there is none
 */
public record Column(String name, int typeOid, int typeModifier) {

  public static final int BOOL = 16;
  public static final int INT8 = 20;
  public static final int INT2 = 21;
  public static final int INT4 = 23;
  public static final int TEXT = 25;
  public static final int OID = 26;
  public static final int VARCHAR = 1043;
  public static final int NUMERIC = 1700;

  public Column(String name, int typeOid) {
    this(name, typeOid, -1);
  }

  public static Column text(String name) {
    return new Column(name, TEXT);
  }

  /** Bytes of a value, −1 when they vary. */
  int typeSize() {
    return switch (typeOid) {
      case BOOL -> 1;
      case INT2 -> 2;
      case INT4, OID, 700 -> 4;
      case INT8, 701 -> 8;
      default -> -1;
    };
  }
}
