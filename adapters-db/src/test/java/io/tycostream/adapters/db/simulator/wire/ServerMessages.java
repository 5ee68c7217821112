package io.tycostream.adapters.db.simulator.wire;

import java.util.List;

/** The forms of what a server says, where they are more than a few bytes. */
final class ServerMessages {

  private ServerMessages() {}

  static void rowDescription(Line line, List<Column> columns, int[] formats) {
    MessageBody body = new MessageBody().int2(columns.size());
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      body.string(column.name())
          .int4(0)
          .int2(0)
          .int4(column.typeOid())
          .int2(column.typeSize())
          .int4(column.typeModifier())
          .int2(format(formats, i));
    }
    line.message('T', body.array());
  }

  /** The format of a column: Bind names none, one for all, or one for each. */
  static int format(int[] formats, int column) {
    if (formats.length == 0) {
      return 0;
    }
    return formats.length == 1 ? formats[0] : formats[column];
  }

  static void error(Line line, Report report) {
    line.message('E', body(report));
  }

  static void notice(Line line, Report report) {
    line.message('N', body(report));
  }

  static void complete(Line line, String tag) {
    line.message('C', new MessageBody().string(tag).array());
  }

  static void ready(Line line, TransactionStatus status) {
    line.message('Z', new byte[] {(byte) status.code()});
  }

  /** A message without a body. */
  static void plain(Line line, char type) {
    line.message(type, new byte[0]);
  }

  private static byte[] body(Report report) {
    MessageBody body =
        new MessageBody()
            .int1('S')
            .string(report.severity().name())
            .int1('V')
            .string(report.severity().name())
            .int1('C')
            .string(report.sqlState())
            .int1('M')
            .string(report.message());
    report.detail().ifPresent(detail -> body.int1('D').string(detail));
    report.hint().ifPresent(hint -> body.int1('H').string(hint));
    return body.int1(0).array();
  }
}
