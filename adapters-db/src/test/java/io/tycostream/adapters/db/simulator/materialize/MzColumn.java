package io.tycostream.adapters.db.simulator.materialize;

/**
 * A column of an object.
 *
 * @param type as {@code mz_columns.type} names it
 */
public record MzColumn(String name, int typeOid, String type, boolean nullable) {

  public static MzColumn bool(String name) {
    return new MzColumn(name, 16, "boolean", true);
  }

  public static MzColumn int4(String name) {
    return new MzColumn(name, 23, "integer", true);
  }

  public static MzColumn int8(String name) {
    return new MzColumn(name, 20, "bigint", true);
  }

  public static MzColumn text(String name) {
    return new MzColumn(name, 25, "text", true);
  }

  public static MzColumn numeric(String name) {
    return new MzColumn(name, 1700, "numeric", true);
  }

  public static MzColumn float8(String name) {
    return new MzColumn(name, 701, "double precision", true);
  }

  public static MzColumn bytea(String name) {
    return new MzColumn(name, 17, "bytea", true);
  }

  public static MzColumn jsonb(String name) {
    return new MzColumn(name, 3802, "jsonb", true);
  }

  public static MzColumn timestamptz(String name) {
    return new MzColumn(name, 1184, "timestamp with time zone", true);
  }

  /** One of Materialize's own types, whose number pgjdbc does not know. */
  public static MzColumn uint8(String name) {
    return new MzColumn(name, 16464, "uint8", true);
  }

  public MzColumn notNull() {
    return new MzColumn(name, typeOid, type, false);
  }
}
