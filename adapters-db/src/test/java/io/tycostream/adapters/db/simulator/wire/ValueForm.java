package io.tycostream.adapters.db.simulator.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Values in text and, because pgjdbc asks for it once it has prepared a statement, a few types in
 * binary form.
 */
final class ValueForm {

  private ValueForm() {}

  /** A value of a result. */
  static byte[] encode(String value, int typeOid, boolean binary) {
    if (!binary) {
      return value.getBytes(StandardCharsets.UTF_8);
    }
    return switch (typeOid) {
      case Column.BOOL -> new byte[] {(byte) (value.equals("t") ? 1 : 0)};
      case Column.INT2 -> ByteBuffer.allocate(2).putShort(Short.parseShort(value)).array();
      case Column.INT4 -> ByteBuffer.allocate(4).putInt(Integer.parseInt(value)).array();
      case Column.OID -> ByteBuffer.allocate(4).putInt(Integer.parseUnsignedInt(value)).array();
      case Column.INT8 -> ByteBuffer.allocate(8).putLong(Long.parseLong(value)).array();
      case Column.TEXT, Column.VARCHAR -> value.getBytes(StandardCharsets.UTF_8);
      default ->
          throw Report.error("0A000", "no binary form of type " + typeOid + " in this simulator")
              .withHint("prepareThreshold=0 or binaryTransfer=false")
              .refusal();
    };
  }

  /** The text of a parameter. */
  static String decode(byte[] value, int typeOid, boolean binary) {
    if (!binary) {
      return new String(value, StandardCharsets.UTF_8);
    }
    ByteBuffer bytes = ByteBuffer.wrap(value);
    return switch (typeOid) {
      case Column.BOOL -> bytes.get() == 0 ? "f" : "t";
      case Column.INT2 -> Short.toString(bytes.getShort());
      case Column.INT4 -> Integer.toString(bytes.getInt());
      case Column.OID -> Integer.toUnsignedString(bytes.getInt());
      case Column.INT8 -> Long.toString(bytes.getLong());
      case Column.TEXT, Column.VARCHAR -> new String(value, StandardCharsets.UTF_8);
      default ->
          throw Report.error("0A000", "no binary parameter of type " + typeOid + " here").refusal();
    };
  }
}
