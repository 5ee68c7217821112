package io.tycostream.adapters.db.materialize;

import java.util.Map;

/**
 * PostgreSQL's short names for the types of Materialize, so that the same value has the same type
 * and form for clients, whichever database it comes from.
 */
final class TypeNames {

  /** By the number of the type; those from 16384 on are Materialize's own. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("16", "bool"),
          Map.entry("17", "bytea"),
          Map.entry("18", "char"),
          Map.entry("20", "int8"),
          Map.entry("21", "int2"),
          Map.entry("23", "int4"),
          Map.entry("25", "text"),
          Map.entry("26", "oid"),
          Map.entry("700", "float4"),
          Map.entry("701", "float8"),
          Map.entry("1042", "bpchar"),
          Map.entry("1043", "varchar"),
          Map.entry("1082", "date"),
          Map.entry("1083", "time"),
          Map.entry("1114", "timestamp"),
          Map.entry("1184", "timestamptz"),
          Map.entry("1186", "interval"),
          Map.entry("1700", "numeric"),
          Map.entry("2950", "uuid"),
          Map.entry("3802", "jsonb"),
          Map.entry("1000", "_bool"),
          Map.entry("1001", "_bytea"),
          Map.entry("1005", "_int2"),
          Map.entry("1007", "_int4"),
          Map.entry("1009", "_text"),
          Map.entry("1014", "_bpchar"),
          Map.entry("1015", "_varchar"),
          Map.entry("1016", "_int8"),
          Map.entry("1021", "_float4"),
          Map.entry("1022", "_float8"),
          Map.entry("1115", "_timestamp"),
          Map.entry("1182", "_date"),
          Map.entry("1183", "_time"),
          Map.entry("1185", "_timestamptz"),
          Map.entry("1187", "_interval"),
          Map.entry("1231", "_numeric"),
          Map.entry("2951", "_uuid"),
          Map.entry("3807", "_jsonb"),
          Map.entry("16460", "uint2"),
          Map.entry("16462", "uint4"),
          Map.entry("16464", "uint8"),
          Map.entry("16384", "list"),
          Map.entry("16385", "map"),
          Map.entry("16552", "mz_timestamp"));

  private TypeNames() {}

  /**
   * The name of a type.
   *
   * @param oid its number
   * @param name what Materialize calls it, where the number is not known
   */
  static String of(String oid, String name) {
    return NAMES.getOrDefault(oid, name);
  }
}
